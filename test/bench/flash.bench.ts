/**
 * Flash, flash again, erase, detect and back up against what the line can carry, on a virtual board
 * paced as a real one; and what it costs the process that does it, which is the extension host's
 * part: processor time, memory, and how late a 20 ms timer comes.
 * 10 bits go over the line for a byte: 460800 baud carries 46,080 bytes a second.
 * Below: esp. Above: `npm run bench`.
 */
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { deflateSync } from 'node:zlib';
import { quietJob } from '../../src/core/job';
import { Bootloader, type WriteResult } from '../../src/esp/flasher';
import { withBoard, type LoaderBoard } from '../integration/flashSupport';

const BAUD = 460_800;
const IMAGE_BYTES = 1_700_000;
/** Share of noise in the made image; assumed, not taken from a release. What zlib makes of it is printed. */
const ENTROPY = 0.66;
const OFFSET = 0x1000;
const TICK_MS = 20;
const GOAL = 1.1;
const SLIP_GOAL_MS = 50;
const RUNS = 3;

/** Noise and repetition in turn, a few dozen bytes each; the same at every run. */
function makeImage(): Uint8Array {
  const bytes = new Uint8Array(IMAGE_BYTES);
  let state = 0x2545f491;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let at = 0; at < bytes.length;) {
    const noise = Math.min(32 + (next() % 64), bytes.length - at);
    for (let i = 0; i < noise; i++) bytes[at++] = next() >>> 24;
    const copy = Math.min(Math.round((noise * (1 - ENTROPY)) / ENTROPY), bytes.length - at);
    bytes.copyWithin(at, Math.max(0, at - copy - (next() % 2000)), at);
    at += copy;
  }
  bytes[0] = 0xe9;
  return bytes;
}

interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** How much later than asked the latest tick of a 20 ms timer came, ms. */
  readonly slipMs: number;
  /** The same of a thread that does nothing else meanwhile: what this computer is to blame for. */
  readonly idleSlipMs: number;
  /** Most processor time of this process, all its threads, between two ticks: none blocks longer, ms. */
  readonly workMs: number;
  /** Most memory of the process over what it had before, bytes. */
  readonly memoryBytes: number;
}

/** A thread with nothing but the same timer. `stop` ends it and tells its latest tick, ms. */
function idleTimer(): { stop(): Promise<number> } {
  const code = `
    const { parentPort } = require('node:worker_threads');
    let last = performance.now(), slip = 0;
    setInterval(() => {
      const now = performance.now();
      slip = Math.max(slip, now - last - ${TICK_MS});
      last = now;
    }, ${TICK_MS});
    parentPort.on('message', () => parentPort.postMessage(slip));`;
  const worker = new Worker(code, { eval: true });
  return {
    stop: async () => {
      const slip = new Promise<number>((resolve) => worker.once('message', resolve));
      worker.postMessage('');
      const latest = await slip;
      await worker.terminate();
      return latest;
    },
  };
}

async function measured<T>(work: () => Promise<T>): Promise<Cost & { result: T }> {
  const idle = idleTimer();
  await new Promise((resolve) => setTimeout(resolve, 200));
  global.gc?.();
  const before = process.memoryUsage().rss;
  const cpu = process.cpuUsage();
  const start = performance.now();
  let [last, slipMs, memory, workMs] = [start, 0, before, 0];
  let lastWork = process.cpuUsage();
  const timer = setInterval(() => {
    const now = performance.now();
    slipMs = Math.max(slipMs, now - last - TICK_MS);
    last = now;
    const work = process.cpuUsage(lastWork);
    lastWork = process.cpuUsage();
    workMs = Math.max(workMs, (work.user + work.system) / 1000);
    memory = Math.max(memory, process.memoryUsage.rss());
  }, TICK_MS);
  const result = await work();
  clearInterval(timer);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const idleSlipMs = await idle.stop();
  return {
    result,
    idleSlipMs,
    workMs,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    slipMs,
    memoryBytes: memory - before,
  };
}

const lineSeconds = (bytes: number): number => (bytes * 10) / BAUD;

function say(what: string, ...values: string[]): void {
  console.log(`  ${what.padEnd(34)} ${values.join('   ')}`);
}

function goal(value: number, limit: number, digits = 2): string {
  const verdict = value <= limit ? 'within' : 'BEYOND';
  return `${value.toFixed(digits)} (goal ${limit.toFixed(digits)}: ${verdict})`;
}

function sayFlash(what: string, { result, ...cost }: Cost & { result: WriteResult }): void {
  const line = lineSeconds(result.compressedBytes);
  say(what, `${cost.seconds.toFixed(2)} s`, `${goal(cost.seconds / line, GOAL, 3)} of the line`);
  const perMb = cost.cpuSeconds / (result.writtenBytes / 1e6);
  say('  what it costs', `${perMb.toFixed(2)} CPU s/MB`, `${mb(cost.memoryBytes)} more memory`);
  const idle = `an idle thread's meanwhile ${cost.idleSlipMs.toFixed(0)} ms`;
  say('  20 ms timer, latest', `${goal(cost.slipMs, SLIP_GOAL_MS, 0)} ms`, idle);
  say('  most work between two ticks', `${goal(cost.workMs, SLIP_GOAL_MS, 0)} ms of CPU`);
}

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

async function bench(board: LoaderBoard): Promise<void> {
  const job = quietJob();
  const image = makeImage();
  const whole = deflateSync(image, { level: 9 }).length;
  say(
    'image',
    mb(image.length),
    `${mb(whole)} compressed, ${lineSeconds(whole).toFixed(2)} s of line`,
  );

  const detect = await measured(() => Bootloader.enter(board.port, { baudRate: BAUD }, job));
  const loader = detect.result;
  say('detect: reset to facts and stub', `${detect.seconds.toFixed(2)} s`);
  for (let run = 1; run <= RUNS; run++) {
    const flash = await measured(() => loader.writeFlash(image, OFFSET, job));
    sayFlash(`flash, run ${run}`, flash);
    const overWhole = (flash.result.compressedBytes / whole - 1) * 100;
    say('  bytes over one zlib stream', `${overWhole.toFixed(2)} %`);
    if (run === RUNS) break;
    await loader.eraseFlash(job);
  }
  const same = await measured(() => loader.writeFlash(image, OFFSET, job));
  say('flash the same again', `${same.seconds.toFixed(2)} s`, `${same.result.writtenBytes} bytes`);
  const other = Uint8Array.from(image);
  other[900_000]! ^= 1;
  const part = await measured(() => loader.writeFlash(other, OFFSET, job));
  say(
    'flash with one byte changed',
    `${part.seconds.toFixed(2)} s`,
    `${part.result.writtenBytes} bytes`,
  );
  const size = loader.facts.flashSizeBytes ?? 0;
  const read = await measured(() => loader.readFlash(0, size, job));
  const used = image.length;
  const share = lineSeconds(used) / read.seconds;
  say(
    'back up 4 MiB, 1.7 MB used',
    `${read.seconds.toFixed(2)} s`,
    `${share.toFixed(2)} of the line`,
  );
  const erase = await measured(() => loader.eraseFlash(job));
  say('erase', `${erase.seconds.toFixed(2)} s (a virtual chip erases at once)`);
  await loader.leave();
}

withBoard([], bench).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
