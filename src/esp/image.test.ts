import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { isBoardError, type BoardErrorCode, type ErrorDetails } from '../core/errors';
import { checkImageForChip } from './checkImage';
import type { ChipFacts } from './chipFacts';
import { parseImage } from './image';

/** One image as the format says, built here by hand. */
function image(
  options: { chipId?: number; hash?: boolean; head?: number[]; revisions?: number[] } = {},
): Uint8Array {
  const { chipId = 0, hash = true, head = [1, 2, 3, 4], revisions = [] } = options;
  const data = Uint8Array.from({ length: 100 }, (_, i) => head[i] ?? i);
  const header = new Uint8Array(24);
  header.set([0xe9, 1, 2, 0x20]);
  header[12] = chipId;
  header.set(revisions, 14);
  header[23] = hash ? 1 : 0;
  const body = [...header, ...u32(0x3fff0000), ...u32(data.length), ...data];
  while (body.length % 16 !== 15) body.push(0);
  body.push(data.reduce((sum, byte) => sum ^ byte, 0xef));
  const bytes = Uint8Array.from(body);
  if (!hash) return bytes;
  return Uint8Array.from([...bytes, ...createHash('sha256').update(bytes).digest()]);
}

function u32(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
}

const APP_HEAD = u32(0xabcd5432);

/** Bootloader, partition table and application as MicroPython's .bin has them. */
function complete(chipId: number, start: number): Uint8Array {
  const app = image({ chipId, head: APP_HEAD });
  const bytes = new Uint8Array(0x10000 - start + app.length).fill(0xff);
  bytes.set(image({ chipId }));
  const entry = (type: number, sub: number, at: number, label: string): number[] => [
    ...[0xaa, 0x50, type, sub],
    ...u32(at),
    ...u32(0x1000),
    ...Buffer.from(label.padEnd(16, '\0')),
    ...u32(0),
  ];
  const table = [...entry(1, 2, 0x9000, 'nvs'), ...entry(0, 0, 0x10000, 'factory')];
  bytes.set(table, 0x8000 - start);
  bytes.set(app, 0x10000 - start);
  return bytes;
}

const fails = (code: BoardErrorCode, reason: RegExp, bytes: Uint8Array): void => {
  assert.throws(
    () => parseImage(bytes, 'fw.bin'),
    (error) => {
      assert.ok(isBoardError(error), String(error));
      assert.equal(error.code, code);
      assert.equal(error.details['file'], 'fw.bin');
      assert.match(String(error.details['reason']), reason);
      return true;
    },
  );
};

/** `bytes` with one bit of the byte at `at` turned over. */
function damaged(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
}

describe('firmware files', () => {
  test('a complete image names its chip, segments and partitions', () => {
    const info = parseImage(complete(0, 0x1000), 'fw.bin');
    assert.equal(info.chip?.name, 'ESP32');
    assert.equal(info.layout, 'complete');
    assert.equal(info.hasHash, true);
    assert.deepEqual(info.segments, [{ address: 0x3fff0000, offset: 32, length: 100 }]);
    assert.deepEqual(
      info.partitions.map((p) => p.label),
      ['nvs', 'factory'],
    );
  });

  test('the partition table is found from where the chip starts', () => {
    for (const [id, start, name] of [
      [9, 0, 'ESP32-S3'],
      [23, 0x2000, 'ESP32-C5'],
    ] as const) {
      const info = parseImage(complete(id, start), 'fw.bin');
      assert.equal(info.chip?.name, name);
      assert.equal(info.layout, 'complete');
    }
  });

  test('an application alone and a single image are told apart', () => {
    assert.equal(parseImage(image({ head: APP_HEAD }), 'fw.bin').layout, 'application');
    assert.equal(parseImage(image({ hash: false }), 'fw.bin').layout, 'single');
  });

  test('a merged image, which begins with the empty flash before its bootloader', () => {
    for (const [id, start] of [
      [0, 0x1000],
      [23, 0x2000],
    ] as const) {
      const inner = complete(id, start);
      const merged = new Uint8Array(start + inner.length).fill(0xff);
      merged.set(inner, start);
      const info = parseImage(merged, 'fw.bin');
      assert.deepEqual([info.layout, info.leadBytes], ['complete', start]);
      assert.deepEqual([info.chipId, info.size], [id, merged.length]);
      assert.equal(info.segments[0]?.offset, start + 32);
      // One byte that is not empty before it, and it is no such thing.
      merged[5] = 0;
      fails('not-an-image', /0xE9/, merged);
    }
    // An ESP32-S3 starts at 0: nothing of it can stand at 0x1000.
    const misplaced = new Uint8Array(0x3000).fill(0xff);
    misplaced.set(image({ chipId: 9 }), 0x1000);
    fails('not-an-image', /0xE9/, misplaced);
    fails('not-an-image', /0xE9/, new Uint8Array(0x3000).fill(0xff));
  });

  test('the revisions it runs on: the old byte, or the two words', () => {
    const range = (revisions: number[]): (number | undefined)[] => {
      const info = parseImage(image({ revisions }), 'fw.bin');
      return [info.minRevision, info.maxRevision];
    };
    assert.deepEqual(range([]), [0, undefined]);
    assert.deepEqual(range([3]), [300, undefined]);
    // v3.1 (301) to v3.99 (399), low byte first; the old byte does not count beside them.
    assert.deepEqual(range([0, 45, 1, 143, 1]), [301, 399]);
  });

  test('an ESP8266 image is recognised by its short header', () => {
    const data = [1, 2, 3, 4];
    const body = [0xe9, 1, 0, 0x40, ...u32(0x40100000), ...u32(0x40100000), ...u32(4), ...data];
    while (body.length % 16 !== 15) body.push(0);
    body.push(data.reduce((sum, byte) => sum ^ byte, 0xef));
    const info = parseImage(Uint8Array.from(body), 'fw.bin');
    assert.equal(info.chip?.name, 'ESP8266');
    assert.equal(info.chipId, undefined);
  });

  test('what is no image is refused', () => {
    fails('not-an-image', /0xE9/, Buffer.from('<!DOCTYPE html><html>not found</html>'));
    fails('not-an-image', /too short/, new Uint8Array(0));
    fails('not-an-image', /0xE9/, new Uint8Array(4096).fill(0xff));
    const segments = image();
    segments[1] = 200;
    fails('not-an-image', /200 segments/, segments);
  });

  test('damage anywhere is found and named', () => {
    const whole = complete(0, 0x1000);
    const app = 0x10000 - 0x1000;
    fails('image-corrupt', /checksum of the bootloader/, damaged(whole, 60));
    fails('image-corrupt', /SHA-256 of the bootloader/, damaged(whole, 3));
    fails('image-corrupt', /checksum of the app "factory"/, damaged(whole, app + 60));
    fails('image-corrupt', /SHA-256 of the app "factory"/, damaged(whole, app + 3));
    fails('image-corrupt', /app "factory" is cut off/, whole.subarray(0, app + 50));
    fails('image-corrupt', /ends before the application/, whole.subarray(0, 0x9000));
    fails('image-corrupt', /bootloader is cut off/, whole.subarray(0, 50));
    fails('image-corrupt', /cut off|SHA-256/, image().subarray(0, image().length - 5));
  });
});

