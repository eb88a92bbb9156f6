import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chips, macCrc } from './chips';
import { formatMac, Registers } from './efuse';

const mac = Uint8Array.of(0x24, 0x6f, 0x28, 0xaa, 0xbb, 0xcc);

describe('efuse', () => {
  test('holds the MAC as tools read it', () => {
    const registers = new Registers(chips.esp32, mac, () => 115_200);
    assert.equal(registers.read(0x3ff5_a004), 0x28aa_bbcc);
    assert.equal(registers.read(0x3ff5_a008) & 0xffff, 0x246f);
    assert.equal(registers.read(0x3ff5_a008) >>> 16, macCrc(mac));
    assert.equal(formatMac(mac), '24:6f:28:aa:bb:cc');
  });

  test('the CRC is CRC-8/MAXIM: its check value for "123456789" is 0xA1', () => {
    assert.equal(macCrc(new TextEncoder().encode('123456789')), 0xa1);
  });

  test('a crystal of 40 MHz follows from the divider at every rate', () => {
    for (const rate of [115_200, 460_800, 921_600]) {
      const divider = new Registers(chips.esp32, mac, () => rate).read(0x3ff4_0014) & 0xf_ffff;
      assert.ok(Math.abs((divider * rate) / 1e6 - 40) < 1);
    }
  });

  test('asks the flash chip for its identity through the SPI registers: 4 MiB', () => {
    const registers = new Registers(chips.esp32, mac, () => 115_200);
    registers.write(0x3ff4_202c, 23);
    registers.write(0x3ff4_2024, 0x7000_009f);
    registers.write(0x3ff4_2000, 1 << 18);
    assert.equal(registers.read(0x3ff4_2000), 0);
    assert.equal(registers.read(0x3ff4_2080), 0x16_40ef);
    assert.equal(2 ** (registers.read(0x3ff4_2080) >>> 16), 4 * 1024 * 1024);
  });

  test('keeps the status of the flash chip, and lets it be written only after a write enable', () => {
    const registers = new Registers(chips.esp32, mac, () => 115_200);
    const run = (command: number, bits: number, value?: number): number => {
      registers.write(0x3ff4_202c, value === undefined ? bits - 1 : 0);
      if (value !== undefined) {
        registers.write(0x3ff4_2028, bits - 1);
        registers.write(0x3ff4_2080, value);
      }
      registers.write(0x3ff4_2024, 0x7000_0000 | command);
      registers.write(0x3ff4_2000, 1 << 18);
      return registers.read(0x3ff4_2080);
    };
    run(0x01, 8, 0x1c);
    assert.equal(run(0x05, 8), 0);
    run(0x06, 0);
    assert.equal(run(0x05, 8), 0x02);
    run(0x01, 16, 0x021c);
    assert.deepEqual([run(0x05, 8), run(0x35, 8)], [0x1c, 0x02]);
    run(0x06, 0);
    run(0x01, 8, 0);
    assert.deepEqual([run(0x05, 8), run(0x35, 8)], [0, 0x02]);
    assert.equal(run(0x5a, 32), 0x5044_4653);
  });

  test('an unknown register reads 0, keeps what a mask lets in, and forgets it at reset', () => {
    const registers = new Registers(chips.esp32, mac, () => 115_200);
    assert.equal(registers.read(0x1234), 0);
    registers.write(0x1234, 0xffff_ffff, 0xff00_0000);
    assert.equal(registers.read(0x1234), 0xff00_0000);
    registers.reset();
    assert.equal(registers.read(0x1234), 0);
  });

  test('what is burnt cannot be written', () => {
    const registers = new Registers(chips.esp32, mac, () => 115_200);
    registers.write(0x3ff5_a004, 0);
    assert.equal(registers.read(0x3ff5_a004), 0x28aa_bbcc);
  });
});
