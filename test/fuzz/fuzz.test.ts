/** A short run of every fuzz target, after the cases that failed once. Long: `npm run fuzz`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slowTargets } from './exchanges';
import { regressions } from './regressions';
import { fuzz, once } from './runner';
import { targets } from './targets';

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
