import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unasked } from './unasked';

test('only the very board and the very act go without asking, until they are forgotten', async () => {
  const values = new Map<string, unknown>();
  const unasked = new Unasked({
    get: <T>(key: string) => values.get(key) as T | undefined,
    update: async (key, value) => void values.set(key, value),
  });
  assert.equal(unasked.has('erase', 'aa'), false);
  await unasked.add('erase', ['aa', undefined]);
  await unasked.add('flash', ['aa', 'bb']);
  assert.equal(unasked.has('erase', 'aa'), true);
  assert.equal(unasked.has('erase', 'bb'), false);
  assert.equal(unasked.has('erase', undefined), false);
  assert.equal(await unasked.forget('aa'), 1);
  assert.equal(await unasked.forget('aa'), 0);
  assert.equal(unasked.has('flash', 'aa'), false);
  assert.equal(unasked.has('flash', 'bb'), true);
  assert.equal(await unasked.forget(), 1);
  assert.equal(unasked.has('flash', 'bb'), false);
});
