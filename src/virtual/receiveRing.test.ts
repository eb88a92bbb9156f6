import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { GRACE_MS, ReceiveRing, RING_HOLDS } from './receiveRing';

function setup() {
  const clock = new ManualClock();
  const held: number[] = [];
  let [taken, wanted] = [0, false];
  const program = { runs: true };
  const ring = new ReceiveRing(clock, {
    taken: () => taken,
    busy: () => program.runs,
    want: (on) => (wanted = on),
    deliver: (bytes) => held.push(...bytes),
  });
  /** The program takes bytes, and tells when it was asked to. */
  const take = (count: number): number[] => {
    const bytes = held.splice(0, count);
    taken += bytes.length;
    if (wanted) ring.roomMade();
    return bytes;
  };
  const some = (count: number, from = 0): Uint8Array =>
    Uint8Array.from({ length: count }, (_, n) => (from + n) & 0xff);
  return { clock, ring, held, program, take, some };
}

describe('the receive ring', () => {
  test('holds 259 bytes for a program that does not read, and loses the rest', async () => {
    const { clock, ring, held, take, some } = setup();
    ring.put(some(200));
    ring.put(some(100, 200));
    await clock.advance(GRACE_MS + 1);
    assert.equal(held.length, RING_HOLDS);
    assert.equal(ring.lost, 300 - RING_HOLDS);
    ring.put(some(10));
    await clock.advance(GRACE_MS + 1);
    assert.equal(ring.lost, 310 - RING_HOLDS);
    assert.deepEqual(take(RING_HOLDS), [...some(RING_HOLDS)]);
    ring.put(Uint8Array.of(7));
    assert.deepEqual(take(9), [7]);
  });

  test('loses nothing while the program reads, however much comes', async () => {
    const { clock, ring, take, some } = setup();
    ring.put(some(5000));
    const got: number[] = [];
    while (got.length < 5000) {
      await clock.advance(GRACE_MS - 1);
      const part = take(97);
      assert.ok(part.length > 0);
      got.push(...part);
    }
    assert.deepEqual(got, [...some(5000)]);
    assert.equal(ring.lost, 0);
  });

  test('loses nothing at the prompt, however late this computer lets it read', async () => {
    const { clock, ring, program, take, some } = setup();
    program.runs = false;
    ring.put(some(600));
    await clock.advance(50 * GRACE_MS);
    const got = [...take(RING_HOLDS), ...take(RING_HOLDS), ...take(RING_HOLDS)];
    assert.deepEqual(got, [...some(600)]);
    assert.equal(ring.lost, 0);
  });

  test('what is lost is lost at once for a program that comes back later', async () => {
    const { clock, ring, take, some } = setup();
    ring.put(some(300));
    await clock.advance(10 * GRACE_MS);
    assert.equal(take(1000).length, RING_HOLDS);
    assert.equal(take(1000).length, 0);
  });
});
