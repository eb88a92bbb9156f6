import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ratesBelow, ratesFrom } from './baudRates';

test('from the rate asked for down to the one that every ROM begins with', () => {
  assert.deepEqual(ratesFrom(921_600), [921_600, 460_800, 230_400, 115_200]);
  assert.deepEqual(ratesFrom(500_000), [500_000, 460_800, 230_400, 115_200]);
  assert.deepEqual(ratesFrom(115_200), [115_200]);
  assert.deepEqual(ratesFrom(57_600), [57_600, 115_200]);
  assert.deepEqual(ratesBelow(460_800), [230_400, 115_200]);
  assert.deepEqual(ratesBelow(115_200), []);
});
