/**
 * The registers of a virtual ESP32 that a flasher reads: what the chip is, its MAC address, its
 * crystal, and the SPI controller through which it asks the flash chip for its identity. Data with
 * sources; where nothing is known a register reads 0 and keeps what is written.
 * Below: nothing. Above: rom.ts.
 *
 * Sources: ESP32 Technical Reference Manual ("eFuse Controller", "SPI Controller"), and the register
 * use of esptool's and esptool-js's ESP32 target.
 */

const EFUSE_BASE = 0x3ff5_a000;
const SPI_BASE = 0x3ff4_2000;
const SPI_CMD = SPI_BASE;
const SPI_MISO_DLEN = SPI_BASE + 0x2c;
const SPI_MOSI_DLEN = SPI_BASE + 0x28;
const SPI_USR2 = SPI_BASE + 0x24;
const SPI_W0 = SPI_BASE + 0x80;
/** SPI_CMD_REG: start the user-defined command; reads 0 when it is done. */
const SPI_CMD_USR = 1 << 18;
/** UART_CLKDIV_REG of UART0: the crystal's clock over the baud rate; tools compute 40 MHz from it. */
const UART_CLKDIV = 0x3ff4_0014;

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

/**
 * CRC-8 of a MAC as it stands beside it in the eFuses: polynomial 0x31 reflected, start 0 (ESP-IDF,
 * "Misc System APIs": the factory MAC is stored with a CRC).
 */
export function macCrc(mac: Uint8Array): number {
  let crc = 0;
  for (const byte of mac) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8c : crc >> 1;
  }
  return crc;
}

/** `24:6f:28:01:02:03`. */
export function formatMac(mac: Uint8Array): string {
  return [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** What the eFuses of block 0 and the constants of the chip read. */
function constants(mac: Uint8Array): Map<number, number> {
  const [a, b, c, d, e, f] = [...mac] as [number, number, number, number, number, number];
  return new Map([
    // The value by which tools know an ESP32 (a word of its ROM).
    [0x4000_1000, 0x00f0_1d83],
    [EFUSE_BASE + 0x04, ((c << 24) | (d << 16) | (e << 8) | f) >>> 0],
    [EFUSE_BASE + 0x08, ((macCrc(mac) << 16) | (a << 8) | b) >>> 0],
    // Revision bit 0 (bit 15), package 1 = ESP32-D0WD (bits 9-11), two cores, Bluetooth, 240 MHz.
    [EFUSE_BASE + 0x0c, (1 << 15) | (1 << 9)],
    // Revision bit 1 (bit 20), minor revision 1 (bits 24-25): with the next one, chip revision v3.1.
    [EFUSE_BASE + 0x14, (1 << 20) | (1 << 24)],
    // SYSCON_DATE_REG bit 31: revision bit 2.
    [0x3ff6_607c, 0x8000_0000],
    // UART_DATE_REG, and GPIO_STRAP_REG as sampled on the way into the loader.
    [0x6000_0078, 0x1512_2500],
    [0x3ff4_4038, 0x03],
  ]);
}

export class Registers {
  private readonly fixed: Map<number, number>;
  private readonly written = new Map<number, number>();
  /** The flash chip's status registers 1 and 2; they keep their bits without power. */
  private flashStatus = 0;
  private writeEnabled = false;

  /**
   * @param mac six bytes
   * @param baudRate the rate of UART0 now, in bits per second
   * @param flashAnswers false: the flash chip leaves its line high, whatever it is asked
   */
  constructor(
    mac: Uint8Array,
    private readonly baudRate: () => number,
    private readonly flashAnswers = true,
  ) {
    this.fixed = constants(mac);
  }

  /** The word at `address`, 0 to 0xFFFFFFFF. */
  read(address: number): number {
    if (address === UART_CLKDIV) {
      const divider = CRYSTAL_HZ / this.baudRate();
      const whole = Math.floor(divider);
      return (whole | (Math.floor((divider - whole) * 16) << 20)) >>> 0;
    }
    return this.fixed.get(address) ?? this.written.get(address) ?? 0;
  }

  /** Writes the bits of `mask`; what is burnt or read-only stays. */
  write(address: number, value: number, mask = 0xffff_ffff): void {
    if (this.fixed.has(address) || address === UART_CLKDIV) return;
    if (address === SPI_CMD && value & SPI_CMD_USR) return this.runFlashCommand();
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
    const bytes = (this.read(SPI_MOSI_DLEN) + 1) >> 3;
    const value = this.read(SPI_W0);
    const old = this.flashStatus;
    if (command === FLASH.writeStatus2) this.flashStatus = (old & 0xff) | ((value & 0xff) << 8);
    else if (bytes >= 2) this.flashStatus = value & 0xffff;
    else this.flashStatus = (old & 0xff00) | (value & 0xff);
    // Busy and the write enable latch are the chip's own.
    this.flashStatus &= ~0x03;
  }

  private runFlashCommand(): void {
    const command = this.read(SPI_USR2) & 0xff;
    const answer = this.flashAnswers ? this.flashCommand(command) : 0xffff_ffff;
    const bits = this.read(SPI_MISO_DLEN) + 1;
    this.written.set(SPI_W0, bits >= 32 ? answer : answer % 2 ** bits);
    this.written.set(SPI_CMD, 0);
  }
}
