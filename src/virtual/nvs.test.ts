import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Region } from './fileStore';
import { Nvs, NVS_ERROR } from './nvs';
import { decodeItem, ENTRY, nvsCrc, PAGE } from './nvsPage';

class Cut extends Error {}

/** Flash in memory; `cutAfter` lets so many writes and erases pass, the next is half done. */
function flash(pages = 6): Region & { bytes: Uint8Array; cutAfter: number; done: number } {
  const bytes = new Uint8Array(pages * PAGE).fill(0xff);
  const region = {
    bytes,
    size: bytes.length,
    cutAfter: Infinity,
    done: 0,
    read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
    program: (offset: number, data: Uint8Array) => {
      const cut = region.done++ >= region.cutAfter;
      const length = cut ? data.length >> 1 : data.length;
      for (let n = 0; n < length; n++) bytes[offset + n]! &= data[n]!;
      if (cut) throw new Cut();
    },
    erase: (offset: number, length: number) => {
      const cut = region.done++ >= region.cutAfter;
      bytes.fill(0xff, offset, offset + (cut ? length >> 1 : length));
      if (cut) throw new Cut();
    },
  };
  return region;
}

describe('NVS', () => {
  test('keeps numbers and blobs by namespace, over a new start', () => {
    const region = flash();
    const first = new Nvs(region);
    const [a, b] = [first.openNamespace('wifi'), first.openNamespace('app')];
    assert.deepEqual([a, b], [1, 2]);
    assert.equal(first.setInt(a, 'tries', -3), 0);
    assert.equal(first.setInt(b, 'tries', 2 ** 31 - 1), 0);
    const blob = Uint8Array.from({ length: 5000 }, (_, n) => n % 251);
    assert.equal(first.setBlob(b, 'calibration', blob), 0);
    assert.equal(first.setBlob(b, 'none', new Uint8Array(0)), 0);
    const again = new Nvs(region);
    assert.equal(again.openNamespace('wifi'), 1);
    assert.equal(again.getInt(1, 'tries'), -3);
    assert.equal(again.getInt(2, 'tries'), 2 ** 31 - 1);
    assert.deepEqual(again.getBlob(2, 'calibration'), blob);
    assert.deepEqual(again.getBlob(2, 'none'), new Uint8Array(0));
  });

  test('answers what ESP-IDF answers', () => {
    const nvs = new Nvs(flash());
    const space = nvs.openNamespace('app');
    assert.deepEqual(nvs.getInt(space, 'x'), { error: NVS_ERROR.notFound });
    assert.equal(nvs.eraseKey(space, 'x'), NVS_ERROR.notFound);
    assert.equal(nvs.setInt(space, 'a key of sixteen', 1), NVS_ERROR.keyTooLong);
    assert.equal(nvs.openNamespace('a name of sixteen'), -NVS_ERROR.keyTooLong);
    assert.equal(nvs.openNamespace(''), -NVS_ERROR.invalidName);
    nvs.setInt(space, 'x', 1);
    assert.equal(nvs.eraseKey(space, 'x'), 0);
    assert.deepEqual(nvs.getInt(space, 'x'), { error: NVS_ERROR.notFound });
  });

  test('writes the entries that the documentation describes', () => {
    const region = flash();
    const nvs = new Nvs(region);
    nvs.setInt(nvs.openNamespace('app'), 'count', 7);
    const page = Buffer.from(region.bytes.subarray(0, PAGE));
    assert.equal(page.readUInt32LE(0), 0xffff_fffe);
    assert.equal(page.readUInt32LE(28), nvsCrc(page.subarray(4, 28)));
    // Two entries written, the rest empty.
    assert.deepEqual([...page.subarray(32, 34)], [0b1111_1010, 0xff]);
    const item = decodeItem(page.subarray(64 + ENTRY))!;
    assert.deepEqual([item.namespace, item.type, item.key, item.span], [1, 0x14, 'count', 1]);
    assert.equal(Buffer.from(item.data).readInt32LE(0), 7);
    // crc32_le(0xFFFFFFFF, …) of the nine digits, as binascii.crc32(b'123456789', 0xffffffff).
    assert.equal(nvsCrc(Buffer.from('123456789')), 0xd202_d277);
  });

  test('a key written thousands of times wears the pages in turn and keeps the others', () => {
    const region = flash();
    const nvs = new Nvs(region);
    const space = nvs.openNamespace('app');
    nvs.setInt(space, 'fixed', 99);
    nvs.setBlob(space, 'text', Buffer.from('stays'));
    for (let n = 0; n < 3000; n++) assert.equal(nvs.setInt(space, 'count', n), 0);
    const again = new Nvs(region);
    assert.equal(again.getInt(space, 'count'), 2999);
    assert.equal(again.getInt(space, 'fixed'), 99);
    assert.equal(Buffer.from(again.getBlob(space, 'text') as Uint8Array).toString(), 'stays');
  });

  test('says when it is full, and takes more after something was erased', () => {
    const nvs = new Nvs(flash());
    const space = nvs.openNamespace('app');
    let n = 0;
    while (nvs.setInt(space, `k${n}`, n) === 0) n++;
    assert.ok(n > 600 && n <= 5 * 126, `${n}`);
    assert.equal(nvs.setInt(space, 'more', 1), NVS_ERROR.notEnoughSpace);
    for (let k = 0; k < n; k++) assert.equal(nvs.getInt(space, `k${k}`), k);
    for (let k = 0; k < 10; k++) nvs.eraseKey(space, `k${k}`);
    assert.equal(nvs.setInt(space, 'more', 1), 0);
    assert.equal(nvs.setBlob(space, 'big', new Uint8Array(30_000)), NVS_ERROR.valueTooLong);
  });

  test('a power cut at any write leaves every key with its old or its new value', () => {
    const program = (nvs: Nvs, seen: (n: number) => void): void => {
      const space = nvs.openNamespace('app');
      nvs.setInt(space, 'fixed', 99);
      for (let n = 0; n < 700; n++) {
        seen(n);
        nvs.setInt(space, 'count', n);
        if (n % 50 === 0) nvs.setBlob(space, 'blob', new Uint8Array(300).fill(n / 50));
      }
    };
    const whole = flash(3);
    program(new Nvs(whole), () => undefined);
    for (let cut = 3; cut < whole.done; cut += 7) {
      const region = flash(3);
      region.cutAfter = cut;
      let at = -1;
      assert.throws(() => program(new Nvs(region), (n) => (at = n)), Cut);
      region.cutAfter = Infinity;
      const nvs = new Nvs(region);
      const space = nvs.openNamespace('app');
      const fixed = nvs.getInt(space, 'fixed');
      if (at >= 0) assert.equal(fixed, 99, `cut ${cut}`);
      if (at < 1) continue;
      const count = nvs.getInt(space, 'count');
      assert.ok(count === at || count === at - 1, `cut ${cut}: ${JSON.stringify(count)} at ${at}`);
      const blob = nvs.getBlob(space, 'blob');
      assert.ok(blob instanceof Uint8Array, `cut ${cut} at ${at}`);
      const part = Math.floor(at / 50);
      assert.ok(blob.every((b) => b === blob[0]) && blob[0]! >= part - 1 && blob[0]! <= part);
      assert.equal(nvs.setInt(space, 'count', 5), 0, `cut ${cut}`);
      assert.equal(new Nvs(region).getInt(space, 'count'), 5);
    }
  });
});
