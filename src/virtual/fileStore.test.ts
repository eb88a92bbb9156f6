import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BLOCK, ERRNO, FileStore, crc32, type Region } from './fileStore';

class MemoryRegion implements Region {
  /** Programs and erases left until the power fails. */
  budget = Infinity;
  constructor(readonly bytes = new Uint8Array(0x200000).fill(0xff)) {}
  get size(): number {
    return this.bytes.length;
  }
  read(offset: number, length: number): Uint8Array {
    return this.bytes.slice(offset, offset + length);
  }
  program(offset: number, bytes: Uint8Array): void {
    if (this.budget <= 0) throw new Error('power is off');
    this.budget--;
    // The last thing done before the power fails is done in half.
    const count = this.budget === 0 ? bytes.length >> 1 : bytes.length;
    for (let n = 0; n < count; n++) this.bytes[offset + n]! &= bytes[n]!;
  }
  erase(offset: number, length: number): void {
    if (this.budget <= 0) throw new Error('power is off');
    this.budget--;
    this.bytes.fill(0xff, offset, offset + length);
  }
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (read: Uint8Array | number): string | number =>
  typeof read === 'number' ? read : Buffer.from(read).toString();

describe('the file store', () => {
  test('of a blank flash has the boot.py a new board has, and nothing else', () => {
    const store = FileStore.open(new MemoryRegion());
    assert.deepEqual(store.list('/'), ['boot.py']);
    assert.match(String(text(store.read('/boot.py'))), /^# This file is executed on every boot/);
    assert.ok(store.usage().free >= 470);
  });

  test('is the same when it is opened again', () => {
    const region = new MemoryRegion();
    const store = FileStore.open(region, () => 1234);
    assert.equal(store.mkdir('/lib'), 0);
    assert.equal(store.write('/lib/a.py', bytes('a'.repeat(9000))), 0);
    assert.equal(store.write('/main.py', bytes('one')), 0);
    assert.equal(store.write('/main.py', bytes('two')), 0);
    assert.equal(store.rename('/lib', '/code'), 0);
    assert.equal(store.remove('/boot.py'), 0);
    const again = FileStore.open(region);
    assert.deepEqual(again.list('/').sort(), ['code', 'main.py']);
    assert.equal(text(again.read('/main.py')), 'two');
    assert.equal(text(again.read('/code/a.py')), 'a'.repeat(9000));
    assert.equal(again.stat('/main.py')?.modified, 1234);
    assert.deepEqual(again.usage(), store.usage());
  });

  test('says what is wrong as POSIX does, and changes nothing then', () => {
    const store = FileStore.open(new MemoryRegion());
    store.mkdir('/d');
    store.write('/d/f', bytes('x'));
    assert.equal(store.read('/none'), ERRNO.ENOENT);
    assert.equal(store.read('/d'), ERRNO.EISDIR);
    assert.equal(store.write('/none/f', bytes('')), ERRNO.ENOENT);
    assert.equal(store.write('/d/f/g', bytes('')), ERRNO.ENOTDIR);
    assert.equal(store.mkdir('/d'), ERRNO.EEXIST);
    assert.equal(store.rmdir('/d'), ERRNO.ENOTEMPTY);
    assert.equal(store.rmdir('/d/f'), ERRNO.ENOTDIR);
    assert.equal(store.remove('/d'), ERRNO.EISDIR);
    assert.equal(store.rename('/d', '/d/e'), ERRNO.EINVAL);
    assert.equal(store.rename('/none', '/x'), ERRNO.ENOENT);
    assert.equal(store.write(`/${'n'.repeat(256)}`, bytes('')), ERRNO.ENAMETOOLONG);
    assert.equal(text(store.read('/d/f')), 'x');
  });

  test('is full at its size, and what was there stays', () => {
    const store = FileStore.open(new MemoryRegion());
    const big = new Uint8Array(1024 * 1024).fill(7);
    assert.equal(store.write('/big', big), 0);
    assert.equal(store.write('/other', big), ERRNO.ENOSPC);
    assert.equal(store.stat('/other'), undefined);
    assert.equal(crc32(store.read('/big') as Uint8Array), crc32(big));
    assert.equal(store.remove('/big'), 0);
    assert.equal(store.write('/other', big), 0);
  });

  test('takes any number of changes: the log moves to the other bank when it is full', () => {
    const region = new MemoryRegion();
    const store = FileStore.open(region);
    for (let n = 0; n < 6000; n++) assert.equal(store.write('/counter', bytes(String(n))), 0);
    assert.equal(text(FileStore.open(region).read('/counter')), '5999');
  });

  test('a flash that holds other bytes than were written is an error, not a wrong file', () => {
    const region = new MemoryRegion();
    const store = FileStore.open(region);
    store.write('/f', bytes('precious'));
    const at = Buffer.from(region.bytes.buffer).indexOf('precious');
    region.bytes[at] = 0;
    assert.equal(store.read('/f'), ERRNO.EIO);
  });

  test('an erased region is a new board', () => {
    const region = new MemoryRegion();
    FileStore.open(region).write('/main.py', bytes('x'));
    region.erase(0, region.size);
    assert.deepEqual(FileStore.open(region).list('/'), ['boot.py']);
  });

  test('power that fails at any moment leaves the old file or the new one', () => {
    const action = fc.constantFrom('write', 'rename', 'remove', 'fill');
    fc.assert(
      fc.property(fc.array(action, { maxLength: 6 }), fc.nat(40), (before, budget) => {
        const region = new MemoryRegion();
        const store = FileStore.open(region);
        store.write('/a', bytes('old'));
        for (const what of before) {
          if (what === 'rename') store.rename('/boot.py', '/b');
          else if (what === 'remove') store.remove('/b');
          else if (what === 'write') store.write('/c', bytes('c'.repeat(5000)));
          // Brings the log near its end, so that a change of banks is among the moments.
          else for (let n = 0; n < 1200; n++) store.write('/log', bytes(String(n)));
        }
        region.budget = budget;
        let done = false;
        try {
          for (let n = 0; n < 40; n++) store.write('/log', bytes(String(n)));
          done = store.write('/a', bytes('new'.repeat(2000))) === 0;
        } catch {
          // The power is off.
        }
        region.budget = Infinity;
        const after = text(FileStore.open(region).read('/a'));
        if (done && budget > 500) assert.equal(after, 'new'.repeat(2000));
        assert.ok(after === 'old' || after === 'new'.repeat(2000), String(after).slice(0, 20));
      }),
      { numRuns: 60 },
    );
  });

  test('blocks are of the size that statvfs tells', () => {
    const store = FileStore.open(new MemoryRegion());
    const { free } = store.usage();
    store.write('/f', new Uint8Array(BLOCK + 1));
    assert.equal(store.usage().free, free - 2);
  });
});
