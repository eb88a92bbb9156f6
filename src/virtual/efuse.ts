/**
 * The registers of a virtual board that a flasher reads: what the chip is, its MAC address, its
 * crystal, and the SPI controller through which it asks the flash chip for its identity. Where
 * nothing is known a register reads 0 and keeps what is written.
 * Below: chips.ts has the data. Above: rom.ts.
 *
 * Sources: ESP32 Technical Reference Manual ("eFuse Controller", "SPI Controller"), and the register
 * use of esptool's and esptool-js's ESP32 target.
 */
import type { Chip } from './chips';

/** SPI_CMD_REG: start the user-defined command; reads 0 when it is done. */
const SPI_CMD_USR = 1 << 18;

const CRYSTAL_HZ = 40_000_000;

/** What the flash chip answers: JEDEC id, Winbond W25Q32 (0xEF 0x40 0x16), as it stands in W0. */
export const FLASH_ID = 0x16_40ef;

/** Commands of the flash chip that are answered (W25Q32 datasheet, "Instruction Set"). */
const FLASH = {
  writeStatus: 0x01,
  writeDisable: 0x04,
  readStatus1: 0x05,
  writeEnable: 0x06,
  writeStatus2: 0x31,
  readStatus2: 0x35,
  readSfdp: 0x5a,
  readId: 0x9f,
} as const;
/** Status register: the write enable latch. */
const WRITE_ENABLED = 0x02;
/** What the SFDP table begins with: "SFDP" (JEDEC JESD216). */
const SFDP_SIGNATURE = 0x5044_4653;

/** MAC prefix that Espressif owns (IEEE OUI 24:6F:28). */
export const MAC_PREFIX = [0x24, 0x6f, 0x28] as const;

/** `24:6f:28:01:02:03`. */
export function formatMac(mac: Uint8Array): string {
  return [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

export class Registers {
  private readonly fixed: Map<number, number>;
  private readonly spi: Record<'command' | 'usr2' | 'mosiLength' | 'misoLength' | 'w0', number>;
  private readonly written = new Map<number, number>();
  /** The flash chip's status registers 1 and 2; they keep their bits without power. */
  private flashStatus = 0;
  private writeEnabled = false;

  /**
   * @param chip whose registers they are
   * @param mac six bytes
   * @param baudRate the rate of UART0 now, in bits per second
   * @param flashAnswers false: the flash chip leaves its line high, whatever it is asked
   */
  constructor(
    private readonly chip: Chip,
    mac: Uint8Array,
    private readonly baudRate: () => number,
    private readonly flashAnswers = true,
  ) {
    this.fixed = chip.constants(mac);
    const { base, usr2, mosiLength, misoLength, w0 } = chip.spi;
    this.spi = {
      command: base,
      usr2: base + usr2,
      mosiLength: base + mosiLength,
      misoLength: base + misoLength,
      w0: base + w0,
    };
  }

  /** The word at `address`, 0 to 0xFFFFFFFF. */
  read(address: number): number {
    if (address === this.chip.clockDivider) {
      const divider = CRYSTAL_HZ / this.baudRate();
      const whole = Math.floor(divider);
      return (whole | (Math.floor((divider - whole) * 16) << 20)) >>> 0;
    }
    return this.fixed.get(address) ?? this.written.get(address) ?? 0;
  }

  /** Writes the bits of `mask`; what is burnt or read-only stays. */
  write(address: number, value: number, mask = 0xffff_ffff): void {
    if (this.fixed.has(address) || address === this.chip.clockDivider) return;
    if (address === this.spi.command && value & SPI_CMD_USR) return this.runFlashCommand();
    this.written.set(address, ((this.read(address) & ~mask) | (value & mask)) >>> 0);
  }

  /** Forgets what was written, as a reset does. */
  reset(): void {
    this.written.clear();
  }

  private flashCommand(command: number): number {
    switch (command) {
      case FLASH.readId:
        return FLASH_ID;
      case FLASH.readStatus1:
        return (this.flashStatus & 0xff) | (this.writeEnabled ? WRITE_ENABLED : 0);
      case FLASH.readStatus2:
        return this.flashStatus >> 8;
      case FLASH.readSfdp:
        return SFDP_SIGNATURE;
      case FLASH.writeEnable:
      case FLASH.writeDisable:
        this.writeEnabled = command === FLASH.writeEnable;
        return 0;
      case FLASH.writeStatus:
      case FLASH.writeStatus2:
        if (this.writeEnabled) this.writeStatus(command);
        this.writeEnabled = false;
        return 0;
      default:
        return 0;
    }
  }

  private writeStatus(command: number): void {
    const bytes = (this.read(this.spi.mosiLength) + 1) >> 3;
    const value = this.read(this.spi.w0);
    const old = this.flashStatus;
    if (command === FLASH.writeStatus2) this.flashStatus = (old & 0xff) | ((value & 0xff) << 8);
    else if (bytes >= 2) this.flashStatus = value & 0xffff;
    else this.flashStatus = (old & 0xff00) | (value & 0xff);
    // Busy and the write enable latch are the chip's own.
    this.flashStatus &= ~0x03;
  }

  private runFlashCommand(): void {
    const command = this.read(this.spi.usr2) & 0xff;
    const answer = this.flashAnswers ? this.flashCommand(command) : 0xffff_ffff;
    const bits = this.read(this.spi.misoLength) + 1;
    this.written.set(this.spi.w0, bits >= 32 ? answer : answer % 2 ** bits);
    this.written.set(this.spi.command, 0);
  }
}
