/**
 * The ROM loader end to end: esptool-js through our port onto a virtual board's own process, with
 * and without the flasher stub. Below: dist/virtual/main.js. Above: nothing.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { isBoardError, type BoardErrorCode } from '../../src/core/errors';
import { quietJob, type Job, type ProgressUpdate } from '../../src/core/job';
import { Bootloader } from '../../src/esp/flasher';
import type { Port } from '../../src/port/port';
import { Rfc2217Provider } from '../../src/port/rfc2217';

const VIRTUAL = process.env['PARLEY_VIRTUAL_MAIN'] ?? 'dist/virtual/main.js';
const skip = existsSync(VIRTUAL) ? undefined : `${VIRTUAL} has not been built`;
const MIB = 1 << 20;

interface Board {
  readonly port: Port;
  /** What is in its flash now. */
  flash(): Buffer;
  kill(): void;
}

async function withBoard(flags: string[], body: (board: Board) => Promise<void>): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), 'parley-flash-'));
  const args = [VIRTUAL, '--name', 'flash', '--state', state, ...flags];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const provider = new Rfc2217Provider();
    const port = await provider.open(provider.add(await addressOf(child)), { baudRate: 115200 });
    await body({
      port,
      flash: () => readFileSync(join(state, 'flash.bin')),
      kill: () => child.kill('SIGKILL'),
    });
    await port.close();
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      const exit = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      child.kill();
      await exit;
    }
    rmSync(state, { recursive: true, force: true });
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the virtual board ended')));
    if (!child.stdout) throw new Error('no stdout');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { event: string; host: string; port: number };
      if (said.event === 'listening') resolve(`${said.host}:${said.port}`);
    });
  });
}

/** Half noise, half zeros, first byte as an image has it. */
function firmware(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(randomBytes(length >> 1), length >> 2);
  bytes[0] = 0xe9;
  return bytes;
}

function watched(): { job: Job; updates: ProgressUpdate[]; stop: AbortController } {
  const updates: ProgressUpdate[] = [];
  const stop = new AbortController();
  const progress = { report: (update: ProgressUpdate) => void updates.push(update) };
  return { job: { signal: stop.signal, progress }, updates, stop };
}

const enter = (board: Board, baudRate = 460800): Promise<Bootloader> =>
  Bootloader.enter(board.port, { baudRate }, quietJob());

