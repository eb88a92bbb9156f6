/**
 * Stop on boards that do not want to: a boot.py that loops for ever, one that catches Ctrl-C for ever,
 * one that shuts Ctrl-C out, one that floods. Nobody is locked out, and no file is lost.
 * Below: support.ts.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Board } from '../../src/board/board';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import { ls, remove } from '../../src/micropython/filesystem';
import { putFile } from '../../src/micropython/transfer';
import { runOnBoard } from '../../src/operations/runOnBoard';
import { stopBoard, type StopReport } from '../../src/operations/stop';
import {
  boardOn,
  notBuilt,
  startVirtualBoard,
  withVirtualBoard,
  type VirtualBoard,
  type VirtualBoardOptions,
} from './support';

const job = quietJob();

/** A board on a line of 115200 baud, as a real one: a flood of it is 11 KB a second. */
async function withLine(
  options: VirtualBoardOptions,
  body: (board: VirtualBoard) => Promise<void>,
): Promise<void> {
  const fast = await startVirtualBoard(options);
  await fast.stop({ state: true });
  const board = await startVirtualBoard({ ...options, unpaced: false }, fast.state);
  try {
    await body(board);
  } finally {
    await board.stop();
  }
}

/** Puts `files` and presses EN; resolves once the board has printed `says`. */
async function startWith(
  virtual: VirtualBoard,
  files: Record<string, string>,
  says: RegExp,
): Promise<Board> {
  const board = boardOn(virtual);
  await board.withRawRepl('Put', job, async (repl) => {
    for (const [path, source] of Object.entries(files)) {
      await putFile(repl, path, Buffer.from(source), job);
    }
  });
  const from = virtual.printed().length;
  await board.reset(job);
  await virtual.prints(says, 20_000, from);
  return board;
}

/** The prompt answers, and every file is still there. */
async function isFree(board: Board, files: readonly string[]): Promise<void> {
  await board.withRawRepl('Look', job, async (repl) => {
    assert.equal(await repl.exec('print(6 * 7)', job), '42\r\n');
    const names = (await ls(repl, '/', job)).map(({ name }) => name);
    for (const file of files) assert.ok(names.includes(file), `${file} in ${names.join()}`);
  });
}

/** Programs, and which way of stopping may be needed for them. */
const stubborn: readonly (readonly [
  what: string,
  source: string,
  by: readonly StopReport['by'][],
])[] = [
  ['loops for ever', "print('boot')\nwhile True: pass\n", ['Ctrl-C']],
  [
    'catches Ctrl-C for ever',
    "import time\nprint('boot')\nwhile True:\n try:\n  time.sleep(1)\n except KeyboardInterrupt:\n  print('no')\n",
    ['Ctrl-C', 'EN'],
  ],
  ['floods', "print('boot')\nwhile True: print('flood ' * 20)\n", ['Ctrl-C']],
  [
    'floods and catches everything',
    "print('boot')\nwhile True:\n try:\n  while True: print('flood ' * 20)\n except: pass\n",
    ['Ctrl-C', 'EN'],
  ],
];

for (const firmwareVersion of ['1.27', '1.13'] as const) {
  test(
    `Stop on ${firmwareVersion} frees the prompt of a program that`,
    { skip: notBuilt, timeout: 240_000 },
    async (t) => {
      await withLine({ firmwareVersion }, async (virtual) => {
        for (const file of ['boot.py', 'main.py']) {
          for (const [what, source, by] of stubborn) {
            await t.test(`${what} (${file})`, async () => {
              const board = await startWith(virtual, { [`/${file}`]: source }, /boot\r\n/);
              const report = await stopBoard(board, job);
              assert.ok(by.includes(report.by), report.by);
              await isFree(board, [file]);
              await board.withRawRepl('Clean', job, (repl) => remove(repl, `/${file}`, job));
            });
          }
        }
      });
    },
  );

  test(
    `a boot.py that shuts Ctrl-C out is stopped through EN, by name (${firmwareVersion})`,
    { skip: notBuilt, timeout: 120_000 },
    async () => {
      await withVirtualBoard({ firmwareVersion }, async (virtual) => {
        const boot =
          "import time\ntime.sleep_ms(50)\nimport micropython\nmicropython.kbd_intr(-1)\nprint('boot')\nwhile True: pass\n";
        const files = { '/main.py': 'print("main")\n', '/boot.py': boot };
        const board = await startWith(virtual, files, /boot\r\n/);
        const notes: string[] = [];
        board.onConsoleNote((note) => notes.push(note));
        const report = await stopBoard(board, job);
        assert.equal(report.by, 'EN');
        assert.deepEqual(report.startsAgain, ['boot.py', 'main.py']);
        assert.match(notes.join('\n'), /does not stop on Ctrl-C; pressing EN/);
        await isFree(board, ['boot.py', 'main.py']);
      });
    },
  );
}

describe('Stop', { skip: notBuilt, timeout: 120_000 }, () => {
  test('stops what Run started even where it shuts Ctrl-C out', async () => {
    await withVirtualBoard({}, async (virtual) => {
      const board = boardOn(virtual);
      const abort = new AbortController();
      board.onConsole((bytes) => {
        if (Buffer.from(bytes).includes('go')) abort.abort();
      });
      const source =
        "import micropython\nmicropython.kbd_intr(-1)\nprint('go')\nwhile True: pass\n";
      const options = { source, fileName: 'x.py' };
      await assert.rejects(runOnBoard(board, options, quietJob(abort.signal)), (error) =>
        isBoardError(error, 'cancelled'),
      );
      await isFree(board, []);
    });
  });

  test('ends at its one deadline, whatever the board does', async () => {
    await withVirtualBoard({}, async (virtual) => {
      // Shut out before anything can be hit: no way in but erasing.
      const boot =
        "import micropython\nmicropython.kbd_intr(-1)\nprint('boot')\nwhile True: print('x' * 500)\n";
      const board = await startWith(virtual, { '/boot.py': boot }, /boot\r\n/);
      const start = performance.now();
      const outcome = await stopBoard(board, job, { deadlineMs: 9000 }).catch((e: unknown) => e);
      const took = performance.now() - start;
      assert.ok(took < 9000 + 4000, `${Math.round(took)} ms`);
      // Where a Ctrl-C hit the first line it was stopped; else it is said.
      if (outcome instanceof Error)
        assert.ok(isBoardError(outcome, 'prompt-timeout'), String(outcome));
      else assert.equal((outcome as StopReport).by, 'EN');
      assert.equal(board.status === 'busy', false);
    });
  });

  test('can be cancelled in the middle', async () => {
    await withVirtualBoard({}, async (virtual) => {
      const boot =
        "import micropython\nmicropython.kbd_intr(-1)\nprint('boot')\nwhile True: pass\n";
      const board = await startWith(virtual, { '/boot.py': boot }, /boot\r\n/);
      const abort = new AbortController();
      board.onConsoleNote(() => abort.abort());
      await assert.rejects(stopBoard(board, quietJob(abort.signal)), (error) =>
        isBoardError(error, 'cancelled'),
      );
      assert.equal(board.busyWith, undefined);
    });
  });

  test('a blank board is no program', async () => {
    await withVirtualBoard({ flashed: false }, async (virtual) => {
      await assert.rejects(stopBoard(boardOn(virtual), job), (error) =>
        isBoardError(error, 'no-micropython'),
      );
    });
  });
});
