import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fateOfFiles, fileSystemIn } from './fileSystemPlace';
import type { PartitionInfo } from './image';

const MIB = 1 << 20;
const entry = (label: string, type: number, address: number, size: number): PartitionInfo => ({
  ...{ label, type, address, size },
  subtype: 0,
});
const app = entry('factory', 0, 0x10000, 0x1f0000);
const nvs = entry('nvs', 1, 0x9000, 0x6000);

test('files are in vfs or ffat, and where the table names neither, behind the application', () => {
  const old = [nvs, app, entry('vfs', 1, 0x200000, 0x200000)];
  assert.deepEqual(fileSystemIn(old, 4 * MIB), { offset: 2 * MIB, length: 2 * MIB });
  // MicroPython 1.26 and later: the same place on 4 MB, and all of a larger flash.
  assert.deepEqual(fileSystemIn([nvs, app], 4 * MIB), { offset: 2 * MIB, length: 2 * MIB });
  assert.deepEqual(fileSystemIn([nvs, app], 16 * MIB), { offset: 2 * MIB, length: 14 * MIB });
  const uf2 = [app, entry('ffat', 1, 0x300000, 0x100000)];
  assert.deepEqual(fileSystemIn(uf2, 4 * MIB), { offset: 3 * MIB, length: MIB });
  const ota = [entry('ota_0', 0, 0x10000, 0x180000), entry('ota_1', 0, 0x190000, 0x180000)];
  assert.deepEqual(fileSystemIn(ota, 4 * MIB), { offset: 0x310000, length: 0xf0000 });
  assert.equal(fileSystemIn([], 4 * MIB), undefined);
  assert.equal(fileSystemIn([nvs], 4 * MIB), undefined);
});

test('an update that does not reach the files keeps them, and only in the same place', () => {
  const files = { offset: 2 * MIB, length: 2 * MIB };
  const image = { offset: 0x1000, length: 1_700_000 };
  assert.equal(fateOfFiles(files, files, image), 'kept');
  assert.equal(fateOfFiles(files, undefined, image), 'kept');
  assert.equal(fateOfFiles(undefined, files, image), 'none');
  assert.equal(fateOfFiles(files, files, { offset: 0x1000, length: 2 * MIB }), 'overwritten');
  assert.equal(fateOfFiles(files, files, { offset: 0, length: 2 * MIB }), 'kept');
  assert.equal(fateOfFiles(files, { offset: 0x310000, length: 0xf0000 }, image), 'elsewhere');
  assert.equal(fateOfFiles({ ...files, length: MIB }, files, image), 'elsewhere');
});
