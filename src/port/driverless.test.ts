import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { PortInfo } from './port';
import { devicesInSys, driverMissing, parseDeviceIds, parseIoreg, withoutPort } from './driverless';

const ch340 = { vendorId: 0x1a86, productId: 0x7523 };
const cp2102 = { vendorId: 0x10c4, productId: 0xea60 };
const keyboard = { vendorId: 0x046d, productId: 0xc31c };
const port = (usb: PortInfo['usb']): PortInfo => ({
  scheme: 'serial',
  address: 'x',
  label: 'x',
  usb,
});

describe('bridges without a port', () => {
  test('known bridges alone, each kind once, and none that has a port', () => {
    const devices = [keyboard, ch340, ch340, cp2102];
    assert.deepEqual(withoutPort(devices, [port(cp2102)]), [ch340]);
    assert.deepEqual(withoutPort(devices, [port(cp2102), port(ch340)]), []);
  });

  test('the maker’s page for the system, or the command that gives the port back', () => {
    const windows = driverMissing(cp2102, 'win32').details;
    assert.equal(windows['bridge'], 'CP210x');
    assert.match(String(windows['url']), /^https:\/\/www\.silabs\.com\//);
    assert.match(String(driverMissing(ch340, 'darwin').details['url']), /MAC/);
    assert.match(String(driverMissing(ch340, 'linux').details['command']), /brltty/);
    assert.equal(driverMissing(cp2102, 'linux').details['command'], undefined);
    assert.equal(driverMissing(cp2102, 'linux').details['url'], undefined);
  });

  test('Linux: ids of the devices in /sys', async () => {
    const root = mkdtempSync(join(tmpdir(), 'parley-usb-'));
    const device = join(root, 'sys/bus/usb/devices/1-2');
    mkdirSync(device, { recursive: true });
    mkdirSync(join(root, 'sys/bus/usb/devices/1-2:1.0'));
    writeFileSync(join(device, 'idVendor'), '1a86\n');
    writeFileSync(join(device, 'idProduct'), '7523\n');
    assert.deepEqual(await devicesInSys(root), [ch340]);
    assert.deepEqual(await devicesInSys(join(root, 'none')), []);
  });

  test('macOS: decimal ids of each block of ioreg', () => {
    const text = `+-o Root  <class IORegistryEntry>
  +-o USB2.0-Serial@14100000  <class IOUSBHostDevice, id 0x100000a1b>
      {
        "idProduct" = 29987
        "USB Product Name" = "USB2.0-Serial"
        "idVendor" = 6790
      }
  +-o Keyboard@14200000  <class IOUSBHostDevice>
      {
        "idVendor" = 1133
      }`;
    assert.deepEqual(parseIoreg(text), [ch340]);
  });

  test('Windows: ids of each line', () => {
    const text =
      'USB\\VID_10C4&PID_EA60\\0001\r\nUSB\\VID_1A86&PID_7523&MI_00\\5&2\r\nUSB\\ROOT_HUB30\\4';
    assert.deepEqual(parseDeviceIds(text), [cp2102, ch340]);
  });
});
