/**
 * Raw-paste mode: code with flow control, compiled as it comes (MicroPython reference, "REPL", 1.14).
 * Below: vmLine.ts. Above: vmBoard.ts, which sees the request (Ctrl-E A Ctrl-A) in the raw prompt.
 */
import type { PythonError } from './vmEngine';
import type { VmLine } from './vmLine';

/** Bytes the host may send beyond what was acknowledged; the ESP32 port's figure. */
const WINDOW = 128;

/** Takes the code, runs it, answers; 'exit' when it raised SystemExit. */
export function rawPaste(
  line: VmLine,
  run: (source: string) => PythonError | undefined,
): 'done' | 'exit' {
  const put = (...bytes: number[]): void => line.write(Uint8Array.from(bytes));
  put(0x52, 0x01, WINDOW & 0xff, WINDOW >> 8, 0x01);
  const source: number[] = [];
  for (let left = WINDOW; ;) {
    line.waitFor(() => line.available > 0);
    const byte = line.next();
    if (byte < 0) continue;
    if (byte === 3) {
      put(0x04, 0x04, 0x04, 0x3e);
      return 'done';
    }
    if (byte === 4) break;
    source.push(byte);
    if (--left === 0) {
      put(0x01);
      left = WINDOW;
    }
  }
  put(0x04);
  const error = run(Buffer.from(source).toString('utf8'));
  put(0x04);
  if (error && error.type !== 'SystemExit') line.print(Buffer.from(error.text));
  put(0x04);
  if (error?.type === 'SystemExit') return 'exit';
  put(0x3e);
  return 'done';
}
