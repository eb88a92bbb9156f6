/**
 * Files and the prompt against what the line can carry, on a virtual board paced as a real one:
 * 115200 baud is 11,520 bytes a second. A ratio of 1.00 is the line itself; above it, deflate pays.
 * Below: micropython, operations. Above: `npm run bench -- files`.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { quietJob } from '../../src/core/job';
import { ls } from '../../src/micropython/filesystem';
import { RawRepl } from '../../src/micropython/rawRepl';
import { getAll, putFile, readFile } from '../../src/micropython/transfer';
import type { Port } from '../../src/port/port';
import { readTree } from '../../src/micropython/tree';
import { putFiles, type BoardFile } from '../../src/operations/put';
import { sync } from '../../src/operations/sync';
import { startVirtualBoard, withPrompt } from '../integration/support';

const LINE = 11_520;
const job = quietJob();

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** A line of the table; `goal` is the ratio asked for. */
function ratio(what: string, bytes: number, time: number, goal?: number): void {
  const share = bytes / time / LINE;
  const verdict = goal === undefined ? '' : share >= goal ? `  goal ${goal}` : `  MISSES ${goal}`;
  const shown = `${share.toFixed(2)} of the line`.padStart(18);
  console.log(`  ${what.padEnd(46)} ${shown}  ${time.toFixed(2).padStart(6)} s${verdict}`);
}

function time(what: string, ms: number, note: string): void {
  console.log(`  ${what.padEnd(46)} ${`${ms.toFixed(1)} ms`.padStart(18)}  ${note}`);
}

/** Every Python file of the firmware, one after the other: what people write, comments and all. */
function pythonSource(): Uint8Array {
  const names = readdirSync('firmware', { recursive: true, encoding: 'utf8' }).sort();
  const sources = names.filter((name) => name.endsWith('.py'));
  return new Uint8Array(Buffer.concat(sources.map((name) => readFileSync(join('firmware', name)))));
}

/** The same at 460800 baud; the ratio is still that of 115200. Refused: the board could not keep up. */
async function atFasterLine(port: Port): Promise<void> {
  const noise = new Uint8Array(randomBytes(100 * 1024));
  let refusals = 0;
  const faster = { baudRate: 460_800, refused: () => void refusals++ };
  const repl = await RawRepl.enter(
    port,
    { faster: () => (refusals < 2 ? faster : undefined) },
    job,
  );
  const put = await seconds(() => putFile(repl, '/noise2.bin', noise, job));
  ratio(`put 100 KiB at 460800 baud, refused ${refusals} times`, noise.length, put);
  refusals = 0;
  const keep = (): void => undefined;
  const get = await seconds(() => getAll(repl, ['/noise2.bin'], job, keep, keep, noise.length));
  ratio(`get them back at 460800 baud, refused ${refusals} times`, noise.length, get);
  await repl.leave();
}

async function measure(repl: RawRepl, heard: () => number): Promise<void> {
  /** How full the line back is while the board answers: 1.00 is a board that never pauses. */
  const answer = async (
    what: string,
    work: () => Promise<unknown>,
    files: number,
  ): Promise<void> => {
    const before = heard();
    const took = await seconds(work);
    ratio(what, heard() - before, took);
    time('  for each file', (took * 1000) / files, `${heard() - before} bytes back`);
  };

  const noise = new Uint8Array(randomBytes(100 * 1024));
  const put = await seconds(() => putFile(repl, '/noise.bin', noise, job));
  ratio('put 100 KiB of random bytes, checked', noise.length, put, 0.9);
  const get = await seconds(() => readFile(repl, '/noise.bin', job));
  ratio('get them back', noise.length, get, 0.9);

  const source = pythonSource();
  const text = await seconds(() => putFile(repl, '/source.py', source, job));
  ratio(
    `put ${Math.round(source.length / 1024)} KiB of Python source, checked`,
    source.length,
    text,
    2,
  );

  const tree = Array.from({ length: 200 }, (_, n): BoardFile => {
    return { path: `tree/${n % 10}/file${n}.py`, bytes: source.subarray(n * 300, n * 300 + 300) };
  });
  const bytes = tree.reduce((sum, file) => sum + file.bytes.length, 0);
  const many = await seconds(() => putFiles(repl, tree, job));
  ratio('put 200 small files in a tree', bytes, many);
  time('  for each file', (many * 1000) / tree.length, '');
  const again = await seconds(() => putFiles(repl, tree, job));
  time('put them again, unchanged', again * 1000, `${(many / again).toFixed(0)} times as fast`);
  const local = { files: tree, rules: [] };
  const same = await seconds(() => sync(repl, local, {}, job));
  ratio('sync them, unchanged: bytes not sent', bytes, same);
  await answer('sync them, unchanged: the answer', () => sync(repl, local, {}, job), tree.length);
  const changed = {
    ...local,
    files: tree.map((file, n) => (n === 7 ? { ...file, bytes: noise.subarray(0, 300) } : file)),
  };
  const one = await seconds(() => sync(repl, changed, {}, job));
  time(
    'sync with one of them changed',
    one * 1000,
    `${((one - same) * 1000).toFixed(0)} ms for the one`,
  );
  const paths = tree.map(({ path }) => `/${path}`);
  const back = await seconds(() => getAll(repl, paths, job, () => undefined));
  ratio('get the 200 files', bytes, back);

  await repl.exec(
    "import os\nos.mkdir('/many')\nfor i in range(500):\n open('/many/%d'%i,'w').close()",
    job,
  );
  await answer('ls of 500 files', () => ls(repl, '/many', job), 500);
  await answer('the whole tree, 700 files', () => readTree(repl, job), 700);

  const prompt: number[] = [];
  for (let n = 0; n < 20; n++) prompt.push((await seconds(() => repl.exec('1', job))) * 1000);
  prompt.sort((a, b) => a - b);
  // Out: Ctrl-E A Ctrl-A, 1, Ctrl-D. Back: R 01 80 00 01, 04, 04, 04, >. 14 bytes on the wire.
  const floor = (14 / LINE) * 1000;
  const median = prompt[10] ?? 0;
  time(
    'prompt: a line and its answer, median of 20',
    median,
    `${(median / floor).toFixed(1)} times the bytes on the line`,
  );
}

async function main(): Promise<void> {
  const board = await startVirtualBoard({ unpaced: false });
  let heard = 0;
  board.port.onData((bytes) => (heard += bytes.length));
  try {
    await withPrompt(board, (repl) => measure(repl, () => heard));
    await atFasterLine(board.port);
  } finally {
    await board.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
