import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DisposableStore, Emitter } from './event';

describe('Emitter', () => {
  test('tells every listener in order until it is disposed', () => {
    const emitter = new Emitter<number>();
    const seen: string[] = [];
    const first = emitter.event((n) => seen.push(`a${n}`));
    emitter.event((n) => seen.push(`b${n}`));
    emitter.fire(1);
    first.dispose();
    emitter.fire(2);
    assert.deepEqual(seen, ['a1', 'b1', 'b2']);
  });

  test('a listener that throws does not silence the next, and the error is not lost', () => {
    const emitter = new Emitter<void>();
    let called = false;
    emitter.event(() => {
      throw new Error('first');
    });
    emitter.event(() => (called = true));
    assert.throws(() => emitter.fire(), /first/);
    assert.equal(called, true);
  });
});

describe('DisposableStore', () => {
  test('ends what it holds, last first, and what comes too late at once', () => {
    const ended: number[] = [];
    const store = new DisposableStore();
    store.add({ dispose: () => ended.push(1) });
    store.add({ dispose: () => ended.push(2) });
    store.dispose();
    store.add({ dispose: () => ended.push(3) });
    assert.deepEqual(ended, [2, 1, 3]);
  });
});
