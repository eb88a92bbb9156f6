import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isBoardError } from '../core/errors';
import { openState } from './stateDir';

const root = mkdtempSync(join(tmpdir(), 'parley-state-'));
after(() => rmSync(root, { recursive: true }));
const refused = (work: () => unknown, message: RegExp): void =>
  assert.throws(work, (e) => isBoardError(e, 'virtual-failed') && message.test(e.message));

describe('state folder', () => {
  test('a board keeps its address and its flash, and two boards never share one', async () => {
    const dir = join(root, 'a', 'b');
    const first = openState(dir);
    first.flash.program(5, Uint8Array.of(1));
    await first.close();
    const again = openState(dir);
    assert.deepEqual(again.mac, first.mac);
    assert.equal(again.flash.read(5, 1)[0], 1);
    assert.deepEqual([...again.mac.slice(0, 3)], [0x24, 0x6f, 0x28]);
    await again.close();
    const other = openState(join(root, 'c'));
    assert.notDeepEqual(other.mac, first.mac);
    await other.close();
    assert.match(readFileSync(join(dir, 'board.json'), 'utf8'), /"mac":"24:6f:28:/);
  });

  test('a second process on the same folder is refused, naming the first', async () => {
    const dir = join(root, 'locked');
    const first = openState(dir);
    refused(() => openState(dir), new RegExp(`running already \\(process ${process.pid}\\)`));
    await first.close();
    await openState(dir).close();
  });

  test('what a killed process left behind does not lock the board out', async () => {
    const dir = join(root, 'killed');
    await openState(dir).close();
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('close', resolve));
    writeFileSync(join(dir, 'board.lock'), `${child.pid}`);
    await openState(dir).close();
    // A living process that has the id now, and began at another time.
    writeFileSync(join(dir, 'board.lock'), `${process.pid} 1`);
    if (process.platform === 'linux') await openState(dir).close();
    // The system does not tell when it began: nobody has touched the file for long, nor does now.
    writeFileSync(join(dir, 'board.lock'), `${process.pid}`);
    utimesSync(join(dir, 'board.lock'), 1, 1);
    await openState(dir, 'esp32', undefined, 10).close();
  });

  test('a computer that slept does not give the board to a second process', async () => {
    const dir = join(root, 'slept');
    const first = openState(dir);
    const lock = join(dir, 'board.lock');
    // As after a night: alive, and its last word long ago.
    utimesSync(lock, 1, 1);
    if (process.platform === 'linux') refused(() => openState(dir), /running already/);
    await first.close();
    // Where the system does not tell when a process began: the owner wakes and touches its file.
    const code = `const f = require('fs'), file = ${JSON.stringify(lock)};
      f.writeFileSync(file, String(process.pid)); f.utimesSync(file, 1, 1); process.stdout.write('x');
      setInterval(() => f.utimesSync(file, new Date(), new Date()), 100)`;
    const owner = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => owner.stdout.once('data', resolve));
    refused(() => openState(dir, 'esp32', undefined, 1500), /running already/);
    owner.kill();
    await new Promise((resolve) => owner.once('close', resolve));
    await openState(dir).close();
  });

  test('a new board begins as a copy of another: its flash and chip, an address of its own', async () => {
    const other = join(root, 'like');
    const first = openState(other, 'esp32c3');
    first.flash.program(0x1000, Uint8Array.of(1, 2, 3));
    await first.close();
    const copy = openState(join(root, 'copy'), 'esp32', other);
    assert.deepEqual([...copy.flash.read(0x1000, 4)], [1, 2, 3, 0xff]);
    assert.equal(copy.chip.id, 'esp32c3');
    assert.notDeepEqual(copy.mac, first.mac);
    copy.flash.program(0x1003, Uint8Array.of(4));
    await copy.close();
    // It is a copy once only.
    const again = openState(join(root, 'copy'), 'esp32', other);
    assert.deepEqual([...again.flash.read(0x1000, 4)], [1, 2, 3, 4]);
    await again.close();
    refused(() => openState(join(root, 'more'), 'esp32', join(root, 'none')), /no board in/);
  });

  test('a spoilt board.json is named and the folder let go', async () => {
    const dir = join(root, 'spoilt');
    await openState(dir).close();
    writeFileSync(join(dir, 'board.json'), '{"mac":"nonsense"}');
    refused(() => openState(dir), /board\.json holds no MAC/);
    refused(() => openState(dir), /board\.json holds no MAC/);
  });

  test('a folder that cannot be made is named', () => {
    writeFileSync(join(root, 'file'), '');
    refused(() => openState(join(root, 'file', 'x')), /cannot make the folder/);
  });
});
