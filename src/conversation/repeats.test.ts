import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { BoardError } from '../core/errors';
import { createRepeats, MOST_REPEATS } from './repeats';

describe('messages said again and again', () => {
  test('every so many seconds, until stopped', async () => {
    const clock = new ManualClock();
    const repeats = createRepeats(clock);
    const said: number[] = [];
    assert.equal(
      repeats.start('a', 5, async () => void said.push(clock.now())),
      undefined,
    );
    await clock.advance(16_000);
    assert.deepEqual(said, [5000, 10_000, 15_000]);
    assert.deepEqual(repeats.list, [{ id: 1, topic: 'a', every: 5, said: 4 }]);
    repeats.stop(1);
    await clock.advance(20_000);
    assert.equal(said.length, 3);
    assert.deepEqual(repeats.list, []);
  });

  test('one that fails ends and says why; the others go on', async () => {
    const clock = new ManualClock();
    const repeats = createRepeats(clock);
    let tries = 0;
    let others = 0;
    repeats.start('a', 1, async () => {
      tries++;
      throw new BoardError('broker-unreachable', 'gone', { details: { host: 'h', port: 1 } });
    });
    repeats.start('b', 1, async () => void others++);
    await clock.advance(5000);
    assert.deepEqual([tries, others], [1, 5]);
    assert.match(repeats.list[0]?.problem ?? '', /h:1/);
    repeats.stop(1);
    assert.equal(repeats.list.length, 1);
  });

  test('a slow one is not caught up with; no more than there may be', async () => {
    const clock = new ManualClock();
    const repeats = createRepeats(clock);
    let said = 0;
    repeats.start('slow', 1, async () => {
      said++;
      await clock.sleep(3500);
    });
    await clock.advance(9000);
    assert.equal(said, 3);
    for (let i = 1; i < MOST_REPEATS; i++)
      assert.equal(
        repeats.start('x', 60, async () => {}),
        undefined,
      );
    assert.match(repeats.start('x', 60, async () => {}) ?? '', /^10 messages/);
    repeats.dispose();
    await clock.advance(9000);
    assert.ok(said <= 4);
  });
});
