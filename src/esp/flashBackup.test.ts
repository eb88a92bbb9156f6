import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBoardError } from '../core/errors';
import { explain } from '../core/explain';
import { chips, type Chip } from './chips';
import { checkBackup, chipOfBackup } from './flashBackup';

const SIZE = 0x40000;

/** A flash that is empty but for the header of a bootloader of `chip`. */
function flashOf(chip: Chip, size = SIZE): Uint8Array {
  const bytes = new Uint8Array(size).fill(0xff);
  const view = new DataView(bytes.buffer);
  const at = chip.microPythonOffset;
  bytes.set([0xe9, 3, 2, 0x20], at);
  // An ESP8266 header is 8 bytes long, and a segment's address in RAM comes after it.
  if (chip.imageChipId === undefined) view.setUint32(at + 8, 0x4010_0000, true);
  else view.setUint16(at + 12, chip.imageChipId, true);
  return bytes;
}

function refusal(bytes: Uint8Array, chip: string, flashSizeBytes: number | undefined): string {
  try {
    checkBackup(bytes, 'b.bin', { chip, flashSizeBytes });
  } catch (error) {
    assert.ok(isBoardError(error, 'wrong-backup'), String(error));
    return explain(error, 'machine1').sentence;
  }
  return '';
}

test('the bootloader tells whose flash it is, for each of the ten chips', () => {
  assert.equal(chips.length, 10);
  for (const chip of chips) {
    assert.equal(chipOfBackup(flashOf(chip))?.name, chip.name);
    for (const board of chips) {
      const said = refusal(flashOf(chip), board.name, SIZE);
      if (board === chip) assert.equal(said, '');
      else assert.match(said, new RegExp(`it is of an ${chip.name}, the board an ${board.name}`));
    }
  }
});

test('a bootloader at a place where its chip does not look is none', () => {
  const bytes = new Uint8Array(SIZE).fill(0xff);
  bytes.set(flashOf(chips.find(({ name }) => name === 'ESP32-C3')!).subarray(0, 24), 0x1000);
  assert.equal(chipOfBackup(bytes), undefined);
  assert.match(refusal(bytes, 'ESP32', SIZE), /no bootloader/);
  assert.equal(chipOfBackup(new Uint8Array(8).fill(0xe9)), undefined);
});

test('another size, an empty flash and no flash at all are refused, in a sentence', () => {
  const esp32 = chips.find(({ name }) => name === 'ESP32')!;
  const said = refusal(flashOf(esp32), 'ESP32', 4 << 20);
  assert.match(said, /^b\.bin cannot be restored onto machine1: it has 256 KB.*flash 4 MB\./);
  assert.match(said, /Nothing was written\. Choose a backup of this board/);
  assert.match(refusal(flashOf(esp32, SIZE + 1), 'ESP32', SIZE), /it has 262145 bytes/);
  assert.match(refusal(new Uint8Array(SIZE).fill(0xff), 'ESP32', SIZE), /no bootloader/);
  assert.match(refusal(flashOf(esp32), 'ESP32', undefined), /size of the board’s flash/);
});
