import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { downloadBanner, planBoot } from './bootloader';
import { chips, type ChipId, isChipId } from './chips';
import { Registers } from './efuse';
import { MemoryFlash } from './flash';

const mac = Uint8Array.of(0x24, 0x6f, 0x28, 0xaa, 0xbb, 0xcc);
const ids = Object.keys(chips) as ChipId[];

describe('chips', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'parley-chips-'))));
  after(() => rmSync(folder, { recursive: true }));

  const image = (chip: ChipId): Buffer => {
    const file = join(folder, `${chip}.bin`);
    execFileSync(process.execPath, ['scripts/makeVirtualImage.mjs', file, chip]);
    return readFileSync(file);
  };

  test('each starts the image that was made for it, and none of another', () => {
    for (const id of ids) {
      const bytes = image(id);
      for (const other of ids) {
        const chip = chips[other];
        const flash = new MemoryFlash();
        flash.program(chip.bootloader, bytes);
        const { outcome, steps } = planBoot(chip, flash, 'power-on');
        assert.equal(outcome === 'micropython', id === other, `${id} on ${other}`);
        assert.ok(steps[0]!.text.startsWith(chip.greeting));
      }
    }
  });

  test('the ROM of each says what its board prints', () => {
    assert.match(
      downloadBanner(chips.esp32s3, 'lines'),
      /^ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\nrst:0x15 \(USB_UART_CHIP_RESET\),boot:0x0 \(DOWNLOAD\(USB\/UART0\)\)\r\nwaiting for download\r\n$/,
    );
    assert.match(
      downloadBanner(chips.esp32c3, 'lines'),
      /^ESP-ROM:esp32c3-api1-20210207\r\n.*boot:0x4 \(DOWNLOAD\(USB\/UART0\/1\)\)/s,
    );
    const blank = planBoot(chips.esp32c3, new MemoryFlash(), 'power-on');
    assert.match(blank.steps.map(({ text }) => text).join(''), /invalid header: 0xffffffff/);
  });

  test('MAC and flash id are found where a flasher looks on each', () => {
    const places = { esp32: 0x3ff5_a004, esp32s3: 0x6000_7044, esp32c3: 0x6000_8844 };
    for (const id of ids) {
      const chip = chips[id];
      const registers = new Registers(chip, mac, () => 115_200);
      assert.equal(registers.read(places[id]), 0x28aa_bbcc);
      assert.equal(registers.read(places[id] + 4) & 0xffff, 0x246f);
      registers.write(chip.spi.base + chip.spi.misoLength, 23);
      registers.write(chip.spi.base + chip.spi.usr2, 0x7000_009f);
      registers.write(chip.spi.base, 1 << 18);
      assert.equal(registers.read(chip.spi.base + chip.spi.w0), 0x16_40ef);
    }
  });

  test('a name is a chip only when it is one of the table', () => {
    assert.equal(isChipId('esp32c3'), true);
    assert.equal(isChipId('toString'), false);
    assert.equal(isChipId(7), false);
  });
});
