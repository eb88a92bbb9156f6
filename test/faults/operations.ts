/**
 * The operations of the fault matrix, each with what it must never lose.
 * Below: src/operations. Above: cells.ts.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Board } from '../../src/board/board';
import { BoardError } from '../../src/core/errors';
import { orCancelled, quietJob, type Job } from '../../src/core/job';
import { getAll, readFile as readBoardFile } from '../../src/micropython/transfer';
import { readTree } from '../../src/micropython/tree';
import { backupFlash } from '../../src/operations/backupFlash';
import { BoardFiles } from '../../src/operations/boardFiles';
import { eraseBoard } from '../../src/operations/erase';
import { flashBoard } from '../../src/operations/flash';
import { getFiles } from '../../src/operations/getFiles';
import { lookAt } from '../../src/operations/look';
import { putFiles, readFolder } from '../../src/operations/put';
import { putFolder } from '../../src/operations/putFolder';
import { runOnBoard } from '../../src/operations/runOnBoard';
import { rulesOf, sync } from '../../src/operations/sync';
import { talk, talkFiles, type FaultBroker } from './talk';

const image = 'dist/firmware/parley-virtual-esp32.bin';
export const firmware = (): { name: string; bytes: Uint8Array } => ({
  name: 'parley-virtual-esp32.bin',
  bytes: new Uint8Array(readFileSync(image)),
});

/** The same bytes in each run. */
function noise(length: number, seed: number): Uint8Array {
  let x = seed;
  return Uint8Array.from({ length }, () => ((x = (x * 1103515245 + 12345) >>> 0) >> 16) & 0xff);
}

/** What is on the board before each operation. */
export const before: Readonly<Record<string, Uint8Array>> = {
  'boot.py': Buffer.from('# starts nothing\n'),
  'keep.bin': noise(6000, 1),
  'old.py': Buffer.from("print('the first version')\n".repeat(50)),
  'lib/x.py': Buffer.from('x = 1\n'),
};
/** What is put there. */
const after: Readonly<Record<string, Uint8Array>> = {
  'old.py': Buffer.from("print('the second version')\n".repeat(200)),
  'new.bin': noise(16_000, 2),
  'lib/y.py': Buffer.from('y = 2\n'),
};
const provisioned = { 'boot.py': Buffer.from("ssid = ''\npassword = ''\n") };
const PASSWORD = 'planted-Zq7-password';
const filledBoot = Buffer.from(`ssid = 'Parley'\npassword = '${PASSWORD}'\n`);

export interface Place {
  /** A folder of this computer, the operation's own. */
  readonly here: string;
  readonly broker: FaultBroker;
  /** The conversation has begun. */
  talking: () => void;
}

export interface Operation {
  readonly name: string;
  /** Whether it goes through the loader, and may leave a board without MicroPython. */
  readonly loader: boolean;
  /** How many seconds it may take at most, whatever happens. */
  readonly limit: number;
  /** Seconds after which a person stops it, where it may take as long as it likes. */
  readonly patience?: number;
  /** As arguments of the command line, where it has it; `BOARD` and `HERE` are filled in. */
  readonly cli?: readonly string[];
  run(board: Board, job: Job, place: Place): Promise<unknown>;
  /** After a run that ended in any way, with the board at its prompt. Throws where a file is lost. */
  check?(board: Board, place: Place, succeeded: boolean): Promise<void>;
}

