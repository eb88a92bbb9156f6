import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHIP_DEFS } from 'esptool-js/lib/targets/index.js';
import { chips } from './chips';

/** The ROM targets of Espressif's own esptool-js say where each chip's ROM looks for a bootloader. */
test('every chip of the table has Espressif’s offset and image id', () => {
  const theirs = Object.values(CHIP_DEFS);
  const names = chips.map(({ name }) => name).sort();
  const ten = ['', '-C2', '-C3', '-C5', '-C6', '-H2', '-P4', '-S2', '-S3'].map((s) => `ESP32${s}`);
  assert.deepEqual(names, [...ten, 'ESP8266'].sort());
  for (const chip of chips) {
    const rom = theirs.find(({ CHIP_NAME }) => CHIP_NAME === chip.name);
    assert.ok(rom, chip.name);
    assert.equal(chip.microPythonOffset, rom.BOOTLOADER_FLASH_OFFSET, chip.name);
    assert.equal(chip.imageChipId, rom.IMAGE_CHIP_ID, chip.name);
  }
});
