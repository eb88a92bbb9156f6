import assert from 'node:assert/strict';
import { readFileSync, existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { isFirmware, offsetQuestion, parseOffset } from './imageOffset';

const u32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);

/** One image of a single segment without a hash, built by hand ("Firmware Image Format"). */
function image(chipId: number, head: readonly number[]): Uint8Array {
  const data = Uint8Array.from({ length: 64 }, (_, i) => head[i] ?? 0);
  const header = new Uint8Array(24);
  header.set([0xe9, 1, 2, 0x20]);
  header[12] = chipId;
  const body = [...header, ...u32(0x3fff0000), ...u32(data.length), ...data];
  while (body.length % 16 !== 15) body.push(0);
  body.push(data.reduce((sum, byte) => sum ^ byte, 0xef));
  return Uint8Array.from(body);
}

describe('where a file goes', () => {
  test('an application alone is asked about, with the place tables mostly have', () => {
    const question = offsetQuestion(image(0, u32(0xabcd5432)), 'ESP32');
    assert.equal(question?.suggested, 0x10000);
    assert.match(question?.why ?? '', /application without a bootloader/);
  });

  test('an image without a mark is asked about, with the place of the chip’s bootloader', () => {
    assert.equal(offsetQuestion(image(0, [1]), 'ESP32')?.suggested, 0x1000);
    assert.equal(offsetQuestion(image(9, [1]), 'ESP32-S3')?.suggested, 0);
  });

  const whole = 'dist/firmware/parley-virtual-esp32.bin';
  const skip = existsSync(whole) ? false : `${whole} has not been built`;
  test('a whole firmware tells by itself', { skip }, () => {
    assert.equal(offsetQuestion(readFileSync(whole), 'ESP32'), undefined);
  });

  test('what is no image is not asked about: the flash says so better', () => {
    const text = Buffer.from('hello, this is a data file of some program');
    assert.equal(offsetQuestion(text, 'ESP32'), undefined);
    assert.equal(isFirmware(text), false);
    assert.equal(isFirmware(image(0, [1])), true);
  });

  test('an offset is hex or decimal, a whole sector, within the largest flash', () => {
    assert.equal(parseOffset(' 0x10000 '), 0x10000);
    assert.equal(parseOffset('4096'), 4096);
    assert.equal(parseOffset('0'), 0);
    for (const text of ['', '0x', '0x10', '-4096', '10000h', '0x8000000', '4096.0']) {
      assert.equal(parseOffset(text), undefined, text);
    }
  });
});
