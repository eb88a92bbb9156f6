/**
 * All that is on a board's file system, in one round trip.
 * Below: boardCode.ts. Above: boardFiles.ts, sync and the backup.
 */
import type { Job } from '../core/job';
import { ask } from './boardCode';
import type { RawRepl } from './rawRepl';

export interface TreeEntry {
  /** Absolute: "/lib/x.py". */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** Bytes; 0 for a folder. */
  readonly size: number;
  /** As the board says it, in seconds of its own epoch; 0 where it has no clock. */
  readonly modified: number;
}

export interface Tree {
  /** Every folder before what is in it; the root itself is left out. */
  readonly entries: readonly TreeEntry[];
  /** Bytes of the file system at `/`; 0 where it does not tell. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Names are listed before the folder is left, so that no handle stays open on the way down. */
const code = `
O=M('os')
def w(p):
 for n in sorted([e[0] for e in O.ilistdir(p or '/')]):
  q=p+'/'+n
  try:
   s=O.stat(q)
  except OSError:
   continue
  d=1 if s[0]&0x4000 else 0
  say([q,d,0 if d else s[6],s[8]])
  if d:
   w(q)
w('')
try:
 s=O.statvfs('/')
 say([s[1]*s[3],s[1]*s[2]])
except Exception:
 say([0,0])
`;

/** @throws BoardError as {@link RawRepl.exec}; port-failed when the answer is damaged */
export async function readTree(repl: RawRepl, job: Job): Promise<Tree> {
  const limits = { timeoutMs: Infinity, idleMs: 20_000 };
  const rows = (await ask(repl, code, job, limits)) as (string | number)[][];
  const [freeBytes = 0, totalBytes = 0] = (rows.pop() ?? []) as number[];
  const entries = rows.map(([path = '', folder, size = 0, modified = 0]): TreeEntry => {
    const kind = folder ? 'folder' : 'file';
    return { path: String(path), kind, size: Number(size), modified: Number(modified) };
  });
  return { entries, freeBytes, totalBytes };
}
