import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { compress, cut } from './compress';

describe('compression for the line', () => {
  test('the blocks are one zlib stream, and each says what it brings', async () => {
    const data = new Uint8Array(100_000);
    data.set(randomBytes(50_000), 20_000);
    const { blocks, inflatedBytes, totalBytes } = await compress(data, 0x4000);
    assert.deepEqual(new Uint8Array(inflateSync(Buffer.concat(blocks))), data);
    assert.equal(totalBytes, Buffer.concat(blocks).length);
    assert.equal(
      inflatedBytes.reduce((sum, bytes) => sum + bytes, 0),
      data.length,
    );
    assert.ok(totalBytes < 51_000, `${totalBytes}`);
  });

  test('no last block that the stub would refuse, wherever the stream ends', () => {
    for (let length = 1; length < 400; length++) {
      const stream = randomBytes(length);
      const blocks = cut(stream, 100);
      assert.deepEqual(Buffer.concat(blocks), stream);
      assert.ok(blocks.every((block) => block.length > 0 && block.length <= 100));
      if (length > 16) assert.ok(blocks.at(-1)!.length > 16, `${length}`);
    }
  });

  test('the event loop goes on while it works', async () => {
    let turns = 0;
    let over = false;
    const count = (): void => {
      turns++;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    await compress(randomBytes(1 << 20), 0x4000);
    over = true;
    // esptool-js compresses in one call: then there would be none before the end.
    assert.ok(turns > 100, `${turns}`);
  });
});
