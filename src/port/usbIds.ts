/**
 * USB bridges that ESP boards carry, as data. Below: nothing. Above: serial.ts names ports by it.
 * Ids: the vendors' drivers and the Linux kernel's cp210x, ch341, cdc-acm and ftdi_sio tables;
 * Espressif's from its list of USB product ids (github.com/espressif/usb-pids).
 */

export interface UsbBridge {
  readonly vendorId: number;
  readonly productId: number;
  /** What is printed on the chip, or what the device is. */
  readonly name: string;
}

const SILICON_LABS = 0x10c4;
const WCH = 0x1a86;
const FTDI = 0x0403;
export const ESPRESSIF = 0x303a;
/** The USB-Serial-JTAG inside C3, C6, H2, S3 and later: has reset sequences of its own. */
export const USB_SERIAL_JTAG = 0x1001;

export const usbBridges: readonly UsbBridge[] = [
  { vendorId: SILICON_LABS, productId: 0xea60, name: 'CP210x' },
  { vendorId: SILICON_LABS, productId: 0xea61, name: 'CP210x' },
  { vendorId: SILICON_LABS, productId: 0xea63, name: 'CP210x' },
  { vendorId: SILICON_LABS, productId: 0xea70, name: 'CP2105' },
  { vendorId: SILICON_LABS, productId: 0xea71, name: 'CP2108' },
  { vendorId: WCH, productId: 0x7523, name: 'CH340' },
  { vendorId: WCH, productId: 0x7522, name: 'CH340K' },
  { vendorId: WCH, productId: 0x5523, name: 'CH341' },
  { vendorId: WCH, productId: 0x55d3, name: 'CH343' },
  { vendorId: WCH, productId: 0x55d4, name: 'CH9102' },
  { vendorId: FTDI, productId: 0x6001, name: 'FT232R' },
  { vendorId: FTDI, productId: 0x6010, name: 'FT2232' },
  { vendorId: FTDI, productId: 0x6011, name: 'FT4232' },
  { vendorId: FTDI, productId: 0x6014, name: 'FT232H' },
  { vendorId: FTDI, productId: 0x6015, name: 'FT231X' },
  { vendorId: 0x067b, productId: 0x2303, name: 'PL2303' },
  { vendorId: ESPRESSIF, productId: USB_SERIAL_JTAG, name: 'ESP USB-Serial-JTAG' },
  { vendorId: ESPRESSIF, productId: 0x4001, name: 'MicroPython USB' },
  { vendorId: ESPRESSIF, productId: 0x0002, name: 'ESP32-S2 ROM' },
  { vendorId: ESPRESSIF, productId: 0x0009, name: 'ESP32-S3 ROM' },
  { vendorId: 0x2341, productId: 0x056b, name: 'Arduino Nano ESP32' },
];

/** The bridge's name, or undefined for an id that is not in the table. */
export function bridgeName(vendorId: number, productId: number): string | undefined {
  return usbBridges.find((b) => b.vendorId === vendorId && b.productId === productId)?.name;
}
