/**
 * Which serial ports this computer has. Below: usbIds.ts, /sys, npm serialport. Above: serial.ts.
 */
import { readFile, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PortInfo, UsbIdentity } from './port';
import { bridgeName } from './usbIds';
import { t } from '../core/words';

/** What the system says of a port, before it is put into words. */
export interface FoundPort {
  readonly path: string;
  readonly vendorId?: number;
  readonly productId?: number;
  readonly serialNumber?: string;
  /** What the device calls itself. */
  readonly product?: string;
}

/**
 * Linux device names that are a plugged-in port. `ttyS*` is not among them: the kernel lists up to
 * 32 of those whether or not there is a chip behind.
 */
const LINUX_PORTS = /^(ttyUSB|ttyACM|ttyAMA|ttyWCH|rfcomm)\d+$/;

/**
 * The ports of a Linux system, from /sys/class/tty. npm serialport runs `udevadm` for this, which
 * slim systems and containers lack, and its absence is an uncaught error there; /sys is everywhere
 * and needs no process. Where /sys shows nothing, the names in /dev are taken.
 * @param root '/' but for tests
 */
export async function listLinux(root = '/'): Promise<FoundPort[]> {
  const tty = join(root, 'sys/class/tty');
  const names = await readdir(tty).catch(() => [] as string[]);
  const known = names.filter((name) => LINUX_PORTS.test(name));
  const found = await Promise.all(known.map((name) => describe(join(tty, name), name)));
  const inSys = found.filter((port) => port !== undefined);
  if (names.length > 0) return inSys.sort(byPath);
  const devices = await readdir(join(root, 'dev')).catch(() => [] as string[]);
  return devices
    .filter((name) => /^tty(USB|ACM)\d+$/.test(name))
    .map((name) => ({ path: `/dev/${name}` }))
    .sort(byPath);
}

/** Climbs from the tty's device to the USB device above it, where idVendor is. */
async function describe(entry: string, name: string): Promise<FoundPort | undefined> {
  const path = `/dev/${name}`;
  let folder = await realpath(join(entry, 'device')).catch(() => undefined);
  // rfcomm has no device behind it until it is connected; the others are gone without one.
  if (folder === undefined) return name.startsWith('rfcomm') ? { path } : undefined;
  for (let level = 0; level < 5; level++, folder = dirname(folder)) {
    const vendorId = await hexIn(join(folder, 'idVendor'));
    const productId = await hexIn(join(folder, 'idProduct'));
    if (vendorId === undefined || productId === undefined) continue;
    const serialNumber = await textIn(join(folder, 'serial'));
    const product = await textIn(join(folder, 'product'));
    return { path, vendorId, productId, serialNumber, product };
  }
  return { path };
}

async function textIn(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim() || undefined;
}

async function hexIn(file: string): Promise<number | undefined> {
  return hex(await textIn(file));
}

function hex(text: string | undefined): number | undefined {
  return text && /^(0x)?[0-9a-f]{1,4}$/i.test(text) ? parseInt(text, 16) : undefined;
}

/** What npm serialport's list() gives, as far as it is used here. */
export interface ListedPort {
  readonly path: string;
  readonly vendorId?: string;
  readonly productId?: string;
  readonly serialNumber?: string;
  readonly friendlyName?: string;
}

/**
 * The name to open a port by. macOS has two: /dev/tty.* waits for a carrier that no board raises,
 * /dev/cu.* does not.
 */
export function calloutPath(path: string, platform: NodeJS.Platform = process.platform): string {
  return platform === 'darwin' ? path.replace(/^\/dev\/tty\./, '/dev/cu.') : path;
}

/** npm serialport's list of macOS and Windows, tidied up. */
export function fromListed(ports: readonly ListedPort[], platform: NodeJS.Platform): FoundPort[] {
  const found = ports.map((port) => ({
    path: calloutPath(port.path, platform),
    vendorId: hex(port.vendorId),
    productId: hex(port.productId),
    serialNumber: port.serialNumber,
    // Windows: "Silicon Labs CP210x USB to UART Bridge (COM3)"; the label adds the name itself.
    product: port.friendlyName?.replace(/\s*\(COM\d+\)$/, ''),
  }));
  // Ports every Mac has and no board is behind.
  const noise = /^\/dev\/cu\.(Bluetooth-Incoming-Port|debug-console|wlan-debug)/;
  return found.filter((port) => !noise.test(port.path)).sort(byPath);
}

/** Puts a found port into words: "CP2102 USB to UART Bridge Controller (ttyUSB0)". */
export function toPortInfo(port: FoundPort): PortInfo {
  const { path, vendorId, productId, serialNumber, product } = port;
  let usb: UsbIdentity | undefined;
  if (vendorId !== undefined && productId !== undefined) {
    usb = { vendorId, productId, serialNumber, bridge: bridgeName(vendorId, productId) };
  }
  const short = basename(path).replace(/^cu\./, '');
  // CH340s call themselves "USB Serial": then the table knows better.
  const vague = product === undefined || /^usb[ -]?(2\.0-)?serial$/i.test(product);
  const what = (vague ? (usb?.bridge ?? product) : product) ?? t('Serial port');
  return { scheme: 'serial', address: path, label: `${what} (${short})`, usb };
}

function byPath(a: FoundPort, b: FoundPort): number {
  return a.path.localeCompare(b.path, 'en', { numeric: true });
}
