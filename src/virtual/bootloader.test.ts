import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { type BootPlan, downloadBanner, planBoot } from './bootloader';
import { chips } from './chips';
import { MemoryFlash } from './flash';
import { bootPartition, readImage, readPartitions } from './image';

const START = 0x1000;
const TABLE = 0x8000;
const APP = 0x1_0000;

let image: Buffer;

before(() => {
  const dir = mkdtempSync(join(tmpdir(), 'parley-image-'));
  const file = join(dir, 'image.bin');
  execFileSync(process.execPath, ['scripts/makeVirtualImage.mjs', file]);
  image = readFileSync(file);
  rmSync(dir, { recursive: true });
});

/** A flash with the image of the build, after `spoil` had its way with the whole chip's bytes. */
function flashed(spoil: (chip: Buffer) => void = () => undefined): MemoryFlash {
  const chip = Buffer.alloc(0x40_0000, 0xff);
  image.copy(chip, START);
  spoil(chip);
  return new MemoryFlash(chip);
}

const text = (plan: BootPlan): string => plan.steps.map((step) => step.text).join('');

/** Writes checksum and hash of the application again after a change of its header. */
function rehash(chip: Buffer): void {
  const end = APP + image.length - (APP - START) - 32;
  createHash('sha256').update(chip.subarray(APP, end)).digest().copy(chip, end);
}

describe('the image that the build makes', () => {
  test('is sound in every part, for an ESP32, and compresses only a little', () => {
    const flash = flashed();
    for (const [offset, room] of [
      [START, 0x7000],
      [APP, 0x1f_0000],
    ] as const) {
      const found = readImage(chips.esp32, flash, offset, room);
      assert.equal(found.fault, undefined);
      assert.equal(found.chipId, 0);
    }
    assert.equal(readImage(chips.esp32, flash, APP, 0x1f_0000).project, 'micropython');
    const table = readPartitions(flash);
    assert.ok('partitions' in table);
    assert.equal(bootPartition(table.partitions)?.offset, APP);
    assert.deepEqual(
      table.partitions.map((p) => p.label),
      ['nvs', 'phy_init', 'factory', 'vfs'],
    );
    assert.ok(image.length < 0x2_0000 && deflateSync(image).length > 0x1_0000);
    assert.ok(image.includes('no firmware for a chip'));
  });
});

describe('bootloader', () => {
  test('a blank chip says so seven times, as far apart as on a board, and starts over', () => {
    const plan = planBoot(chips.esp32, new MemoryFlash(), 'power-on');
    assert.match(
      text(plan),
      /^ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 \(POWERON_RESET\),boot:0x13 /,
    );
    assert.equal(text(plan).match(/invalid header: 0xffffffff\r\n/g)?.length, 7);
    assert.deepEqual(plan.outcome, { reset: 'boot-watchdog', wait: 42 });
    const again = planBoot(chips.esp32, new MemoryFlash(), 'boot-watchdog');
    assert.match(text(again), /rst:0x10 \(RTCWDT_RTC_RESET\)/);
    const lasts = plan.steps.reduce((sum, step) => sum + step.wait, 42);
    assert.ok(lasts > 250 && lasts < 400, `${lasts}`);
  });

  test('an image written to 0x0 instead of 0x1000 does not boot either', () => {
    const chip = Buffer.alloc(0x40_0000, 0xff);
    image.copy(chip, 0);
    const plan = planBoot(chips.esp32, new MemoryFlash(chip), 'power-on');
    assert.match(text(plan), /invalid header: 0x/);
  });

  test('the image of the build boots MicroPython, and the log says once what this is', () => {
    const plan = planBoot(chips.esp32, flashed(), 'software');
    assert.equal(plan.outcome, 'micropython');
    assert.match(text(plan), /rst:0xc \(SW_CPU_RESET\),boot:0x13 \(SPI_FAST_FLASH_BOOT\)/);
    assert.match(text(plan), /load:0x3fff0030,len:\d+\r\n/);
    assert.match(text(plan), /entry 0x400805b0\r\n/);
    assert.equal(text(plan).match(/virtual board/g)?.length, 1);
  });

  const broken: [string, (chip: Buffer) => void, RegExp][] = [
    ['second stage spoilt', (c) => (c[START + 100]! ^= 1), /csum err:0x..!=0x/],
    [
      'no partition table',
      (c) => c.fill(0xff, TABLE, TABLE + 0x1000),
      /invalid magic number 0xffff/,
    ],
    ['partition table spoilt', (c) => (c[TABLE + 8]! ^= 1), /invalid MD5 checksum/],
    ['no application', (c) => c.fill(0xff, APP), /image at 0x10000 has invalid magic byte/],
    ['application spoilt', (c) => (c[APP + 5000]! ^= 1), /Checksum failed\. Calculated 0x/],
    ['its header spoilt', (c) => (c[APP + 5]! ^= 1), /Image hash failed - image is corrupt/],
    ['application of another chip', (c) => (c[APP + 12] = 9), /chip ID, expected 0, found 9/],
    [
      'application cut off',
      (c) => c.writeUInt32LE(0x7fff_ffff, APP + 28),
      /invalid segment length/,
    ],
    ['too many segments', (c) => (c[APP + 1] = 200), /segment count 200/],
  ];
  for (const [name, spoil, expected] of broken) {
    test(`${name}: says so, and tries again`, () => {
      const plan = planBoot(chips.esp32, flashed(spoil), 'power-on');
      assert.match(text(plan), expected);
      assert.ok(typeof plan.outcome === 'object' && plan.outcome.wait >= 500);
    });
  }

  test('a second stage of another chip hangs until the watchdog', () => {
    const plan = planBoot(
      chips.esp32,
      flashed((c) => (c[START + 12] = 5)),
      'power-on',
    );
    assert.deepEqual(plan.outcome, { reset: 'boot-watchdog', wait: 1000 });
  });

  test('firmware that is not MicroPython stands still and says why', () => {
    const plan = planBoot(
      chips.esp32,
      flashed((c) => {
        c.write('blink\0\0\0\0\0\0', APP + 32 + 48);
        for (let at = APP; (at = c.indexOf('MicroPython', at)) >= 0;) c[at]! ^= 0x20;
        const app = c.subarray(APP, APP + image.length - (APP - START) - 32);
        let sum = 0xef;
        for (let at = 24, i = 0; i < app[1]!; i++) {
          const length = app.readUInt32LE(at + 4);
          for (const byte of app.subarray(at + 8, at + 8 + length)) sum ^= byte;
          at += 8 + length;
        }
        app[app.length - 1] = sum;
        rehash(c);
      }),
      'power-on',
    );
    assert.equal(plan.outcome, 'halt');
    assert.match(text(plan), /\(blink\) is another/);
  });

  test('the loader says that it waits, as tools look for it', () => {
    assert.match(
      downloadBanner(chips.esp32, 'power-on'),
      /boot:0x3 \(DOWNLOAD_BOOT\([\s\S]*waiting for download\r\n$/,
    );
  });
});
