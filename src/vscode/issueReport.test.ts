import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../core/log';
import { RecentLines, issueReport } from './issueReport';

test('the last lines are kept with their time, and passed on', () => {
  const passed: string[] = [];
  const log = { ...silentLog, info: (text: string) => void passed.push(text) };
  const recent = new RecentLines(log, () => new Date('2026-01-02T03:04:05.678Z'));
  recent.info('Flash machine1: done in 4.2 s');
  assert.deepEqual(passed, ['Flash machine1: done in 4.2 s']);
  assert.deepEqual(recent.lines, ['03:04:05.678 info  Flash machine1: done in 4.2 s']);
  for (let i = 0; i < 1000; i++) recent.debug(`${i}`);
  assert.equal(recent.lines.length, 400);
  assert.match(recent.lines.at(-1) ?? '', /999$/);
});

test('a report has versions, boards and log, and nothing that is nobody’s business', () => {
  const text = issueReport({
    versions: ['Parley 0.1.0'],
    boards: [
      {
        id: 'usb:10c4:ea60:SECRET7',
        name: 'bench',
        virtual: false,
        status: 'idle',
        busyWith: undefined,
        facts: { chip: 'ESP32', mac: '24:6f:28:ab:cd:ef' },
        where: {
          scheme: 'serial',
          address: '/dev/ttyUSB0',
          label: 'x',
          usb: { vendorId: 0x10c4, productId: 0xea60, serialNumber: 'SECRET7', bridge: 'CP210x' },
        },
      },
    ],
    lines: ['info ESP32, 24:6f:28:ab:cd:ef, stub running', 'reading /home/ada/fw.bin'],
    home: '/home/ada',
  });
  assert.match(text, /- Parley 0\.1\.0/);
  assert.match(text, /- bench: .*Chip ESP32; MAC address 24:6f:28:xx:xx:xx; USB bridge CP210x/);
  assert.match(text, /reading ~\/fw\.bin/);
  assert.doesNotMatch(text, /ab:cd:ef|SECRET7|\/home\/ada/);
});
