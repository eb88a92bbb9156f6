/**
 * The kinds of chip that a virtual board can be, as data: what the ROM prints, what registers and
 * eFuses read, where its second stage lies, and whether USB is built into it.
 * Below: nothing. Above: efuse, bootloader, rom, machine; options.ts lets a user choose.
 *
 * Sources: each chip's Technical Reference Manual ("eFuse Controller", "SPI Controller", "Reset and
 * Clock", "Chip Boot Control", "USB Serial/JTAG Controller"); ESP-IDF Programming Guide ("Bootloader");
 * boot logs as owners of such boards post them; the register use of esptool's targets.
 */

/** Why a chip starts. */
export type ResetReason =
  | 'power-on'
  | 'loader-reboot'
  | 'deep-sleep'
  | 'watchdog'
  /** The task watchdog ends in a panic, and a panic in a software reset (ESP-IDF, "Fatal Errors"). */
  | 'task-watchdog'
  | 'software'
  /** ESP-IDF's handler restarts the processor; without one the RTC's own reset comes. */
  | 'brown-out'
  | 'brown-out-rtc'
  | 'boot-watchdog'
  /** DTR and RTS asked for it: for a chip with transistors the same as being switched on. */
  | 'lines';

/** Where a flasher finds what it needs for a command to the flash chip. */
export interface SpiRegisters {
  readonly base: number;
  readonly usr2: number;
  readonly mosiLength: number;
  readonly misoLength: number;
  readonly w0: number;
}

export interface Chip {
  /** As `--chip` has it. */
  readonly id: ChipId;
  /** As tools print it. */
  readonly name: string;
  /** As MicroPython prints it: "… with ESP32S3". */
  readonly mcu: string;
  /** `sys.implementation._build` of MicroPython's generic firmware. */
  readonly build: string;
  /** Chip id in an image's header, and in the answer of GET_SECURITY_INFO. */
  readonly imageChipId: number;
  /** Where the second stage lies in the flash. */
  readonly bootloader: number;
  /** True: USB is in the chip (USB-Serial-JTAG), and DTR and RTS go to it instead of to transistors. */
  readonly nativeUsb: boolean;
  /** False: its ROM does not know GET_SECURITY_INFO. */
  readonly securityInfo: boolean;
  readonly spi: SpiRegisters;
  /** UART_CLKDIV_REG of UART0, from which tools work out the crystal; not on chips with one only. */
  readonly clockDivider?: number;
  /** What constants of the chip and its eFuses read, by address. */
  constants(mac: Uint8Array): Map<number, number>;
  /** Lines before "rst:". */
  readonly greeting: string;
  readonly resetReasons: Readonly<Record<ResetReason, string>>;
  /** The strapping pins and what the ROM makes of them. */
  readonly modes: { readonly flash: string; readonly download: string };
  /** What the ROM says of the flash before it loads. */
  readonly flashLines: string;
  /** What the ROM says after "csum err". */
  readonly checksumPlace: string;
}

export type ChipId = 'esp32' | 'esp32s3' | 'esp32c3';

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

/** A MAC's last four bytes and its first two, as they stand in two words of eFuses. */
function macWords(mac: Uint8Array): [number, number] {
  const [a, b, c, d, e, f] = [...mac] as [number, number, number, number, number, number];
  return [((c << 24) | (d << 16) | (e << 8) | f) >>> 0, (a << 8) | b];
}

const EFUSE_ESP32 = 0x3ff5_a000;

