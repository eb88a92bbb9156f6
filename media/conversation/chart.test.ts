import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endsOf, timeRange } from './chart';

test('one value, or a few at once, stand in ten seconds and not in a day', () => {
  assert.deepEqual(timeRange(1_790_000_000, 1_790_000_000), [1_789_999_990, 1_790_000_000]);
  assert.deepEqual(timeRange(1_790_000_000, 1_790_000_003), [1_789_999_993, 1_790_000_003]);
});

test('one value is one moment, though uPlot says that it lasts a day', () => {
  const at = 1_790_000_000;
  assert.deepEqual(endsOf([at], at, at + 86_400), [at, at]);
  assert.deepEqual(endsOf([at, at], at, at + 86_400), [at, at]);
  assert.deepEqual(endsOf([at, at + 5], at, at + 5), [at, at + 5]);
  assert.deepEqual(endsOf([], null, null), [null, null]);
});

test('all of the time, or the last seconds of it', () => {
  assert.deepEqual(timeRange(100, 400), [100, 400]);
  assert.deepEqual(timeRange(100, 400, 60), [340, 400]);
  assert.deepEqual(timeRange(100, 400, 0), [100, 400], '0 is all: the plot’s first choice');
  assert.deepEqual(timeRange(null, null), [null, null]);
});
