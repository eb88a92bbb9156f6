import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { slipFrame, SlipReader } from './slip';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('slip', () => {
  test('escapes what would look like the end of a frame', () => {
    assert.deepEqual(slipFrame(bytes(1, 0xc0, 0xdb)), bytes(0xc0, 1, 0xdb, 0xdc, 0xdb, 0xdd, 0xc0));
  });

  test('reads back every byte value, however the stream is cut', () => {
    const payload = Uint8Array.from({ length: 256 }, (_, i) => i);
    const reader = new SlipReader();
    const got = [...slipFrame(payload)].flatMap((byte) => reader.push(bytes(byte)));
    assert.deepEqual(got, [payload]);
  });

  test('finds its feet after noise and drops a frame with a wrong escape', () => {
    const reader = new SlipReader();
    assert.deepEqual(reader.push(bytes(9, 9, 0xc0, 1, 0xc0)), [bytes(1)]);
    assert.deepEqual(reader.push(bytes(0xc0, 2, 0xdb, 7, 3, 0xc0, 0xc0, 4, 0xc0)), [bytes(4)]);
  });

  test('two frames may stand side by side, and a frame too long is dropped', () => {
    const reader = new SlipReader(2);
    const stream = bytes(0xc0, 1, 0xc0, 0xc0, 2, 2, 2, 0xc0, 0xc0, 3, 0xc0);
    assert.deepEqual(reader.push(stream), [bytes(1), bytes(3)]);
  });

  test('reset forgets a frame begun', () => {
    const reader = new SlipReader();
    reader.push(bytes(0xc0, 1, 2));
    reader.reset();
    assert.deepEqual(reader.push(bytes(3, 0xc0, 4, 0xc0)), [bytes(4)]);
  });
});
