import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatBytes, formatSeconds, RateMeter } from './rate';

describe('RateMeter', () => {
  test('says bytes, speed and time left', () => {
    let now = 0;
    const meter = new RateMeter({ now: () => now });
    assert.equal(meter.describe(0, 64 * 1024), '0 B of 64 KB');
    now = 1000;
    assert.equal(meter.describe(32 * 1024, 64 * 1024), '32 of 64 KB · 32 KB/s · 1 s left');
  });

  test('forgets the speed of a step before', () => {
    let now = 0;
    const meter = new RateMeter({ now: () => now });
    meter.describe(0, 1000);
    now = 1000;
    meter.describe(1000, 1000);
    now = 1100;
    assert.equal(meter.describe(10, 500), '10 of 500 B');
  });

  test('leaves the total out where it is not known', () => {
    let now = 0;
    const meter = new RateMeter({ now: () => now });
    meter.describe(0);
    now = 500;
    assert.equal(meter.describe(2048), '2 KB · 4 KB/s');
  });
});

test('bytes and seconds read as a person says them', () => {
  assert.deepEqual([812, 1024, 35000, 1_782_579].map(formatBytes), [
    '812 B',
    '1 KB',
    '34 KB',
    '1.7 MB',
  ]);
  assert.deepEqual([0.2, 59.4, 61].map(formatSeconds), ['1 s', '1 min 0 s', '1 min 1 s']);
});
