import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  boardContextValue,
  boardDescription,
  boardDetails,
  boardIcon,
  boardKind,
  boardStatusText,
  endingText,
  flashText,
  fullName,
  rowName,
  hardwareText,
  listText,
  type ShownBoard,
} from './boardText';

const virtual: ShownBoard = {
  id: 'virtual:machine1',
  name: 'machine1',
  virtual: true,
  status: 'idle',
  busyWith: undefined,
  facts: { chip: 'ESP32', mac: '24:6f:28:00:00:01' },
  where: { scheme: 'rfc2217', address: '127.0.0.1:4000', label: 'machine1' },
};
const real: ShownBoard = {
  id: 'usb:10c4:ea60:X7',
  name: 'bench',
  virtual: false,
  status: 'idle',
  busyWith: undefined,
  facts: {},
  where: {
    scheme: 'serial',
    address: '/dev/ttyUSB0',
    label: 'CP210x (ttyUSB0)',
    usb: { vendorId: 0x10c4, productId: 0xea60, serialNumber: 'X7', bridge: 'CP210x' },
  },
};

describe('what the window says of a board', () => {
  test('a virtual board can never be taken for a real one', () => {
    for (const status of ['idle', 'open', 'busy', 'unplugged'] as const) {
      const board = { ...virtual, status, busyWith: status === 'busy' ? 'Flash' : undefined };
      assert.match(boardDescription(board), /^virtual/);
      assert.doesNotMatch(boardDescription({ ...real, status }), /virtual/);
    }
    assert.equal(fullName(virtual), 'machine1 (virtual)');
    assert.equal(fullName(real), 'bench (ttyUSB0)');
    assert.equal(rowName(virtual), 'machine1'); // its description says the rest
    assert.equal(rowName(real), 'bench (ttyUSB0)');
  });

  test('chip, version and state stand in one line; what is not known is left out', () => {
    const facts = { ...virtual.facts, micropython: '1.27.0' };
    assert.equal(
      boardDescription({ ...virtual, facts }),
      'virtual ESP32 · MicroPython 1.27.0 · ready',
    );
    assert.equal(boardDescription(real), 'CP210x · ready');
    const joined = { ...real, facts: { micropython: '1.27.0' }, address: '192.168.1.5' };
    assert.equal(boardDescription(joined), 'CP210x · MicroPython 1.27.0 · 192.168.1.5 · ready');
    assert.ok(boardDetails(joined).some((row) => row.join() === 'Wi-Fi address,192.168.1.5'));
    for (const status of ['idle', 'open'] as const) {
      const waiting = { ...real, status, activity: 'loader' as const };
      assert.equal(boardDescription(waiting), 'CP210x · in its bootloader');
      assert.equal(boardIcon(waiting), 'board-loader');
    }
    const blank = { ...real, facts: { chip: 'ESP32-S3', micropython: '' } };
    assert.equal(boardDescription(blank), 'ESP32-S3 · no MicroPython · ready');
  });

  test('a program that runs is said and shown; every picture is there in both themes', () => {
    const running = { ...virtual, activity: 'running' } as const;
    assert.equal(boardDescription(running), 'virtual ESP32 · runs a program');
    assert.equal(boardIcon({ ...running, status: 'unplugged' }), 'virtual-unplugged');
    assert.equal(boardIcon({ ...running, status: 'busy' }), undefined);
    for (const board of [running, { ...real, activity: 'running' }, virtual, real] as const) {
      for (const status of ['idle', 'open', 'unplugged'] as const) {
        for (const theme of ['light', 'dark']) {
          assert.ok(existsSync(`media/${boardIcon({ ...board, status })}-${theme}.svg`));
        }
      }
    }
  });

  test('a busy board says with what, and how far it is', () => {
    const busy: ShownBoard = { ...real, status: 'busy', busyWith: 'Flash' };
    assert.equal(boardDescription(busy), 'Flash…');
    assert.equal(boardDescription(busy, '34 of 64 KB'), 'Flash: 34 of 64 KB');
  });

  test('the tooltip has every fact, numbers as the device manager shows them', () => {
    const details = new Map(boardDetails(real));
    assert.equal(details.get('USB VID:PID'), '10C4:EA60');
    assert.equal(details.get('Serial number'), 'X7');
    assert.equal(details.get('Port'), '/dev/ttyUSB0');
    assert.equal(details.has('MAC address'), false);
    assert.equal(new Map(boardDetails(virtual)).get('Port'), 'rfc2217://127.0.0.1:4000');
  });

  test('menus can tell kind, status and a running program apart', () => {
    assert.equal(boardContextValue(virtual, false), 'board;virtual;idle');
    const busy: ShownBoard = { ...real, status: 'busy', busyWith: 'Run' };
    assert.equal(boardContextValue(busy, true), 'board;usb;busy;program');
    const far = { ...real, id: 'rfc2217:pc:4000', where: undefined, status: 'unplugged' as const };
    assert.equal(boardKind(far), 'network');
    assert.equal(boardContextValue(far, false), 'board;network;unplugged');
  });

  test('the status bar is silent without boards and names the one that works', () => {
    assert.equal(boardStatusText([]), undefined);
    assert.equal(boardStatusText([real]), '$(circuit-board) bench');
    assert.equal(boardStatusText([real, virtual]), '$(circuit-board) 2 boards');
    const busy: ShownBoard = { ...virtual, status: 'busy', busyWith: 'Flash' };
    assert.equal(boardStatusText([real, busy]), '$(sync~spin) machine1: Flash');
    const running: ShownBoard = { ...virtual, status: 'busy', busyWith: 'Run' };
    assert.equal(boardStatusText([running]), '$(circuit-board) machine1');
    const gone: ShownBoard = { ...real, status: 'unplugged', where: undefined };
    assert.equal(boardStatusText([gone]), '$(circuit-board) unplugged');
  });

  test('names are listed as a sentence has them', () => {
    assert.equal(listText(['a']), 'a');
    assert.equal(listText(['a', 'b']), 'a and b');
    assert.equal(listText(['a', 'b', 'c']), 'a, b and c');
  });
});

