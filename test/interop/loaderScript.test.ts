/**
 * A flasher that is not ours: loader_script.py, written from the protocol's documentation, does to a
 * virtual board what esptool does. Runs the built process, dist/virtual/main.js.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { MAIN, PYTHON, runPython, withBoard } from './support';

/** Why the tests cannot run here, or false. */
function missing(): string | false {
  if (spawnSync(PYTHON, ['-c', 'import serial.rfc2217']).status !== 0) {
    return 'python3-serial is not installed';
  }
  return existsSync(MAIN) ? false : `${MAIN} is not built`;
}

type Found = Readonly<Record<string, unknown>>;

async function does(
  name: string,
  options: { args?: string[]; flags?: string[] } = {},
): Promise<Found> {
  return withBoard({ flags: options.flags ?? ['--unpaced'] }, async ({ port, mac }) => {
    const out = await runPython([
      'test/interop/loader_script.py',
      port,
      name,
      ...(options.args ?? []),
    ]);
    return { ...(JSON.parse(out) as Found), boardMac: mac };
  });
}

describe('a loader client of its own', { skip: missing() }, () => {
  test('reads what chip it is: magic, MAC, crystal, flash', async () => {
    const found = await does('chip_facts', { flags: [] });
    assert.match(String(found['banner']), /rst:0x1 \(POWERON_RESET\),boot:0x3 \(DOWNLOAD_BOOT/);
    assert.equal(found['magic'], 0x00f0_1d83);
    assert.equal(found['mac'], found['boardMac']);
    assert.equal(found['crystal'], 40);
    assert.equal(found['flashId'], 0x16_40ef);
    assert.equal(found['revision'], 1);
  });

  test('writes the status of the flash chip', async () => {
    const found = await does('flash_status');
    assert.deepEqual([found['low'], found['high']], [0x1c, 0x02]);
  });

  test('reads each byte of the status of the flash chip', async () => {
    assert.deepEqual((await does('read_flash_status'))['status'], [0, 0, 0]);
  });

  test('reads, writes with a mask and dumps memory and registers', async () => {
    const found = await does('memory');
    assert.equal(found['scratch'], 0x1234_ff78);
    assert.equal(found['mac in the dump'], found['boardMac']);
    assert.equal(found['dump'], 32);
    assert.ok(Number(found['uart']) > 0, String(found['uart']));
  });

  test('verifies what it wrote, and finds the one bit that differs', async () => {
    const { found, differs } = await does('verify');
    assert.deepEqual({ found, differs }, { found: [true, false], differs: [0] });
  });

  test('writes several files with the stub, deflated and plain, at a rate of its own each', async () => {
    assert.deepEqual(
      (await does('stub_files', { flags: [] }))['good'],
      [460800, 921600, 2000000, 9600],
    );
  });

  test('is refused what the ROM does not do, with its own codes, and never with silence', async () => {
    const { banner, boardMac, ...found } = await does('refusals');
    void banner;
    void boardMac;
    // An unknown op is answered under the op before it: READ_REG.
    const unknown = [0x0a, 0x05];
    assert.deepEqual(found, {
      'security info': unknown,
      'erase flash': unknown,
      'erase region': unknown,
      'read flash': unknown,
      'encrypted data': unknown,
      'read too much': [0x0e, 0x0a],
      outside: [0x02, 0x06],
      'data before begin': [0x03, 0x06],
      'too short': [0x02, 0x05],
      'still there': 0x00f0_1d83,
    });
  });

  test('writes plain and deflated without a stub, compares by MD5, reads back', async () => {
    assert.equal((await does('write_and_read'))['same'], true);
  });

  test('does so at every rate from 9600 to 2000000, on a paced line', async () => {
    const rates = [9600, 74880, 115200, 230400, 460800, 921600, 1500000, 2000000];
    const found = await does('bauds', { args: rates.map(String), flags: [] });
    assert.deepEqual(found['good'], rates);
  });

  test('uploads a stub and writes, reads, erases with it', async () => {
    const { same, read, region, blank, ...rest } = await does('with_stub');
    assert.deepEqual(
      { same, read, region, blank },
      { same: true, read: true, region: true, blank: true },
    );
    assert.deepEqual(
      [rest['security info'], rest['unaligned']],
      [
        [0x14, 0xff],
        [0xd1, 0xc0],
      ],
    );
  });

  test('leaves the loader: the chip boots from flash', async () => {
    assert.match(String((await does('run_flashed'))['text']), /invalid header: 0xffffffff/);
  });
});
