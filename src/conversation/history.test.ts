import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { History, type NewLine } from './history';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const said = (text: string, more: Partial<NewLine> = {}): NewLine => ({
  at: 1,
  what: 'message',
  topic: 'hello',
  payload: bytes(text),
  speaker: 'a',
  ...more,
});
const ids = (history: History): number[] => [...history.lines()].map((line) => line.id);

describe('the history', () => {
  test('gives back all that went in', () => {
    const history = new History({ lines: 10, bytes: 1000 });
    const more = { qos: 2, retain: true, dup: true, will: true, receivers: 2 } as const;
    const id = history.add(said('on', { ...more, at: 42.5, to: ['b', 'c'], bytes: 5_000_000 }));
    history.acknowledge(id, 'b');
    history.acknowledge(id, 'b');
    const { payload, ...rest } = history.get(id)!;
    assert.equal(Buffer.from(payload).toString(), 'on');
    assert.deepEqual(rest, {
      id: 1,
      at: 42.5,
      what: 'message',
      topic: 'hello',
      bytes: 5_000_000,
      speaker: 'a',
      ...more,
      to: ['b', 'c'],
      acked: ['b'],
      text: undefined,
    });
    const note = history.get(history.add({ at: 1, what: 'note', text: 'up' }));
    assert.equal(note?.text, 'up');
    assert.equal(note?.receivers, undefined);
  });

  test('the oldest go by count and by bytes, whichever comes first', () => {
    const history = new History({ lines: 3, bytes: 1000 });
    for (let i = 0; i < 5; i++) history.add(said('x'));
    assert.deepEqual(ids(history), [3, 4, 5]);
    history.add(said('y'.repeat(999)));
    assert.deepEqual([ids(history), history.bytes], [[5, 6], 1000]);
    // One that is larger than the limit by itself is kept all the same: it is the newest.
    history.add(said('z'.repeat(5000)));
    assert.deepEqual(ids(history), [7]);
    assert.deepEqual([history.messages, history.dropped], [1, 6]);
  });

  test('long topics count as bytes: they cannot fill the memory', () => {
    const history = new History({ lines: 1_000_000, bytes: 1_000_000 });
    for (let i = 0; i < 100; i++) history.add(said('', { topic: `${i}`.padEnd(60_000, 'x') }));
    assert.ok(history.messages <= 16, String(history.messages));
  });

  test('whatever comes: counts are exact, and what is kept is the newest', () => {
    const lines = fc.array(
      fc.record({
        what: fc.constantFrom('message' as const, 'joined' as const),
        payload: fc.uint8Array({ maxLength: 40 }),
        topic: fc.string({ maxLength: 5 }),
      }),
      { maxLength: 3000, minLength: 1 },
    );
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 2500 }), (all, limit) => {
        const history = new History({ lines: limit, bytes: 20_000 });
        for (const line of all) history.add({ at: 1, speaker: 'a', ...line });
        const kept = [...history.lines()];
        const messages = all.filter((line) => line.what === 'message').length;
        assert.equal(history.messages + history.dropped, messages);
        assert.equal(history.messages, kept.filter((line) => line.what === 'message').length);
        assert.ok(kept.length <= limit && kept.length > 0);
        const newest = all.slice(all.length - kept.length);
        kept.forEach((line, i) => {
          assert.deepEqual([...line.payload], [...(newest[i]?.payload ?? [])]);
          assert.equal(line.topic, newest[i]?.topic);
        });
      }),
      { numRuns: 30 },
    );
  });
});
