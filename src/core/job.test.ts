import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isBoardError } from './errors';
import { orCancelled, quietJob, throwIfCancelled } from './job';
import { ManualClock } from './clock';

describe('a job', () => {
  test('that is aborted throws cancelled', () => {
    const abort = new AbortController();
    const job = quietJob(abort.signal);
    throwIfCancelled(job);
    abort.abort();
    assert.throws(
      () => throwIfCancelled(job),
      (e) => isBoardError(e, 'cancelled'),
    );
  });

  test('gives up waiting at once when it is aborted, and the late failure harms nobody', async () => {
    const abort = new AbortController();
    let fail: (error: Error) => void = () => undefined;
    const waiting = orCancelled(
      quietJob(abort.signal),
      new Promise<void>((_, reject) => (fail = reject)),
    );
    abort.abort();
    await assert.rejects(waiting, (e) => isBoardError(e, 'cancelled'));
    fail(new Error('late'));
  });
});

describe('ManualClock', () => {
  test('runs what falls due, in order, and nothing that was disposed', async () => {
    const clock = new ManualClock();
    const seen: string[] = [];
    clock.after(20, () => seen.push('b'));
    clock.after(10, () => seen.push('a'));
    clock.after(15, () => seen.push('never')).dispose();
    void clock.sleep(30).then(() => seen.push(`c at ${clock.now()}`));
    await clock.advance(25);
    assert.deepEqual(seen, ['a', 'b']);
    await clock.advance(5);
    assert.deepEqual(seen, ['a', 'b', 'c at 30']);
  });
});
