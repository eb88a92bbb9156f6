import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isBoardError } from '../core/errors';
import { FLASH_SIZE, type FlashRange, MemoryFlash, openFlash } from './flash';

describe('flash', () => {
  const dir = mkdtempSync(join(tmpdir(), 'parley-flash-'));
  after(() => rmSync(dir, { recursive: true }));

  test('is blank when new', () => {
    const flash = new MemoryFlash();
    assert.equal(flash.size, 4 * 1024 * 1024);
    assert.deepEqual(flash.read(FLASH_SIZE - 3, 3), new Uint8Array([255, 255, 255]));
  });

  test('programs ones to zeros only, as NOR flash does', () => {
    const flash = new MemoryFlash();
    flash.program(10, new Uint8Array([0xf0]));
    flash.program(10, new Uint8Array([0x3c]));
    assert.deepEqual(flash.read(9, 3), new Uint8Array([0xff, 0x30, 0xff]));
  });

  test('erases whole sectors, no others, and tells which', () => {
    const flash = new MemoryFlash();
    const told: FlashRange[] = [];
    flash.onErase((range) => told.push(range));
    flash.program(0, new Uint8Array(0x4000));
    flash.erase(0x1800, 0x1000);
    assert.deepEqual(told, [{ offset: 0x1000, length: 0x2000 }]);
    assert.equal(flash.read(0xfff, 1)[0], 0);
    assert.ok(flash.read(0x1000, 0x2000).every((b) => b === 0xff));
    assert.equal(flash.read(0x3000, 1)[0], 0);
    flash.erase(0x3000, 0);
    assert.equal(told.length, 1);
  });

  test('refuses what is outside the chip and leaves it as it was', () => {
    const flash = new MemoryFlash();
    const refused = (work: () => unknown): void =>
      assert.throws(work, (e) => isBoardError(e, 'bootloader-failed'));
    refused(() => flash.read(FLASH_SIZE - 1, 2));
    refused(() => flash.program(FLASH_SIZE - 1, new Uint8Array(2)));
    refused(() => flash.erase(-1, 1));
    refused(() => flash.erase(0, FLASH_SIZE + 1));
    assert.equal(flash.read(FLASH_SIZE - 1, 1)[0], 0xff);
  });

  test('a file keeps every change from the moment the call returns', async () => {
    const file = join(dir, 'a', 'flash.bin');
    const first = openFlash(file);
    first.program(0x1000, new Uint8Array([1, 2, 3]));
    first.program(0x5000, new Uint8Array([4]));
    first.erase(0x5000, 1);
    // Not closed: as if the process had been killed here.
    const second = openFlash(file);
    assert.deepEqual(second.read(0xfff, 5), new Uint8Array([0xff, 1, 2, 3, 0xff]));
    assert.equal(second.read(0x5000, 1)[0], 0xff);
    await first.close();
    await first.close();
    await second.close();
    assert.throws(() => second.program(0, new Uint8Array(1)));
  });

  test('the file is the chip byte for byte', async () => {
    const file = join(dir, 'plain.bin');
    const flash = openFlash(file);
    flash.program(0x1000, new Uint8Array([0xe9]));
    await flash.close();
    const held = readFileSync(file);
    assert.equal(held.length, FLASH_SIZE);
    assert.deepEqual([...held.subarray(0xfff, 0x1002)], [0xff, 0xe9, 0xff]);
  });

  test('a file cut short is grown with erased bytes', async () => {
    const file = join(dir, 'short.bin');
    writeFileSync(file, new Uint8Array([7]));
    const flash = openFlash(file);
    assert.deepEqual(flash.read(0, 2), new Uint8Array([7, 0xff]));
    await flash.close();
  });

  test('a path that cannot be opened is an error of the virtual board', () => {
    assert.throws(
      () => openFlash(dir),
      (e) => isBoardError(e, 'virtual-failed'),
    );
  });
});
