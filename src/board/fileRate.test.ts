import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { silentLog } from '../core/log';
import type { PortInfo } from '../port/port';
import { fileRate } from './fileRate';
import { StoredRates } from './rateMemory';

const bridge: PortInfo = { scheme: 'serial', address: '/dev/ttyUSB0', label: 'CP2102' };
const mac = '24:6f:28:00:00:01';

function memory(): StoredRates {
  const kept = new Map<string, unknown>();
  const get = <T>(key: string): T | undefined => kept.get(key) as T | undefined;
  const update = (key: string, value: unknown): Promise<void> => {
    kept.set(key, value);
    return Promise.resolve();
  };
  return new StoredRates({ get, update }, 'fileRates');
}

describe('the rate of files', () => {
  test('what was tried in vain is a step slower the next time, for that board alone', () => {
    const services = { rates: () => ({ repl: 115_200, files: 460_800 }), fileRates: memory() };
    const now = (who = mac) => fileRate(bridge, who, services, silentLog);
    assert.equal(now()?.baudRate, 460_800);
    now()?.refused('slower');
    assert.equal(now()?.baudRate, 230_400);
    assert.equal(now('24:6f:28:00:00:02')?.baudRate, 460_800);
    now()?.refused('slower');
    assert.equal(now()?.baudRate, 115_200, 'not above the prompt: nothing is tried');
  });

  test('a board that changes no rate is not asked again', () => {
    const services = { rates: () => ({ repl: 115_200, files: 921_600 }), fileRates: memory() };
    fileRate(bridge, mac, services, silentLog)?.refused('none');
    assert.equal(fileRate(bridge, mac, services, silentLog)?.baudRate, 115_200);
  });

  test('none where none is wanted, and none where USB is in the chip', () => {
    const off = { rates: () => ({ repl: 115_200 }) };
    assert.equal(fileRate(bridge, mac, off, silentLog), undefined);
    const usb = { ...bridge, usb: { vendorId: 0x303a, productId: 0x1001 } };
    const on = { rates: () => ({ repl: 115_200, files: 460_800 }) };
    assert.equal(fileRate(usb, mac, on, silentLog), undefined);
  });
});
