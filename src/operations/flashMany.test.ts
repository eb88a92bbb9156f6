import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Board } from '../board/board';
import { BoardError } from '../core/errors';
import { throwIfCancelled, type Job, type ProgressUpdate } from '../core/job';
import type { FlashOptions, FlashReport } from './flash';
import { boardsAtOnce, failedOf, flashMany, onlyCancelled } from './flashMany';

const boards = (count: number): Board[] =>
  Array.from({ length: count }, (_, i) => ({ name: `m${i}` }) as unknown as Board);
const report = { chip: 'ESP32', offset: 0x1000, writtenBytes: 8 } as FlashReport;
const firmware = { name: 'x.bin', bytes: new Uint8Array(8) };

function watched(): { job: Job; stop: AbortController; said: ProgressUpdate[] } {
  const stop = new AbortController();
  const said: ProgressUpdate[] = [];
  return {
    job: { signal: stop.signal, progress: { report: (update) => said.push(update) } },
    stop,
    said,
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('flashing many boards', () => {
  test('virtual boards share this computer’s cores, real ones do not need them', () => {
    const virtual = boards(2).map((board) => ({ ...board, virtual: true }) as Board);
    assert.equal(boardsAtOnce(boards(30), 2), 8);
    assert.equal(boardsAtOnce([...boards(30), ...virtual], 2), 4);
    assert.equal(boardsAtOnce(virtual, 64), 8);
    assert.equal(boardsAtOnce(virtual, 1), 4);
  });

  test('never more than so many at once, and each has its turn', async () => {
    const { job, said } = watched();
    let now = 0;
    let most = 0;
    const outcomes = await flashMany(
      boards(30),
      {
        ...firmware,
        atOnce: 4,
        flash: async () => {
          most = Math.max(most, ++now);
          await turn();
          now--;
          return report;
        },
      },
      job,
    );
    assert.equal(most, 4);
    assert.deepEqual(
      outcomes.map(({ board }) => board.name),
      boards(30).map(({ name }) => name),
    );
    assert.deepEqual(said.at(-1), {
      message: '30 of 30 flashed',
      doneBytes: 240,
      totalBytes: 240,
    });
  });

  test('one that fails stops none of the others, and is named with its cause', async () => {
    const { job, said } = watched();
    const outcomes = await flashMany(
      boards(3),
      {
        ...firmware,
        atOnce: 2,
        flash: async (board) => {
          await turn();
          if (board.name === 'm1') throw new BoardError('port-lost', 'unplugged');
          return report;
        },
      },
      job,
    );
    const failed = failedOf(outcomes);
    assert.deepEqual(
      failed.map(({ board, error }) => [board.name, (error as BoardError).code]),
      [['m1', 'port-lost']],
    );
    assert.equal(onlyCancelled(outcomes), false);
    assert.equal(said.at(-1)?.message, '2 of 3 flashed, 1 failed');
  });

  test('a loader that failed in the crowd is tried once more at the end, without another erase', async () => {
    const { job, said } = watched();
    const tries: string[] = [];
    const flash = async (board: Board, options: FlashOptions): Promise<FlashReport> => {
      tries.push(`${board.name}${options.eraseFirst ? ' erase' : ''}`);
      await turn();
      const first = tries.filter((name) => name.startsWith(board.name)).length === 1;
      const details = board.name === 'm1' ? { erased: 'yes' } : {};
      if (['m1', 'm2'].includes(board.name) && first) {
        throw new BoardError('bootloader-failed', 'no answer', { details });
      }
      return report;
    };
    const options = { ...firmware, eraseFirst: true, atOnce: 3, flash };
    const outcomes = await flashMany(boards(4), options, job);
    assert.deepEqual(failedOf(outcomes), []);
    assert.deepEqual(tries.slice(0, 4).sort(), ['m0 erase', 'm1 erase', 'm2 erase', 'm3 erase']);
    assert.deepEqual(tries.slice(4).sort(), ['m1', 'm2 erase']);
    assert.equal(said.at(-1)?.message, '4 of 4 flashed');
  });

  test('where most fail, or one fails again, it is told', async () => {
    const { job } = watched();
    let tries = 0;
    const silent = (names: readonly string[]) => async (board: Board) => {
      tries++;
      await turn();
      if (names.includes(board.name)) throw new BoardError('no-bootloader', 'silent');
      return report;
    };
    const most = { ...firmware, flash: silent(['m0', 'm1']) };
    assert.equal(failedOf(await flashMany(boards(3), most, job)).length, 2);
    assert.equal(tries, 3);
    tries = 0;
    const one = { ...firmware, flash: silent(['m0']) };
    assert.equal(failedOf(await flashMany(boards(3), one, job)).length, 1);
    assert.equal(tries, 4);
  });

  test('cancelled: those at work end, those waiting are not begun', async () => {
    const { job, stop } = watched();
    const begun: string[] = [];
    const outcomes = await flashMany(
      boards(5),
      {
        ...firmware,
        atOnce: 2,
        flash: async (board, _firmware, own) => {
          throwIfCancelled(own);
          begun.push(board.name);
          await turn();
          if (begun.length === 2) stop.abort();
          throwIfCancelled(own);
          return report;
        },
      },
      job,
    );
    assert.deepEqual(begun, ['m0', 'm1']);
    assert.equal(failedOf(outcomes).length, 5);
    assert.equal(onlyCancelled(outcomes), true);
  });

  test('bytes of an erase do not count as written, and each board’s steps are told apart', async () => {
    const { job, said } = watched();
    const lines: string[] = [];
    await flashMany(
      boards(1),
      {
        ...firmware,
        onBoard: (board, update) => lines.push(`${board.name} ${update?.message ?? 'over'}`),
        flash: (_board, _firmware, own) => {
          own.progress.report({ message: 'Erasing', doneBytes: 4 << 20, totalBytes: 4 << 20 });
          own.progress.report({ message: 'Writing', doneBytes: 4, totalBytes: 8 });
          return Promise.resolve(report);
        },
      },
      job,
    );
    assert.deepEqual(lines, ['m0 Erasing', 'm0 Writing', 'm0 over']);
    assert.deepEqual(
      said.map(({ doneBytes }) => doneBytes),
      [0, 4, 8],
    );
  });
});