async function rejectsWith(code: BoardErrorCode, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isBoardError(error), String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

for (const stub of [true, false]) {
  const flags = ['--unpaced', ...(stub ? [] : ['--no-stub'])];

  describe(`flashing ${stub ? 'with' : 'without'} the stub`, { skip, timeout: 120_000 }, () => {
    test('enter, erase, write, verify, read back, leave; nothing on the console', async (t) => {
      const log = t.mock.method(console, 'log', () => undefined);
      await withBoard(flags, async (board) => {
        const flasher = await enter(board);
        const { facts } = flasher;
        assert.equal(facts.chip, 'ESP32');
        assert.equal(facts.chipId, 0);
        assert.equal(facts.stub, stub);
        assert.equal(facts.flashSizeBytes, 4 * MIB);
        assert.match(facts.mac, /^24:6f:28(:[0-9a-f]{2}){3}$/);
        assert.equal(board.port.baudRate, 460800);
        assert.equal(await flasher.isBlank(quietJob()), true);

        const image = firmware(150_001);
        const { job, updates } = watched();
        const result = await flasher.writeFlash(image, 0x1000, job);
        assert.equal(result.writtenBytes, image.length);
        assert.ok(result.compressedBytes > 75_000 && result.compressedBytes < 100_000);
        const bytes = updates.flatMap((u) => u.doneBytes ?? []);
        assert.ok(bytes.every((b, i) => i === 0 || b >= (bytes[i - 1] ?? 0)));
        assert.equal(bytes.at(-1), image.length);
        assert.equal(await flasher.isBlank(quietJob()), false);

        // The same again: the chip compares, nothing goes over the line.
        const again = await flasher.writeFlash(image, 0x1000, quietJob());
        assert.deepEqual([again.writtenBytes, again.compressedBytes], [0, 0]);
        const other = Uint8Array.from(image);
        other[150_000]! ^= 1;
        assert.equal((await flasher.writeFlash(other, 0x1000, quietJob())).writtenBytes, 150_001);
        await flasher.writeFlash(image, 0x1000, quietJob());

        const length = stub ? 20_000 : 1000;
        const back = await flasher.readFlash(0x1000 + 30_000, length, quietJob());
        assert.deepEqual(Buffer.from(back), Buffer.from(image.slice(30_000, 30_000 + length)));
        assert.equal(sha(board.flash().subarray(0x1000, 0x1000 + image.length)), sha(image));

        await flasher.eraseFlash(quietJob());
        assert.equal(await flasher.isBlank(quietJob()), true);
        const text = listen(board.port);
        await flasher.leave();
        assert.equal(board.port.baudRate, 115200);
        await until(() => /invalid header: 0xffffffff/.test(text()));
        assert.equal(log.mock.callCount(), 0);
      });
    });

    test('cancelled while writing: at once, and the loader is left', async () => {
      await withBoard(flags.slice(1), async (board) => {
        const flasher = await enter(board);
        const { job, updates, stop } = watched();
        const text = listen(board.port);
        const writing = flasher.writeFlash(firmware(400_000), 0x1000, job);
        const failed = rejectsWith('cancelled', writing);
        await until(() => updates.some((u) => (u.doneBytes ?? 0) > 0));
        const start = Date.now();
        stop.abort();
        await failed;
        assert.ok(Date.now() - start < 1500, `${Date.now() - start} ms`);
        await until(() => /boot:0x13/.test(text()));
        await rejectsWith('cancelled', flasher.eraseFlash(quietJob()));
        const again = await enter(board);
        await again.leave();
      });
    });
  });
}

describe('a loader that does not go on', { skip, timeout: 120_000 }, () => {
  test('a board that vanishes while flashing is port-lost at once, and leave does not throw', async () => {
    await withBoard([], async (board) => {
      const flasher = await enter(board);
      const { job, updates } = watched();
      const failed = rejectsWith('port-lost', flasher.writeFlash(firmware(400_000), 0x1000, job));
      await until(() => updates.some((u) => (u.doneBytes ?? 0) > 0));
      const start = Date.now();
      board.kill();
      await failed;
      assert.ok(Date.now() - start < 1000, `${Date.now() - start} ms`);
      await flasher.leave();
    });
  });

  test('cancelled on the way in', async () => {
    await withBoard(['--unpaced'], async (board) => {
      const { job, stop } = watched();
      const entering = Bootloader.enter(board.port, { baudRate: 460800 }, job);
      setTimeout(() => stop.abort(), 100);
      await rejectsWith('cancelled', entering);
      await (await enter(board)).leave();
    });
  });

  test('a reset that does not reach the loader is no-bootloader in 15 s, and says what it saw', async () => {
    await withBoard(['--unpaced'], async (board) => {
      const start = Date.now();
      const resets = ['D0|R1|W100|R0'];
      const entering = Bootloader.enter(board.port, { baudRate: 115200, resets }, quietJob());
      await assert.rejects(entering, /boot mode 0x13/);
      assert.ok(Date.now() - start < 15_500, `${Date.now() - start} ms`);
    });
  });

  test('an image beyond the flash is refused before a byte is written', async () => {
    await withBoard(['--unpaced'], async (board) => {
      const flasher = await enter(board);
      const writing = flasher.writeFlash(firmware(8192), 4 * MIB - 4096, quietJob());
      await rejectsWith('image-too-large', writing);
      await rejectsWith('unsupported', flasher.writeFlash(firmware(16), 0x1004, quietJob()));
      assert.equal(await flasher.isBlank(quietJob()), true);
      await flasher.leave();
    });
  });
});

function listen(port: Port): () => string {
  let text = '';
  port.onData((bytes) => (text += Buffer.from(bytes).toString('latin1')));
  return () => text;
}

async function until(done: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!done()) {
    if (Date.now() > end) throw new Error('waited 20 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
