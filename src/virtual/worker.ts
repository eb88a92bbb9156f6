/**
 * The thread a virtual board's MicroPython lives in. It blocks as a chip does, and holds nothing of this
 * computer but its port to the owner.
 * Below: vmBoard.ts. Above: runtime.ts starts it and ends it.
 */
import { workerData, type MessagePort } from 'node:worker_threads';
import type { Region } from './fileStore';
import { VmBoard } from './vmBoard';
import { VmLine } from './vmLine';
import { CONTROL, FILES_OFFSET, NVS_OFFSET, type FromWorker, type WorkerStart } from './vmProtocol';

/**
 * Takes from this thread what could do harm should a program ever run JavaScript in it, which nothing
 * offers: no files, no network, no process, no code from text.
 */
function disarm(): void {
  const scope = globalThis as unknown as Record<string, unknown>;
  for (const name of ['process', 'fetch', 'WebSocket', 'EventSource', 'navigator', 'crypto'])
    delete scope[name];
  // Code from text, by whatever object's constructor it is asked for.
  for (const sample of [() => 0, async () => 0, function* () {}, async function* () {}])
    Object.defineProperty(Object.getPrototypeOf(sample), 'constructor', { value: undefined });
  delete scope.Function;
  delete scope.eval;
}

const SECTOR = 4096;

/** A partition in this thread's copy, each change told to the owner, who has the flash. */
function partition(
  buffer: SharedArrayBuffer,
  control: Int32Array,
  base: number,
  post: (message: FromWorker) => void,
): Region {
  const held = new Uint8Array(buffer);
  const never = new Int32Array(new SharedArrayBuffer(4));
  const take = (bytes: number): void => {
    const ms = Atomics.load(control, CONTROL.flashDelay) * Math.ceil(bytes / SECTOR);
    if (ms > 0) Atomics.wait(never, 0, 0, ms);
  };
  return {
    size: held.length,
    read: (offset, length) => held.subarray(offset, offset + length),
    program: (offset, bytes) => {
      for (let n = 0; n < bytes.length; n++) held[offset + n]! &= bytes[n]!;
      post({ type: 'program', offset: base + offset, bytes: Uint8Array.from(bytes) });
      take(bytes.length);
    },
    erase: (offset, length) => {
      held.fill(0xff, offset, offset + length);
      post({ type: 'erase', offset: base + offset, length });
      take(length);
    },
  };
}

function main(): void {
  const { start, port } = workerData as { start: WorkerStart; port: MessagePort };
  const line = new VmLine(port, start.control, start.ring);
  const post = (message: FromWorker): void => line.post(message);
  const control = new Int32Array(start.control);
  disarm();
  try {
    const files = partition(start.files, control, FILES_OFFSET, post);
    const board = new VmBoard(start, line, files, partition(start.nvs, control, NVS_OFFSET, post));
    board.run(() => post({ type: 'ready' }));
  } catch (error) {
    // The VM itself went wrong: what a chip calls a panic, and it starts again after one.
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
      const reason = error instanceof RangeError ? 'Stack overflow' : 'LoadProhibited';
      const text = `\r\nGuru Meditation Error: Core  0 panic'ed (${reason}). Exception was unhandled.\r\nRebooting...\r\n`;
      line.write(Buffer.from(text));
      post({ type: 'reset', cause: 'software' });
      line.halt();
    }
    post({
      type: 'failure',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}

main();