/** Each file is as before or as it was put, whole; what was not to be touched is as it was. */
async function filesAreWhole(
  board: Board,
  may: Readonly<Record<string, Uint8Array>>,
  options: {
    succeeded: boolean;
    deleted?: readonly string[];
    /** Files in which values are filled in: they may be there instead, a little longer or shorter. */
    filled?: Readonly<Record<string, Uint8Array>>;
  },
): Promise<void> {
  const found = new Map<string, Uint8Array>();
  const job = quietJob();
  await board.withRawRepl('Check', job, async (repl) => {
    const tree = await readTree(repl, job);
    const files = tree.entries.filter(({ kind }) => kind === 'file').map(({ path }) => path);
    await getAll(repl, files, job, async (path, bytes) => void found.set(path.slice(1), bytes));
  });
  const { succeeded, deleted = [], filled = {} } = options;
  for (const [path, bytes] of Object.entries(before)) {
    const now = found.get(path);
    const allowed = [bytes, ...(may[path] ? [may[path]] : [])];
    if (deleted.includes(path) && !now) continue;
    if (now && filled[path] && isFilled(filled[path], now)) continue;
    assert.ok(now, `${path} is gone`);
    const whole = allowed.some((one) => Buffer.compare(one, now) === 0);
    assert.ok(whole, `${path} is neither the old file nor the new one: ${now.length} bytes`);
  }
  for (const [path, bytes] of Object.entries(may)) {
    const now = found.get(path);
    if (succeeded || (now && !before[path])) {
      assert.ok(now && Buffer.compare(bytes, now) === 0, `${path} is not whole`);
    }
  }
  // What a cut transfer leaves under another name is cleared away by the next one.
  for (const [path, bytes] of Object.entries(filled)) {
    const now = found.get(path);
    if (now || succeeded) {
      const old = before[path];
      const whole = now && (isFilled(bytes, now) || (old && Buffer.compare(old, now) === 0));
      assert.ok(whole, `${path} is not whole`);
    }
  }
  const left = [...found.keys()].filter((path) => !before[path] && !may[path] && !filled[path]);
  assert.ok(left.length <= 1, `left behind: ${left.join(', ')}`);
}

/** All lines of `source` are there in their order, but for those with values. */
function isFilled(source: Uint8Array, now: Uint8Array): boolean {
  const lines = (bytes: Uint8Array): string[] => Buffer.from(bytes).toString().split('\n');
  const [wanted, there] = [lines(source), lines(now)];
  const value = /^(ssid|password|mqtt_server|mqtt_port) = /;
  return wanted.length === there.length && wanted.every((l, n) => value.test(l) || l === there[n]);
}

