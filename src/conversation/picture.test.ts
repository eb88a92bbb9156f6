import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { readable } from './payload';
import { pictureOf } from './picture';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
/** Start of image, an APP0 segment, then SOF0 with 480 lines of 640. */
const jpeg = Buffer.from('ffd8ffe000044a46ffc000110801e0028003012200021101031101', 'hex');

describe('pictures', () => {
  test('PNG and JPEG by their headers', () => {
    assert.deepEqual(pictureOf(png), { type: 'image/png', width: 1, height: 1 });
    assert.deepEqual(pictureOf(jpeg), { type: 'image/jpeg', width: 640, height: 480 });
    assert.deepEqual(readable(jpeg), {
      kind: 'image',
      text: 'JPEG picture, 640 × 480',
      cut: false,
    });
  });
  test('what only begins like one is bytes', () => {
    for (const bytes of [png.subarray(0, 20), jpeg.subarray(0, 10), Buffer.of(0xff, 0xd8, 0xff)]) {
      assert.equal(pictureOf(bytes), undefined);
      assert.equal(readable(bytes).kind, 'binary');
    }
  });
  test('any bytes: an answer, and soon', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (rest) => {
        pictureOf(Buffer.concat([Buffer.of(0xff, 0xd8), rest]));
        pictureOf(Buffer.concat([png.subarray(0, 16), rest]));
      }),
    );
  });
});