describe('what the window says of a chip', () => {
  test('the flash chip’s id is split as esptool prints it', () => {
    const known = { flashBytes: 4 << 20, flashId: 0x1640ef };
    assert.equal(flashText(known), '4 MB (manufacturer 0xef, device 0x4016)');
    assert.equal(
      flashText({ flashId: 0x9940ef }),
      'unknown size (manufacturer 0xef, device 0x4099)',
    );
    assert.equal(flashText({}), undefined);
  });

  test('every fact the loader told is in the details, and in one line of the tree', () => {
    const facts = {
      ...virtual.facts,
      model: 'ESP32-D0WD-V3 (revision 3)',
      features: ['Wi-Fi', 'BT'],
      crystalMHz: 40,
      flashBytes: 4 << 20,
    };
    const details = Object.fromEntries(boardDetails({ ...virtual, facts }));
    assert.equal(details['Chip'], 'ESP32-D0WD-V3 (revision 3)');
    assert.equal(details['Features'], 'Wi-Fi, BT');
    assert.equal(details['Crystal'], '40 MHz');
    assert.equal(
      hardwareText(facts),
      'ESP32-D0WD-V3 (revision 3) · 4 MB flash · 24:6f:28:00:00:01',
    );
    assert.equal(hardwareText(virtual.facts), undefined);
  });
});

test('the status bar says how a program ended', () => {
  const ending = { fileName: 'main.py', at: 0, tookMs: 1240 };
  assert.equal(endingText({ ...ending, state: 'ended' }), '$(check) main.py ended, 1.2 s');
  assert.equal(
    endingText({ ...ending, state: 'stopped', tookMs: 61_400 }),
    '$(debug-stop) main.py stopped, 61 s',
  );
  const error = 'OSError: [Errno 2] ENOENT';
  assert.equal(endingText({ ...ending, state: 'error', error }), '$(error) main.py OSError');
  assert.equal(endingText({ ...ending, state: 'error' }), '$(error) main.py error');
});
