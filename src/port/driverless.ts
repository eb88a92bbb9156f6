/**
 * USB bridges that are plugged in and have no port: their driver is missing, or another program took
 * them from it. Below: usbIds.ts, the system's own tools. Above: Plug in a Board, Look for Boards.
 */
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment } from '../core/childEnvironment';
import { BoardError } from '../core/errors';
import type { PortInfo } from './port';
import { bridgeName } from './usbIds';

export interface UsbDevice {
  readonly vendorId: number;
  readonly productId: number;
}

/** Where each maker has its driver, by USB vendor id. */
const DRIVERS: Readonly<Record<number, string>> = {
  0x10c4: 'https://www.silabs.com/developer-tools/usb-to-uart-bridge-vcp-drivers',
  0x1a86: 'https://www.wch-ic.com/downloads/CH341SER_ZIP.html',
  0x0403: 'https://ftdichip.com/drivers/vcp-drivers/',
  0x067b: 'https://www.prolific.com.tw/en/portfolio-item/pl2303gc/',
};
/** WCH has one driver a system. */
const WCH_MAC = 'https://www.wch-ic.com/downloads/CH34XSER_MAC_ZIP.html';

/**
 * A 'driver-missing' error for each known bridge among the USB devices of this computer that no
 * port of `ports` belongs to. Never throws; takes at most about 5 s (Windows asks PowerShell).
 */
export async function driverlessBridges(
  ports: readonly PortInfo[],
  platform: NodeJS.Platform = process.platform,
): Promise<BoardError[]> {
  const devices = await usbDevices(platform).catch(() => []);
  return withoutPort(devices, ports).map((device) => driverMissing(device, platform));
}

/** The known bridges among `devices` that have no port; one entry for each kind. */
export function withoutPort(
  devices: readonly UsbDevice[],
  ports: readonly PortInfo[],
): readonly UsbDevice[] {
  const key = ({ vendorId, productId }: UsbDevice): string => `${vendorId}:${productId}`;
  const here = new Set(ports.flatMap(({ usb }) => (usb ? [key(usb)] : [])));
  const bare = devices.filter((d) => bridgeName(d.vendorId, d.productId) && !here.has(key(d)));
  return [...new Map(bare.map((device) => [key(device), device])).values()];
}

export function driverMissing(device: UsbDevice, platform: NodeJS.Platform): BoardError {
  const { vendorId, productId } = device;
  const hex = (n: number): string => n.toString(16).padStart(4, '0').toUpperCase();
  const bridge = bridgeName(vendorId, productId);
  const ids = `${hex(vendorId)}:${hex(productId)}`;
  const wch = vendorId === 0x1a86;
  const url = wch && platform === 'darwin' ? WCH_MAC : DRIVERS[vendorId];
  // brltty takes CH340 for a braille display (its udev rules name 1A86:7523) and lets no port come.
  const command = platform === 'linux' && wch ? 'sudo apt remove brltty' : undefined;
  return new BoardError('driver-missing', `${bridge} (${ids}) has no port`, {
    details: { bridge, ids, platform, ...(platform === 'linux' ? { command } : { url }) },
  });
}

async function usbDevices(platform: NodeJS.Platform): Promise<readonly UsbDevice[]> {
  if (platform === 'linux') return devicesInSys();
  if (platform === 'darwin') return parseIoreg(await run('ioreg', ['-p', 'IOUSB', '-l', '-w0']));
  if (platform !== 'win32') return [];
  const script =
    'Get-CimInstance Win32_PnPEntity -Filter "DeviceID LIKE \'USB%VID_%\'" | ForEach-Object { $_.DeviceID }';
  const args = ['-NoProfile', '-NonInteractive', '-Command', script];
  return parseDeviceIds(await run('powershell.exe', args));
}

/** @param root '/' but for tests */
export async function devicesInSys(root = '/'): Promise<readonly UsbDevice[]> {
  const folder = join(root, 'sys/bus/usb/devices');
  const found: UsbDevice[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const id = async (file: string): Promise<number> =>
      parseInt(await readFile(join(folder, name, file), 'utf8').catch(() => ''), 16);
    const device = { vendorId: await id('idVendor'), productId: await id('idProduct') };
    if (!Number.isNaN(device.vendorId) && !Number.isNaN(device.productId)) found.push(device);
  }
  return found;
}

/** macOS: `"idVendor" = 4292` and `"idProduct" = 60000` of each device's block, in decimal. */
export function parseIoreg(text: string): UsbDevice[] {
  return text.split('+-o ').flatMap((block) => {
    const vendorId = /"idVendor" = (\d+)/.exec(block)?.[1];
    const productId = /"idProduct" = (\d+)/.exec(block)?.[1];
    return vendorId && productId
      ? [{ vendorId: Number(vendorId), productId: Number(productId) }]
      : [];
  });
}

/** Windows: `USB\VID_10C4&PID_EA60\0001`, a line each; interfaces (`&MI_00`) are of one device. */
export function parseDeviceIds(text: string): UsbDevice[] {
  return [...text.matchAll(/VID_([0-9A-F]{4})&PID_([0-9A-F]{4})/gi)].map((match) => ({
    vendorId: parseInt(match[1] ?? '', 16),
    productId: parseInt(match[2] ?? '', 16),
  }));
}

function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const env = childEnvironment();
    const options = { env, timeout: 5000, maxBuffer: 8 << 20, windowsHide: true };
    execFile(program, [...args], options, (_error, stdout) => resolve(stdout));
  });
}
