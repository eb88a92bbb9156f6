import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { isBoardError, type BoardErrorCode } from '../core/errors';
import { quietJob, type ProgressUpdate } from '../core/job';
import { startFirmwareSite, type FirmwareSite } from './firmwareSite';
import { demandSafe } from './download';
import { FirmwareStore } from './firmwareStore';

/** An image for the ESP32 of `length` bytes of noise, with checksum and SHA-256. */
function image(length = 300_000): Uint8Array {
  const data = randomBytes(length);
  const head = Buffer.alloc(32);
  head.set([0xe9, 1, 2, 0x20]);
  head[23] = 1;
  head.writeUInt32LE(0x3fff_0000, 24);
  head.writeUInt32LE(data.length, 28);
  const pad = Buffer.alloc(16 - ((32 + length) % 16));
  pad[pad.length - 1] = data.reduce((sum, byte) => sum ^ byte, 0xef);
  const whole = Buffer.concat([head, data, pad]);
  return Buffer.concat([whole, createHash('sha256').update(whole).digest()]);
}

const FILE = '/resources/firmware/ESP32_GENERIC-20251209-v1.27.0.bin';
const PAGE = '/download/ESP32_GENERIC/';

describe('firmware from the network', () => {
  let site: FirmwareSite;
  let folder: string;
  let store: FirmwareStore;
  let now = 1000;
  const bytes = image();

  beforeEach(async () => {
    site = await startFirmwareSite({ [FILE]: bytes, [PAGE]: '<h2>Firmware</h2>' });
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'parley-store-')), 'cache');
    store = new FirmwareStore({ folder, now: () => now });
  });
  afterEach(async () => {
    await site.close();
    await rm(path.dirname(folder), { recursive: true, force: true });
  });

  const fails = (code: BoardErrorCode, reason: RegExp, work: Promise<unknown>): Promise<void> =>
    assert.rejects(work, (error) => {
      assert.ok(isBoardError(error, code), String(error));
      assert.match(`${error.message} ${String(error.details['reason'])}`, reason);
      return true;
    });

  test('a page is asked again by its ETag, and is there without a network', async () => {
    const url = site.origin + PAGE;
    const first = await store.page(url, quietJob());
    assert.deepEqual([first.text, first.fresh, first.checkedAt], ['<h2>Firmware</h2>', true, 1000]);
    now = 5000;
    const second = await store.page(url, quietJob());
    assert.deepEqual([second.text, second.fresh, second.checkedAt], [first.text, true, 5000]);
    assert.deepEqual(site.requests, [`GET ${PAGE} 200`, `GET ${PAGE} 304`]);
    site.files.set(PAGE, Buffer.from('new'));
    assert.equal((await store.page(url, quietJob())).text, 'new');
    await site.close();
    now = 9000;
    const offline = await store.page(url, quietJob());
    assert.deepEqual([offline.text, offline.fresh, offline.checkedAt], ['new', false, 5000]);
    await fails('download-failed', /nothing listens/, store.page(`${url}x`, quietJob()));
  });

  test('a file is downloaded once, with progress, and then comes from this computer', async () => {
    const updates: ProgressUpdate[] = [];
    const job = {
      ...quietJob(),
      progress: { report: (u: ProgressUpdate) => void updates.push(u) },
    };
    const url = site.origin + FILE;
    assert.equal(await store.has(url), false);
    assert.equal(await store.size(url, job.signal), bytes.length);
    assert.equal(await store.size(url, job.signal), bytes.length);
    const file = await store.download(url, true, job);
    assert.deepEqual(Buffer.from(file.bytes), Buffer.from(bytes));
    assert.equal(file.name, 'ESP32_GENERIC-20251209-v1.27.0.bin');
    assert.deepEqual(updates.at(-1), { doneBytes: bytes.length, totalBytes: bytes.length });
    assert.equal(await store.has(url), true);
    await site.close();
    await store.download(url, true, job);
    assert.deepEqual(site.requests, [`HEAD ${FILE} 200`, `GET ${FILE} 200`]);
    // An address that may change is asked; without a network what is here is taken.
    await store.download(url, false, job);
  });

  test('a download that breaks off goes on where it stopped', async () => {
    site.breakAfter = 100_000;
    const file = await store.download(site.origin + FILE, true, quietJob());
    assert.deepEqual(Buffer.from(file.bytes), Buffer.from(bytes));
    assert.deepEqual(site.requests, [`GET ${FILE} 200`, `GET ${FILE} 206`]);
  });

  test('cancelled in the middle: what came is kept, and the next time it goes on', async () => {
    const abort = new AbortController();
    site.breakAfter = 100_000;
    const report = ({ doneBytes = 0 }: ProgressUpdate): void => {
      if (doneBytes > 0) abort.abort();
    };
    const job = { signal: abort.signal, progress: { report } };
    await fails('cancelled', /cancelled/, store.download(site.origin + FILE, true, job));
    assert.ok((await readdir(folder)).some((name) => name.endsWith('.part')));
    const file = await store.download(site.origin + FILE, true, quietJob());
    assert.deepEqual(Buffer.from(file.bytes), Buffer.from(bytes));
    assert.equal(site.requests.at(-1), `GET ${FILE} 206`);
  });

  test('a file that changed on the server since is begun anew', async () => {
    site.breakAfter = 1000;
    const abort = new AbortController();
    const report = ({ doneBytes = 0 }: ProgressUpdate): void => {
      if (doneBytes > 0) abort.abort();
    };
    const job = { signal: abort.signal, progress: { report } };
    await fails('cancelled', /cancelled/, store.download(site.origin + FILE, true, job));
    const other = image(5000);
    site.files.set(FILE, other);
    const file = await store.download(site.origin + FILE, true, quietJob());
    assert.deepEqual(Buffer.from(file.bytes), Buffer.from(other));
  });

  test('cancelled while the server is silent ends at once', async () => {
    site.hold = new Promise(() => undefined);
    const abort = new AbortController();
    const download = store.download(site.origin + FILE, true, quietJob(abort.signal));
    const failed = fails('cancelled', /cancelled/, download);
    while (site.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    await failed;
  });

  test('damaged on the way: refused, and not kept', async () => {
    const damaged = Uint8Array.from(bytes);
    damaged[5000]! ^= 1;
    site.files.set(FILE, damaged);
    const url = site.origin + FILE;
    await fails('image-corrupt', /checksum/, store.download(url, true, quietJob()));
    assert.equal(await store.has(url), false);
    site.files.set(FILE, bytes);
    await store.download(url, true, quietJob());
  });

  test('two that want the same file at once make one download', async () => {
    const url = site.origin + FILE;
    const jobs = [1, 2, 3].map(() => store.download(url, true, quietJob()));
    const files = await Promise.all(jobs);
    assert.ok(files.every((file) => file.bytes.length === bytes.length));
    assert.deepEqual(site.requests, [`GET ${FILE} 200`]);
  });

  test('what is not there is said, without what stands behind a question mark', async () => {
    const url = `${site.origin}/gone.bin?key=secret`;
    await assert.rejects(store.download(url, true, quietJob()), (error) => {
      assert.ok(isBoardError(error, 'download-failed'));
      assert.match(error.message, /gone\.bin: it is not there \(404\)/);
      assert.doesNotMatch(JSON.stringify([error.message, error.details]), /secret/);
      return true;
    });
  });

  test('nothing comes over plain http but from this computer', () => {
    for (const url of ['http://micropython.org/x.bin', 'ftp://127.0.0.1/x', 'x']) {
      assert.throws(() => demandSafe(url), /https|no address/);
    }
    for (const url of ['https://micropython.org/', 'http://localhost:1/', 'http://[::1]:1/']) {
      demandSafe(url);
    }
  });
});