const esp32: Chip = {
  id: 'esp32',
  name: 'ESP32',
  mcu: 'ESP32',
  build: 'ESP32_GENERIC',
  imageChipId: 0,
  bootloader: 0x1000,
  nativeUsb: false,
  securityInfo: false,
  spi: { base: 0x3ff4_2000, usr2: 0x24, mosiLength: 0x28, misoLength: 0x2c, w0: 0x80 },
  clockDivider: 0x3ff4_0014,
  constants: (mac) => {
    const [low, high] = macWords(mac);
    return new Map([
      // The value by which tools know an ESP32 (a word of its ROM).
      [0x4000_1000, 0x00f0_1d83],
      [EFUSE_ESP32 + 0x04, low],
      [EFUSE_ESP32 + 0x08, ((macCrc(mac) << 16) | high) >>> 0],
      // Revision bit 0 (bit 15), package 1 = ESP32-D0WD (bits 9-11), two cores, Bluetooth, 240 MHz.
      [EFUSE_ESP32 + 0x0c, (1 << 15) | (1 << 9)],
      // Revision bit 1 (bit 20), minor revision 1 (bits 24-25): with the next one, chip revision v3.1.
      [EFUSE_ESP32 + 0x14, (1 << 20) | (1 << 24)],
      // SYSCON_DATE_REG bit 31: revision bit 2.
      [0x3ff6_607c, 0x8000_0000],
      // UART_DATE_REG, and GPIO_STRAP_REG as sampled on the way into the loader.
      [0x6000_0078, 0x1512_2500],
      [0x3ff4_4038, 0x03],
    ]);
  },
  greeting: 'ets Jul 29 2019 12:21:46\r\n\r\n',
  resetReasons: {
    'power-on': '0x1 (POWERON_RESET)',
    'loader-reboot': '0x3 (SW_RESET)',
    'deep-sleep': '0x5 (DEEPSLEEP_RESET)',
    watchdog: '0x8 (TG1WDT_SYS_RESET)',
    'task-watchdog': '0xc (SW_CPU_RESET)',
    software: '0xc (SW_CPU_RESET)',
    'brown-out': '0xc (SW_CPU_RESET)',
    'brown-out-rtc': '0xf (RTCWDT_BROWN_OUT_RESET)',
    'boot-watchdog': '0x10 (RTCWDT_RTC_RESET)',
    lines: '0x1 (POWERON_RESET)',
  },
  modes: {
    flash: '0x13 (SPI_FAST_FLASH_BOOT)',
    download: '0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))',
  },
  flashLines:
    'configsip: 0, SPIWP:0xee\r\n' +
    'clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00\r\n' +
    'mode:DIO, clock div:2\r\n',
  checksumPlace: 'ets_main.c 371 \r\n',
};

/** What the chips after the ESP32-S2 have in common. */
const newer = {
  nativeUsb: true,
  securityInfo: true,
  bootloader: 0,
  spi: { base: 0x6000_2000, usr2: 0x20, mosiLength: 0x24, misoLength: 0x28, w0: 0x58 },
  resetReasons: {
    'power-on': '0x1 (POWERON)',
    'loader-reboot': '0x3 (RTC_SW_SYS_RST)',
    'deep-sleep': '0x5 (DSLEEP)',
    watchdog: '0x8 (TG1WDT_SYS_RST)',
    'task-watchdog': '0xc (RTC_SW_CPU_RST)',
    software: '0xc (RTC_SW_CPU_RST)',
    'brown-out': '0xc (RTC_SW_CPU_RST)',
    'brown-out-rtc': '0xf (RTCWDT_BROWN_OUT)',
    'boot-watchdog': '0x10 (RTCWDT_RTC_RST)',
    lines: '0x15 (USB_UART_CHIP_RESET)',
  },
  flashLines: 'SPIWP:0xee\r\nmode:DIO, clock div:1\r\n',
  checksumPlace: 'ets_main.c 333 \r\n',
} as const;

/**
 * Words of eFuse block 1 from `base`: MAC, minor revision (bits 18-20 of word 3), package 0, no flash
 * or PSRAM in the package, major revision 0.
 */
function block1(base: number, mac: Uint8Array, minor: number): [number, number][] {
  const [low, high] = macWords(mac);
  return [
    [base, low],
    [base + 4, high],
    [base + 8, 0],
    [base + 12, minor << 18],
    [base + 16, 0],
    [base + 20, 0],
  ];
}

const esp32s3: Chip = {
  ...newer,
  id: 'esp32s3',
  name: 'ESP32-S3',
  mcu: 'ESP32S3',
  build: 'ESP32_GENERIC_S3',
  imageChipId: 9,
  constants: (mac) =>
    new Map([
      [0x4000_1000, 0x0000_0009],
      ...block1(0x6000_7044, mac, 2),
      // Which of its ports the ROM's loader listens on: 4 is USB-Serial-JTAG.
      [0x3fce_f14c, 4],
    ]),
  greeting: 'ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\n',
  modes: { flash: '0x8 (SPI_FAST_FLASH_BOOT)', download: '0x0 (DOWNLOAD(USB/UART0))' },
};

const esp32c3: Chip = {
  ...newer,
  id: 'esp32c3',
  name: 'ESP32-C3',
  mcu: 'ESP32C3',
  build: 'ESP32_GENERIC_C3',
  imageChipId: 5,
  constants: (mac) =>
    new Map([
      [0x4000_1000, 0x1b31_506f],
      ...block1(0x6000_8844, mac, 3),
      // 3 is USB-Serial-JTAG here.
      [0x3fcd_f07c, 3],
    ]),
  greeting: 'ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\n',
  modes: { flash: '0xc (SPI_FAST_FLASH_BOOT)', download: '0x4 (DOWNLOAD(USB/UART0/1))' },
};

export const chips: Readonly<Record<ChipId, Chip>> = { esp32, esp32s3, esp32c3 };

export function isChipId(text: unknown): text is ChipId {
  return typeof text === 'string' && Object.hasOwn(chips, text);
}
