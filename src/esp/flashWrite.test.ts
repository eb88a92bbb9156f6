import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { joined, regionsOf, type Range } from './flashWrite';

const range = (offset: number, length: number): Range => ({ offset, length });

describe('regions of the flash', () => {
  test('begin at multiples of 64 KiB, but the first and the last', () => {
    assert.deepEqual(regionsOf(range(0x1000, 0x1f010)), [
      range(0x1000, 0xf000),
      range(0x10000, 0x10000),
      range(0x20000, 0x10),
    ]);
    assert.deepEqual(regionsOf(range(0x10000, 0x10000)), [range(0x10000, 0x10000)]);
    assert.deepEqual(regionsOf(range(0x10000, 0)), []);
  });

  test('neighbours are joined, others are not, and none grows beyond 256 KiB', () => {
    const all = regionsOf(range(0x1000, 0x8f000));
    assert.deepEqual(joined(all), [
      range(0x1000, 0x3f000),
      range(0x40000, 0x40000),
      range(0x80000, 0x10000),
    ]);
    const some = all.filter((_, i) => i !== 1 && i !== 4);
    assert.deepEqual(joined(some), [
      range(0x1000, 0xf000),
      range(0x20000, 0x20000),
      range(0x50000, 0x40000),
    ]);
    assert.deepEqual(joined([]), []);
  });
});
