/**
 * Run on a virtual board as the commands do it: output as it comes, values, tracebacks that count
 * as the file does, input for the program. Below: support.ts.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Board } from '../../src/board/board';
import { quietJob } from '../../src/core/job';
import { runOnBoard, type RunReport } from '../../src/operations/runOnBoard';
import { boardOn, notBuilt, withVirtualBoard } from './support';

const fileName = 'x.py';

/** What the board's console shows while `source` runs. */
async function output(
  board: Board,
  source: string,
  more: { showValue?: boolean } = {},
): Promise<RunReport & { said: string }> {
  let said = '';
  const subscription = board.onConsole((bytes) => (said += Buffer.from(bytes).toString()));
  try {
    const report = await runOnBoard(board, { source, fileName, ...more }, quietJob());
    return { ...report, said };
  } finally {
    subscription.dispose();
  }
}

for (const firmwareVersion of ['1.27', '1.13'] as const) {
  describe(`Run on ${firmwareVersion}`, { skip: notBuilt, timeout: 120_000 }, () => {
    test('shows a value as the prompt does, and runs what is no expression', async () => {
      await withVirtualBoard({ firmwareVersion }, async (virtual) => {
        const board = boardOn(virtual);
        const value = { showValue: true };
        assert.equal((await output(board, '\n\n6 * 7\n', value)).said, '42\r\n');
        assert.equal((await output(board, 'None', value)).said, '');
        assert.equal((await output(board, "'a\\n'", value)).said, "'a\\n'\r\n");
        assert.equal((await output(board, "print('ž')", value)).said, 'ž\r\n');
        assert.equal((await output(board, 'a = 1; print(a)', value)).said, '1\r\n');
        const failed = await output(board, '\n\n\n1 / 0\n', value);
        assert.equal(failed.ok, false);
        assert.match(failed.error ?? '', /File "x\.py", line 4, in <module>/);
        assert.match(failed.said, /ZeroDivisionError: [^\r\n]+(\r\n)?$/);
        // A SyntaxError of the called function is no reason to run it twice.
        const twice = "def f():\n print('once')\n exec('x =')\n";
        await output(board, twice);
        const said = (await output(board, 'f()', value)).said;
        assert.equal(said.split('once').length, 2, said);
      });
    });

    test('output comes as it is printed, not at the end', async () => {
      await withVirtualBoard({ firmwareVersion }, async (virtual) => {
        const board = boardOn(virtual);
        const abort = new AbortController();
        const seen: string[] = [];
        board.onConsole((bytes) => {
          seen.push(Buffer.from(bytes).toString());
          if (seen.join('').includes('tick 2')) abort.abort();
        });
        const source =
          'import time\nn = 0\nwhile True:\n n += 1\n print("tick", n)\n time.sleep_ms(50)\n';
        const work = runOnBoard(board, { source, fileName }, quietJob(abort.signal));
        await assert.rejects(work, /cancelled/);
      });
    });
  });
}
