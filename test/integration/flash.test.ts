/**
 * The ROM loader end to end: esptool-js through our port onto a virtual board's own process, with
 * and without the flasher stub. Below: dist/virtual/main.js. Above: nothing.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { quietJob, type ProgressUpdate } from '../../src/core/job';
import { Bootloader } from '../../src/esp/flasher';
import {
  MIB,
  enter,
  firmware,
  listen,
  rejectsWith,
  sha,
  skip,
  until,
  watched,
  withBoard,
} from './flashSupport';

const isWriting = ({ message = '', doneBytes = 0 }: ProgressUpdate): boolean =>
  /Writing/.test(message) && doneBytes > 0;

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
        // Flash mode, and a size that is not this board's: they stay as the image has them.
        image.set([0x00, 0x1f], 2);
        let closed = 0;
        board.port.onClose(() => closed++);
        const { job, updates } = watched();
        const result = await flasher.writeFlash(image, 0x1000, job);
        assert.equal(result.writtenBytes, image.length);
        assert.ok(result.compressedBytes > 75_000 && result.compressedBytes < 100_000);
        const bytes = updates.flatMap((u) => (/Writing/.test(u.message!) ? u.doneBytes! : []));
        assert.ok(bytes.every((b, i) => i === 0 || b >= (bytes[i - 1] ?? 0)));
        assert.equal(bytes[0], 0);
        assert.equal(bytes.at(-1), image.length);
        assert.equal(await flasher.isBlank(quietJob()), false);

        // The same again: the chip compares, nothing goes over the line.
        const again = await flasher.writeFlash(image, 0x1000, quietJob());
        assert.deepEqual([again.writtenBytes, again.compressedBytes], [0, 0]);
        assert.equal(again.unchangedBytes, image.length);
        // One byte of the last region: that region alone, which begins at 0x20000.
        const other = Uint8Array.from(image);
        other[150_000]! ^= 1;
        const part = await flasher.writeFlash(other, 0x1000, quietJob());
        assert.equal(part.writtenBytes, 150_001 + 0x1000 - 0x20000);
        assert.equal(part.unchangedBytes, 0x1f000);
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
        assert.equal(closed, 0, 'the rate was changed on the open port');
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
        await until(() => updates.some(isWriting));
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
      await until(() => updates.some(isWriting));
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
      await rejectsWith('wrong-offset', flasher.writeFlash(firmware(16), 0x1004, quietJob()));
      assert.equal(await flasher.isBlank(quietJob()), true);
      await flasher.leave();
    });
  });
});
