import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { checkFault, Faults, parseFault, type Way } from './faults';

function setup() {
  const clock = new ManualClock();
  const did: string[] = [];
  const faults = new Faults(clock, {
    unplug: (ms) => void did.push(`unplug ${ms}`),
    brownOut: () => void did.push('brown-out'),
    wifiGone: (ms) => void did.push(`wifi-gone ${ms}`),
    slowFlash: (ms) => void did.push(`slow-flash ${ms}`),
    release: (way, bytes) => void did.push(`${way} ${[...bytes].join(' ')}`),
  });
  const carry = (way: Way, ...bytes: number[]): number[] => [
    ...faults.carry(way, Uint8Array.from(bytes)),
  ];
  return { clock, did, faults, carry };
}

describe('faults', () => {
  test('without any, bytes pass as they are', () => {
    const { carry } = setup();
    assert.deepEqual(carry('to-host', 1, 2, 3), [1, 2, 3]);
  });

  test('drop: so many bytes, at the place it was asked for, one way only', () => {
    const { faults, carry } = setup();
    faults.arm(parseFault('drop:3@4'));
    assert.deepEqual(carry('to-board', 1, 2, 3, 4, 5, 6, 7), [1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(carry('to-host', 1, 2, 3), [1, 2, 3]);
    assert.deepEqual(carry('to-host', 4, 5, 6), [4]);
    assert.deepEqual(carry('to-host', 7, 8), [8]);
    assert.deepEqual(carry('to-host', 9), [9]);
  });

  test('flip: one bit of each of so many bytes', () => {
    const { faults, carry } = setup();
    faults.arm(parseFault('flip:2:to-board@1'));
    const got = carry('to-board', 0, 0, 0, 0);
    assert.deepEqual(
      got.map((byte) => [...byte.toString(2)].filter((bit) => bit === '1').length),
      [0, 1, 1, 0],
    );
  });

  test('stall: nothing passes either way, then all of it, in order', async () => {
    const { faults, carry, clock, did } = setup();
    faults.arm(parseFault('stall:500@2'));
    assert.deepEqual(carry('to-host', 1, 2, 3), [1, 2]);
    assert.deepEqual(carry('to-board', 9), []);
    assert.deepEqual(carry('to-host', 4), []);
    await clock.advance(499);
    assert.deepEqual(did, []);
    await clock.advance(2);
    assert.deepEqual(did, ['to-host 3', 'to-board 9', 'to-host 4']);
    assert.deepEqual(carry('to-host', 5), [5]);
  });

  test('the others act at once, or after so many bytes; what was behind is lost with the power', () => {
    const { faults, carry, did } = setup();
    faults.arm(parseFault('slow-flash:20'));
    faults.arm(parseFault('wifi-gone:3000'));
    faults.arm(parseFault('unplug:100:to-board@3'));
    assert.deepEqual(carry('to-board', 1, 2), [1, 2]);
    assert.deepEqual(did, ['slow-flash 20', 'wifi-gone 3000']);
    assert.deepEqual(carry('to-board', 3, 4, 5), [3]);
    assert.deepEqual(did.slice(2), ['unplug 100']);
    faults.arm(parseFault('brown-out'));
    assert.deepEqual(did.slice(3), ['brown-out']);
  });

  test('clear takes back what is armed and lets a stalled line go', () => {
    const { faults, carry, did } = setup();
    faults.arm(parseFault('drop:100'));
    faults.arm(parseFault('stall:60000'));
    carry('to-host', 1);
    faults.clear();
    assert.deepEqual(did, ['to-host 1']);
    assert.deepEqual(carry('to-host', 2), [2]);
  });

  test('says what it does not understand', () => {
    assert.throws(() => parseFault('explode'), /no fault "explode"/);
    assert.throws(() => parseFault('drop'), /drop: "bytes" is not a whole number/);
    assert.throws(() => parseFault('stall:99999999'), /"ms" is not a whole number up to 3600000/);
    assert.throws(() => parseFault('drop:1:sideways'), /is no fault/);
    assert.throws(() => checkFault({ kind: 'drop', bytes: 1.5 }), /whole number/);
    assert.throws(() => checkFault({ kind: 'drop', bytes: 1, way: 'up' }), /neither to-host nor/);
    assert.throws(() => checkFault(undefined), /no fault/);
  });
});