describe('an image for a board', () => {
  const facts: ChipFacts = {
    chip: 'ESP32',
    chipId: 0,
    description: 'ESP32',
    mac: '',
    features: [],
    stub: true,
    flashSizeBytes: 4 << 20,
    revision: 301,
  };
  const check = (
    code: BoardErrorCode,
    bytes: Uint8Array,
    offset: number,
    size?: number,
  ): ErrorDetails => {
    const info = parseImage(bytes, 'fw.bin');
    let details: ErrorDetails = {};
    assert.throws(
      () => checkImageForChip(info, facts, offset, size ?? bytes.length),
      (error) => {
        assert.ok(isBoardError(error, code), String(error));
        details = error.details;
        return true;
      },
    );
    return details;
  };

  test('the right one at the right place passes', () => {
    const bytes = complete(0, 0x1000);
    checkImageForChip(parseImage(bytes, 'fw.bin'), facts, 0x1000, bytes.length);
  });

  test('another chip, an application alone, too large', () => {
    const { reason, ...chips } = check('wrong-chip', complete(9, 0), 0x1000);
    assert.deepEqual(chips, { imageChip: 'ESP32-S3', boardChip: 'ESP32' });
    assert.match(String(reason), /ESP32-S3.*ESP32/);
    check('wrong-chip', image({ chipId: 99 }), 0x1000);
    check('not-an-image', image({ head: APP_HEAD }), 0x1000);
    const large = check('image-too-large', complete(0, 0x1000), 0x1000, 4 << 20);
    assert.deepEqual([large['size'], large['room']], [4 << 20, (4 << 20) - 0x1000]);
    // Beyond the end there is no room at all, not less than none.
    assert.equal(check('image-too-large', image(), 5 << 20)['room'], 0);
  });

  test('another place, or inside a sector', () => {
    const told = (bytes: Uint8Array, offset: number): string =>
      String(check('wrong-offset', bytes, offset)['reason']);
    assert.match(told(complete(0, 0x1000), 0), /belongs at 0x00001000, not at 0x00000000/);
    assert.match(told(image({ hash: false }), 0x1800), /0x00001800 is not the start of a sector/);
  });

  test('a merged image goes to 0, and only there', () => {
    const inner = complete(0, 0x1000);
    const merged = new Uint8Array(0x1000 + inner.length).fill(0xff);
    merged.set(inner, 0x1000);
    checkImageForChip(parseImage(merged, 'fw.bin'), facts, 0, merged.length);
    const { reason } = check('wrong-offset', merged, 0x1000);
    assert.match(String(reason), /belongs at 0x00000000/);
  });

  test('a chip that is too old or too new for it', () => {
    const words = (min: number, max: number): number[] => [
      0,
      min & 255,
      min >> 8,
      max & 255,
      max >> 8,
    ];
    const at = (min: number, max: number): Uint8Array => image({ revisions: words(min, max) });
    const old = check('wrong-revision', at(302, 399), 0x1000);
    assert.deepEqual([old['needs'], old['revision']], ['v3.2 or newer', 'v3.1']);
    const young = check('wrong-revision', at(0, 300), 0x1000);
    assert.deepEqual([young['needs'], young['revision']], ['v3.0 or older', 'v3.1']);
    const fits = parseImage(at(301, 301), 'fw.bin');
    checkImageForChip(fits, facts, 0x1000, 200);
    // A chip that does not tell is not refused.
    const needs = parseImage(at(302, 399), 'fw.bin');
    checkImageForChip(needs, { ...facts, revision: undefined }, 0x1000, 200);
  });
});
