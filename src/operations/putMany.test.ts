import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Board } from '../board/board';
import { BoardError } from '../core/errors';
import { quietJob } from '../core/job';
import type { PutFolderOptions, PutFolderReport } from './putFolder';
import { putMany } from './putMany';

const report = { sent: ['main.py'] } as unknown as PutFolderReport;
const boards = Array.from({ length: 12 }, (_, i) => ({ name: `pupil${i + 1}` }) as Board);
const wanted = new Map(boards.map((board) => [board, { folder: '/lesson' } as PutFolderOptions]));

test('each board gets its folder, a few at a time; one that fails stops none of the others', async () => {
  let now = 0;
  let most = 0;
  const said: string[] = [];
  const job = {
    ...quietJob(),
    progress: { report: (u: { message?: string }) => void said.push(u.message ?? '') },
  };
  const outcomes = await putMany(wanted, job, async (board) => {
    most = Math.max(most, ++now);
    await Promise.resolve();
    now--;
    if (board.name === 'pupil3') throw new BoardError('disk-full', 'm');
    return report;
  });
  assert.deepEqual(
    outcomes.map(({ board }) => board.name),
    boards.map(({ name }) => name),
  );
  assert.deepEqual(
    outcomes.filter(({ error }) => error).map(({ board }) => board.name),
    ['pupil3'],
  );
  assert.ok(most > 1 && most <= 8, `${most} at once`);
  assert.equal(said.at(-1), '12 of 12 boards');
});

test('what is cancelled is told of each board whose turn had not come', async () => {
  const abort = new AbortController();
  const outcomes = await putMany(wanted, quietJob(abort.signal), (board, _options, job) => {
    if (board.name === 'pupil1') abort.abort();
    if (job.signal.aborted) return Promise.reject(new BoardError('cancelled', 'm'));
    return Promise.resolve(report);
  });
  assert.equal(outcomes.length, 12);
  assert.ok(outcomes.every(({ error }) => error !== undefined));
});
