/**
 * Who a board is, in one round trip.
 * Below: boardCode.ts. Above: the board learns its identity from it.
 */
import type { Job } from '../core/job';
import { ask } from './boardCode';
import type { RawRepl } from './rawRepl';

export interface BoardInfo {
  /** "1.27.0" */
  readonly version: string;
  /** What the firmware calls the hardware: "Generic ESP32 module with ESP32". */
  readonly machine: string;
  /** `sys.platform`: "esp32". */
  readonly platform: string;
  /** `machine.unique_id()` in lower-case hex; on an ESP32 its MAC, 12 digits. '' where unknown. */
  readonly uniqueId: string;
  /** Of the file system at `/`; 0 where it does not tell. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

const code = `
import sys
O=M('os')
try:
 u=O.uname()
 v=u[2]
 m=u[4]
except AttributeError:
 v='.'.join(str(x) for x in sys.implementation[1][:3])
 m=''
try:
 import machine
 i=''.join('%02x'%x for x in machine.unique_id())
except Exception:
 i=''
try:
 s=O.statvfs('/')
 s=[s[1]*s[3],s[1]*s[2]]
except Exception:
 s=[0,0]
say([v,m,sys.platform,i]+s)
`;

/** @throws BoardError as {@link RawRepl.exec}; port-failed when the answer is damaged */
export async function readBoardInfo(repl: RawRepl, job: Job): Promise<BoardInfo> {
  const [answer] = await ask(repl, code, job);
  const fields = Array.isArray(answer) ? (answer as unknown[]) : [];
  const text = (index: number): string => String(fields[index] ?? '');
  const bytes = (index: number): number => Number(fields[index] ?? 0);
  return {
    version: text(0),
    machine: text(1),
    platform: text(2),
    uniqueId: text(3),
    freeBytes: bytes(4),
    totalBytes: bytes(5),
  };
}
