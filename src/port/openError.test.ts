import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { BoardError } from '../core/errors';
import { permissionRemedy, withRemedy } from './openError';
import { calloutPath } from './serialList';

const groups = 'root:x:0:\ndialout:x:20:ada,bob\nuucp:x:14:\n';
const device = { mode: 0o020660, gid: 20, groups, user: 'eve', ours: [1000] };
const cp2102 = { vendorId: 0x10c4, productId: 0xea60 };

describe('a port this user may not open', () => {
  test('the group that owns the device is the one to join', () => {
    assert.deepEqual(permissionRemedy(device, cp2102), {
      group: 'dialout',
      command: 'sudo usermod -aG dialout $USER',
    });
    assert.equal(permissionRemedy({ ...device, gid: 14 }, cp2102)['group'], 'uucp');
  });

  test('a member whose session is older than the membership logs in again', () => {
    const member = { ...device, user: 'bob' };
    assert.deepEqual(permissionRemedy(member, cp2102), { group: 'dialout', relogin: 'yes' });
    // Member in file and session, and refused all the same: joining is no answer to be given twice.
    assert.ok(permissionRemedy({ ...member, ours: [20] }, cp2102)['command']);
  });

  test('a device of root alone needs a udev rule for its USB id', () => {
    for (const alone of [
      { ...device, gid: 0 },
      { ...device, mode: 0o020600 },
      { ...device, gid: 4711 },
    ]) {
      const command = String(permissionRemedy(alone, cp2102)['command']);
      assert.match(command, /ATTRS\{idVendor\}=="10c4", ATTRS\{idProduct\}=="ea60"/);
      assert.match(command, /udevadm control --reload/);
      assert.deepEqual(permissionRemedy(alone, undefined), {});
    }
  });

  test('the error keeps its code, message and path, and gains what the system tells', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'parley-port-')), 'ttyUSB0');
    writeFileSync(file, '', { mode: 0o600 });
    const details = { path: file, user: 'eve' };
    const error = new BoardError('port-permission', 'denied', { details });
    const more = await withRemedy(error, cp2102, 'linux');
    assert.equal(more.code, 'port-permission');
    assert.equal(more.message, 'denied');
    assert.equal(more.details['user'], 'eve');
    assert.match(String(more.details['command']), /70-esp32\.rules/);
    const gone = new BoardError('port-permission', 'm', { details: { path: '/nowhere' } });
    assert.deepEqual((await withRemedy(gone, cp2102, 'linux')).details, { path: '/nowhere' });
    assert.deepEqual((await withRemedy(error, cp2102, 'win32')).details, details);
  });
});

test('macOS: the name that waits for a carrier is replaced by the one that does not', () => {
  assert.equal(calloutPath('/dev/tty.usbserial-1', 'darwin'), '/dev/cu.usbserial-1');
  assert.equal(calloutPath('/dev/cu.usbserial-1', 'darwin'), '/dev/cu.usbserial-1');
  assert.equal(calloutPath('/dev/ttyUSB0', 'linux'), '/dev/ttyUSB0');
});
