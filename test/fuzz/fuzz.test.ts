/** A short run of every fuzz target, after the cases that failed once. Long: `npm run fuzz`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { neighbour } from './neighbours';
import { slowTargets } from './exchanges';
import { regressions } from './regressions';
import { fuzz, once } from './runner';
import { targets, type Target } from './targets';

test('what failed once does not fail again', async () => {
  for (const { target, was, ...one } of regressions) {
    const found = [...targets, ...slowTargets].find(({ name }) => name === target);
    assert.ok(found, `there is no target ${target}`);
    const { failed } = await once(found, one);
    assert.ok(!failed, `${target}: ${was}`);
  }
});

test('any bytes, texts and values: no parser crashes, hangs or grows', async () => {
  // Another seed each day, the same all day: what fails can be run again.
  const seed = Math.floor(Date.now() / 86_400_000);
  for (const target of targets) {
    const { failure } = await fuzz(target, { seed, ms: 10_000, cases: 150 });
    assert.equal(failure, undefined, `${target.name}: ${failure?.text}`);
  }
  for (const target of slowTargets) {
    const { failure } = await fuzz(target, { seed, ms: 10_000, cases: 40 });
    assert.equal(failure, undefined, `${target.name}: ${failure?.text}`);
  }
});

test('a fault that is planted is found, in a drawn input and in a neighbour, and told with its seed', async () => {
  const planted = (near: number, fault: (t: string) => boolean): Target => ({
    name: 'planted',
    given: fc.string({ minLength: 3, maxLength: 6 }),
    near,
    run: (t) => assert.ok(!fault(t as string), 'planted'),
  });
  const short = await fuzz(
    planted(0, (t) => t.length === 4),
    { seed: 1, ms: 0 },
  );
  assert.match(short.failure?.text ?? '', /seed: 1[\s\S]*planted/);
  // A drawn one is never so short.
  const near = await fuzz(
    planted(15, (t) => t.length < 3),
    { seed: 1, ms: 0 },
  );
  assert.match(near.failure?.text ?? '', /its neighbour \d+, "/);
  const grows: Uint8Array[] = [];
  const large = { ...planted(0, () => false), run: () => void grows.push(new Uint8Array(1)) };
  const fine = await fuzz(large, { seed: 1, ms: 0 });
  assert.equal(fine.failure, undefined, 'a little more is not without bound');
});

test('a neighbour follows from its input alone, and only texts, bytes and keys are changed', () => {
  const given = ['abc', Uint8Array.of(1, 2, 3), 7, { a: 1, b: 'x' }] as const;
  const twice = [neighbour(given, 3), neighbour(given, 3)];
  assert.deepEqual(twice[0], twice[1]);
  const seen = new Set(Array.from({ length: 15 }, (_, n) => JSON.stringify(neighbour(given, n))));
  assert.ok(seen.size > 10, `${seen.size} different ones`);
  for (let n = 0; n < 50; n++) {
    assert.equal(neighbour(given, n)[2], 7);
    assert.ok(neighbour(given, n)[1].length >= 1);
  }
  assert.equal(given[0], 'abc');
  assert.deepEqual(given[1], Uint8Array.of(1, 2, 3));
});