/** Writes the folder that is put. */
async function folderOf(
  place: Place,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<string> {
  const folder = join(place.here, 'put');
  await rm(folder, { recursive: true, force: true });
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}

/** No half file lies in `folder`: each is the board's, whole. */
async function hereIsWhole(folder: string, succeeded: boolean): Promise<void> {
  for (const [path, bytes] of Object.entries(before)) {
    const file = join(folder, path);
    const there = await stat(file).catch(() => undefined);
    if (!there) {
      assert.ok(!succeeded, `${path} was not got`);
      continue;
    }
    assert.ok(Buffer.compare(await readFile(file), bytes) === 0, `${path} here is not whole`);
  }
  const rest = await readdir(folder, { recursive: true }).catch(() => []);
  assert.deepEqual(
    rest.filter((name) => name.endsWith('.parley')),
    [],
    'a half file is left here',
  );
}

const program = "import time\nfor n in range(60):\n  print('line', n)\n  time.sleep_ms(10)\n";

export const operations: readonly Operation[] = [
  {
    name: 'detect',
    loader: true,
    limit: 40,
    run: (board, job) => lookAt(board, job),
  },
  {
    name: 'erase',
    loader: true,
    limit: 60,
    cli: ['erase', 'BOARD', '--yes'],
    run: (board, job) => eraseBoard(board, job),
  },
  {
    name: 'flash',
    loader: true,
    limit: 90,
    cli: ['flash', 'BOARD', image, '--erase'],
    run: (board, job) => flashBoard(board, { ...firmware(), eraseFirst: true }, job),
  },
  {
    name: 'verify',
    loader: true,
    limit: 60,
    run: (board, job) => flashBoard(board, firmware(), job),
  },
  {
    name: 'backup',
    loader: true,
    limit: 90,
    cli: ['backup', 'BOARD', 'HERE/flash.bin', '--force'],
    run: (board, job, { here }) => backupFlash(board, join(here, 'flash.bin'), job),
    check: async (_board, { here }, succeeded) => {
      const file = await stat(join(here, 'flash.bin')).catch(() => undefined);
      assert.ok(file ? file.size === 4 * 1024 * 1024 : !succeeded, 'the backup is not whole');
      await rm(join(here, 'flash.bin'), { force: true });
    },
  },
  {
    name: 'put',
    loader: false,
    limit: 60,
    cli: ['put', 'BOARD', 'HERE/put'],
    run: async (board, job, place) => {
      const files = await readFolder(await folderOf(place, after));
      return board.withRawRepl('Put', job, (repl) => putFiles(repl, files, job));
    },
    check: (board, _place, succeeded) => filesAreWhole(board, after, { succeeded }),
  },
  {
    name: 'get',
    loader: false,
    limit: 60,
    cli: ['get', 'BOARD', '--into', 'HERE/got'],
    run: async (board, job, { here }) => {
      const files = new BoardFiles(board);
      try {
        const into = join(here, 'got');
        await orCancelled(job, files.load());
        return await getFiles(files, { paths: ['/'], from: '/', into }, job);
      } finally {
        files.dispose();
      }
    },
    check: async (board, { here }, succeeded) => {
      await hereIsWhole(join(here, 'got'), succeeded);
      await rm(join(here, 'got'), { recursive: true, force: true });
      await filesAreWhole(board, {}, { succeeded });
    },
  },
  {
    name: 'sync',
    loader: false,
    limit: 60,
    cli: ['sync', 'BOARD', 'HERE/put', '--delete'],
    run: async (board, job, place) => {
      const folder = await folderOf(place, { ...after, 'keep.bin': before['keep.bin']! });
      const local = { files: await readFolder(folder), rules: await rulesOf([folder]) };
      const remove = (): boolean => true;
      return board.withRawRepl('Sync', job, (repl) => sync(repl, local, { remove }, job));
    },
    check: (board, _place, succeeded) =>
      filesAreWhole(board, after, { succeeded, deleted: ['lib/x.py', 'boot.py'] }),
  },
  {
    name: 'provision',
    loader: false,
    limit: 60,
    run: async (board, job, place) => {
      const folder = await folderOf(place, provisioned);
      const values = { ssid: 'Parley', password: PASSWORD };
      return putFolder(board, { folder, values }, job);
    },
    check: (board, _place, succeeded) =>
      filesAreWhole(board, { 'boot.py': filledBoot }, { succeeded }),
  },
  {
    name: 'run',
    loader: false,
    limit: 60,
    // A program may be silent for as long as it likes.
    patience: 10,
    cli: ['run', 'BOARD', 'HERE/program.py'],
    run: async (board, job) => {
      const report = await runOnBoard(board, { source: program, fileName: 'program.py' }, job);
      if (!report.ok)
        throw new BoardError('python-error', 'it raised', { details: { traceback: report.error } });
    },
    check: (board, _place, succeeded) => filesAreWhole(board, {}, { succeeded }),
  },
  {
    name: 'repl',
    loader: false,
    limit: 45,
    run: (board, job) => answerAtPrompt(board, job),
    check: (board, _place, succeeded) => filesAreWhole(board, {}, { succeeded }),
  },
  {
    name: 'reset',
    loader: false,
    limit: 30,
    cli: ['reset', 'BOARD'],
    run: (board, job) => board.reset(job),
    check: (board, _place, succeeded) => filesAreWhole(board, {}, { succeeded }),
  },
  {
    name: 'conversation',
    loader: false,
    limit: 120,
    run: (board, job, place) => talk(board, job, place),
    check: (board, _place, succeeded) => filesAreWhole(board, {}, { succeeded, filled: talkFiles }),
  },
];

/** A person at the console who types again where no answer comes, as persons do. */
async function answerAtPrompt(board: Board, job: Job): Promise<void> {
  const console = await board.openConsole();
  let text = '';
  const listening = board.onConsole((bytes) => (text += Buffer.from(bytes).toString('latin1')));
  try {
    for (let attempt = 0; attempt < 8; attempt++) {
      for (let n = 0; n < 30 && !text.includes('answer 1764'); n++) {
        if (n === 0)
          await console
            .write(Buffer.from("\r\x03print('answer', 42 * 42)\r"))
            .catch(() => undefined);
        await orCancelled(job, new Promise((resolve) => setTimeout(resolve, 50)));
      }
      if (text.includes('answer 1764')) return;
    }
    throw new BoardError('prompt-timeout', 'no answer at the prompt');
  } finally {
    listening.dispose();
    console.dispose();
  }
}

/** Writes what the command line needs. */
export async function prepareHere(place: Place, operation: Operation): Promise<void> {
  await mkdir(place.here, { recursive: true });
  await writeFile(join(place.here, 'program.py'), program);
  const files = operation.name === 'sync' ? { ...after, 'keep.bin': before['keep.bin']! } : after;
  await folderOf(place, files);
}

/** The files that every operation begins with. */
export async function putBefore(board: Board): Promise<void> {
  const job = quietJob();
  const files = Object.entries(before).map(([path, bytes]) => ({ path, bytes }));
  await board.withRawRepl('Prepare', job, async (repl) => {
    const local = { files, rules: [] };
    await sync(repl, local, { remove: () => true }, job);
    await readBoardFile(repl, '/keep.bin', job);
  });
}
