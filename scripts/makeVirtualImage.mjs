/**
 * Writes dist/firmware/parley-virtual-esp32.bin, and one for the ESP32-S3 and the ESP32-C3: images in
 * the format and layout of MicroPython's releases (second stage, partition table, application), small,
 * and honest about what they are. A virtual board that has the one for its chip in its flash starts
 * its built-in MicroPython; a real one does nothing with it.
 *
 * Usage: node scripts/makeVirtualImage.mjs [FILE [CHIP]]
 *
 * Sources: Espressif, esptool documentation, "Firmware Image Format"; ESP-IDF Programming Guide,
 * "Partition Tables" and "App Image Format" (esp_app_desc_t).
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * For each chip: where the file begins in flash, the id and revisions in the header, and where a
 * program of that chip lies in memory.
 */
const CHIPS = {
  esp32: {
    ...{ start: 0x1000, id: 0, maxRevision: 399 },
    stage2: [0x400805b0, 0x3fff0030, 0x40078000],
    app: [0x40081000, 0x3f400020, 0x40080000],
  },
  esp32s3: {
    ...{ start: 0, id: 9, maxRevision: 99 },
    stage2: [0x403c8908, 0x3fce2810, 0x403c8700],
    app: [0x403752a0, 0x3c0a0020, 0x40374000],
  },
  esp32c3: {
    ...{ start: 0, id: 5, maxRevision: 199 },
    stage2: [0x403cc700, 0x3fcd5810, 0x403cc710],
    app: [0x40380370, 0x3c0a0020, 0x40380000],
  },
};
const TABLE = 0x8000;
const APP = 0x10000;
/** Bytes that do not compress, so that there is progress to be seen while they are written. */
const BALLAST = 64 * 1024;

const NOTICE =
  'This is no firmware for a chip. It is the image that Parley offers for its virtual ESP32 boards: ' +
  'real in its format, so that the tools that write and check it are exercised for real, and empty ' +
  'inside. A virtual board with this image runs MicroPython built for WebAssembly.\n';

/** An image: header, segments, checksum, appended SHA-256. */
function image({ id, maxRevision }, entry, segments) {
  const header = Buffer.alloc(24);
  header.set([0xe9, segments.length, 0x02, 0x2f]); // DIO, 4 MB, 80 MHz
  header.writeUInt32LE(entry, 4);
  header[8] = 0xee; // WP pin disabled
  header.writeUInt16LE(id, 12);
  header.writeUInt16LE(maxRevision, 17); // 100 times the major part
  header[23] = 1; // a SHA-256 is appended
  const parts = [header];
  let sum = 0xef;
  for (const { address, data } of segments) {
    const padded = Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(address, 0);
    head.writeUInt32LE(padded.length, 4);
    parts.push(head, padded);
    for (const byte of padded) sum ^= byte;
  }
  const length = parts.reduce((total, part) => total + part.length, 0);
  const tail = Buffer.alloc(16 - (length % 16));
  tail[tail.length - 1] = sum;
  const body = Buffer.concat([...parts, tail]);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

/** The description that stands first in the application (256 bytes). */
function description() {
  const bytes = Buffer.alloc(256);
  bytes.writeUInt32LE(0xabcd5432, 0);
  bytes.write('v1.27.0-parley-virtual', 16, 'latin1');
  bytes.write('micropython', 48, 'latin1');
  bytes.write('00:00:00', 80, 'latin1');
  bytes.write('Jan  1 2026', 96, 'latin1');
  bytes.write('none', 112, 'latin1');
  createHash('sha256').update(NOTICE).digest().copy(bytes, 144);
  return bytes;
}

/** The table of MicroPython's generic 4 MiB board: nvs, phy_init, factory, vfs; and its MD5. */
function partitionTable() {
  const entry = (label, type, subtype, offset, size) => {
    const bytes = Buffer.alloc(32);
    bytes.set([0xaa, 0x50, type, subtype]);
    bytes.writeUInt32LE(offset, 4);
    bytes.writeUInt32LE(size, 8);
    bytes.write(label, 12, 'latin1');
    return bytes;
  };
  const entries = Buffer.concat([
    entry('nvs', 1, 2, 0x9000, 0x6000),
    entry('phy_init', 1, 1, 0xf000, 0x1000),
    entry('factory', 0, 0, APP, 0x1f0000),
    entry('vfs', 1, 0x81, 0x200000, 0x200000),
  ]);
  const md5 = Buffer.alloc(32, 0xff);
  md5.set([0xeb, 0xeb]);
  createHash('md5').update(entries).digest().copy(md5, 16);
  return Buffer.concat([entries, md5]);
}

/** Bytes that look random and are the same in every build. */
function ballast(length) {
  const parts = [];
  for (let i = 0; i * 32 < length; i++) {
    parts.push(createHash('sha256').update(`parley ${i}`).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}

const notice = Buffer.from(NOTICE);

/** The whole file for one chip. */
function firmware(chip) {
  const { start } = chip;
  const [boot, bootData, bootCode] = chip.stage2;
  const stage2 = image(chip, boot, [
    { address: bootData, data: notice },
    { address: bootCode, data: Buffer.alloc(64) },
  ]);
  const [entry, appData, appCode] = chip.app;
  const app = image(chip, entry, [
    { address: appData, data: Buffer.concat([description(), notice, ballast(BALLAST)]) },
    { address: appCode, data: Buffer.alloc(1024) },
  ]);
  const file = Buffer.alloc(APP - start + app.length, 0xff);
  stage2.copy(file, 0);
  partitionTable().copy(file, TABLE - start);
  app.copy(file, APP - start);
  return file;
}

function write(target, chip) {
  const bytes = firmware(CHIPS[chip]);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, bytes);
  process.stdout.write(`${target}: ${bytes.length} bytes\n`);
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const [target, chip = 'esp32'] = process.argv.slice(2);
if (target) write(resolve(target), chip);
else {
  for (const name of Object.keys(CHIPS)) {
    write(`${root}/dist/firmware/parley-virtual-${name}.bin`, name);
  }
}
