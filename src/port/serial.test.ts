import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { openError } from './openError';
import { SerialProvider } from './serial';
import { fromListed, listLinux, toPortInfo, type FoundPort } from './serialList';

/** A /sys and /dev of our own in a temporary folder. */
function fakeRoot(files: Record<string, string>, links: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'parley-sys-'));
  const make = (path: string): string => {
    const full = join(root, path);
    mkdirSync(join(full, '..'), { recursive: true });
    return full;
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(make(path), text);
  for (const [path, target] of Object.entries(links)) symlinkSync(join(root, target), make(path));
  return root;
}

describe('serial ports of Linux, from /sys', () => {
  test('a bridge and a native USB port are found with ids; bare ttyS ports are not', async () => {
    const usb = 'sys/devices/usb1/1-2';
    const root = fakeRoot(
      {
        [`${usb}/idVendor`]: '10c4\n',
        [`${usb}/idProduct`]: 'ea60\n',
        [`${usb}/serial`]: '0001\n',
        [`${usb}/product`]: 'CP2102 USB to UART Bridge Controller\n',
        [`${usb}/1-2:1.0/ttyUSB0/tty/ttyUSB0/dev`]: '188:0\n',
        'sys/devices/usb1/1-3/idVendor': '303a\n',
        'sys/devices/usb1/1-3/idProduct': '1001\n',
        'sys/devices/usb1/1-3/1-3:1.0/x': '',
        'sys/devices/platform/serial8250/tty/ttyS0/dev': '',
        'sys/class/tty/tty0/dev': '',
      },
      {
        'sys/class/tty/ttyUSB0': `${usb}/1-2:1.0/ttyUSB0/tty/ttyUSB0`,
        [`${usb}/1-2:1.0/ttyUSB0/tty/ttyUSB0/device`]: `${usb}/1-2:1.0/ttyUSB0`,
        'sys/class/tty/ttyACM0/device': 'sys/devices/usb1/1-3/1-3:1.0',
        'sys/class/tty/ttyS0': 'sys/devices/platform/serial8250/tty/ttyS0',
      },
    );
    assert.deepEqual((await listLinux(root)).map(toPortInfo), [
      {
        scheme: 'serial',
        address: '/dev/ttyACM0',
        label: 'ESP USB-Serial-JTAG (ttyACM0)',
        usb: {
          vendorId: 0x303a,
          productId: 0x1001,
          serialNumber: undefined,
          bridge: 'ESP USB-Serial-JTAG',
        },
      },
      {
        scheme: 'serial',
        address: '/dev/ttyUSB0',
        label: 'CP2102 USB to UART Bridge Controller (ttyUSB0)',
        usb: { vendorId: 0x10c4, productId: 0xea60, serialNumber: '0001', bridge: 'CP210x' },
      },
    ]);
    rmSync(root, { recursive: true });
  });

  test('without /sys the names in /dev are taken; without both the list is empty', async () => {
    const root = fakeRoot({ 'dev/ttyUSB1': '', 'dev/ttyS0': '', 'dev/null': '' }, {});
    assert.deepEqual(await listLinux(root), [{ path: '/dev/ttyUSB1' }]);
    rmSync(root, { recursive: true });
    assert.deepEqual(await listLinux(join(root, 'nowhere')), []);
  });
});

describe('serial ports of macOS and Windows', () => {
  test('macOS: cu, not tty, and no Bluetooth', () => {
    const listed = [
      { path: '/dev/tty.usbserial-0001', vendorId: '1a86', productId: '7523' },
      { path: '/dev/tty.Bluetooth-Incoming-Port' },
    ];
    const [port, ...more] = fromListed(listed, 'darwin').map(toPortInfo);
    assert.equal(more.length, 0);
    assert.equal(port?.address, '/dev/cu.usbserial-0001');
    assert.equal(port?.label, 'CH340 (usbserial-0001)');
  });

  test('Windows: COM10 comes after COM3, names without the port twice', () => {
    const listed = [
      { path: 'COM10', vendorId: '1A86', productId: '55D4', friendlyName: 'USB Serial (COM10)' },
      { path: 'COM3', friendlyName: 'Silicon Labs CP210x USB to UART Bridge (COM3)' },
    ];
    assert.deepEqual(
      fromListed(listed, 'win32').map((p) => toPortInfo(p).label),
      ['Silicon Labs CP210x USB to UART Bridge (COM3)', 'CH9102 (COM10)'],
    );
  });
});

describe('hot plug', () => {
  test('is polled only while someone listens, and told when the list differs', async () => {
    const clock = new ManualClock();
    let ports: FoundPort[] = [];
    let looks = 0;
    const find = (): Promise<FoundPort[]> => {
      looks++;
      return Promise.resolve(ports);
    };
    const provider = new SerialProvider({ clock, find, pollMs: 1000 });
    await clock.advance(5000);
    assert.equal(looks, 0);
    let changes = 0;
    const subscription = provider.onDidChange(() => changes++);
    await clock.advance(2000);
    assert.equal(changes, 0);
    ports = [{ path: '/dev/ttyUSB0' }];
    await clock.advance(1000);
    assert.equal(changes, 1);
    await clock.advance(3000);
    assert.equal(changes, 1);
    subscription.dispose();
    subscription.dispose();
    const before = looks;
    await clock.advance(5000);
    assert.equal(looks, before);
  });

  test('a list that cannot be made is empty, not an error', async () => {
    const provider = new SerialProvider({ find: () => Promise.reject(new Error('no binary')) });
    assert.deepEqual(await provider.list(), []);
  });
});

describe('errors of opening', () => {
  const cases: [string, NodeJS.Platform, string][] = [
    ['Error: Permission denied, cannot open /dev/ttyUSB0', 'linux', 'port-permission'],
    ['Error: No such file or directory, cannot open /dev/ttyUSB0', 'linux', 'port-not-found'],
    ['Error Resource temporarily unavailable Cannot lock port', 'linux', 'port-busy'],
    ['Error: Device or resource busy, cannot open /dev/ttyUSB0', 'linux', 'port-busy'],
    ['Error: Resource busy, cannot open /dev/cu.usbserial', 'darwin', 'port-busy'],
    ['Opening COM3: Access denied', 'win32', 'port-busy'],
    ['Opening COM3: File not found', 'win32', 'port-not-found'],
    ['Opening COM3: Unknown error code 31', 'win32', 'port-failed'],
  ];
  for (const [message, platform, code] of cases) {
    test(`${platform}: "${message}" is ${code}`, () => {
      const error = openError(new Error(message), 'X', platform);
      assert.equal(error.code, code);
      assert.equal(error.details['path'], 'X');
      assert.equal(error.details['user'] !== undefined, code === 'port-permission');
    });
  }
});
