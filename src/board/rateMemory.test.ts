import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoredRates } from './rateMemory';

test('a rate that was tried in vain is not tried again; another one is', () => {
  const kept = new Map<string, unknown>();
  const store = {
    get: <T>(key: string) => kept.get(key) as T | undefined,
    update: (key: string, value: unknown) => {
      kept.set(key, value);
      return Promise.resolve();
    },
  };
  const rates = new StoredRates(store, 'flashRates');
  assert.equal(rates.rateFor('24:6f:28:00:00:01', 921_600), 921_600);
  rates.remember('24:6f:28:00:00:01', 921_600, 230_400);
  rates.remember('24:6f:28:00:00:02', 921_600, 460_800);
  const later = new StoredRates(store, 'flashRates');
  assert.equal(later.rateFor('24:6f:28:00:00:01', 921_600), 230_400);
  assert.equal(later.rateFor('24:6f:28:00:00:02', 921_600), 460_800);
  // A person who sets another rate wants it tried.
  assert.equal(later.rateFor('24:6f:28:00:00:01', 460_800), 460_800);
});
