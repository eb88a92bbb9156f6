/**
 * What the flash holds after a cancel or an unplug, said with the error; and that flashing again
 * sends only what is not right yet. Below: dist/virtual/main.js. Above: nothing.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { quietJob, type ProgressUpdate } from '../../src/core/job';
import { explain } from '../../src/core/explain';
import { BoardError } from '../../src/core/errors';
import type { Bootloader } from '../../src/esp/flasher';
import {
  enter,
  firmware,
  rejectsWith,
  sha,
  skip,
  watched,
  withBoard,
  withState,
  type LoaderBoard,
} from './flashSupport';

const OFFSET = 0x1000;
const image = firmware(700_000);
/** 64 KiB regions from 0x10000 on, the first without its first 4 KiB. */
const REGION = 0x10000;

const phases = {
  'while it compares': {
    when: ({ message, doneBytes = 0 }) => /Comparing/.test(message!) && doneBytes > 100_000,
    holds: 'untouched',
  },
  'before the first block': {
    when: ({ message, doneBytes }) => /Writing/.test(message!) && doneBytes === 0,
    holds: 'untouched',
  },
  'in the middle of writing': {
    when: ({ message, doneBytes = 0 }) => /Writing/.test(message!) && doneBytes > 400_000,
    holds: 'partly',
  },
  'while it verifies': { when: ({ message }) => /Verifying/.test(message!), holds: 'partly' },
} satisfies Record<string, { when: (update: ProgressUpdate) => boolean; holds: string }>;

const rest = async (loader: Bootloader): Promise<number> =>
  (await loader.writeFlash(image, OFFSET, quietJob())).writtenBytes;

const isWhole = (board: LoaderBoard): void =>
  assert.equal(sha(board.flash().subarray(OFFSET, OFFSET + image.length)), sha(image));

describe('a flash that was broken off', { skip, timeout: 120_000 }, () => {
  for (const [phase, { when, holds }] of Object.entries(phases)) {
    test(`cancelled ${phase}: the flash is ${holds}, and flashing again goes on`, async () => {
      await withBoard(['--unpaced'], async (board) => {
        const loader = await enter(board);
        const { job, stop, updates } = watched((update) => void (when(update) && stop.abort()));
        const details = await rejectsWith('cancelled', loader.writeFlash(image, OFFSET, job));
        assert.equal(details['flash'], holds);
        assert.equal(loader.flashState, holds);
        const untouched = board.flash().every((byte) => byte === 0xff);
        assert.equal(untouched, holds === 'untouched');
        assert.ok(when(updates.at(-1)!), 'nothing went on after that');

        const again = await enter(board);
        const written = await rest(again);
        if (holds === 'untouched') assert.equal(written, image.length);
        else assert.ok(written < image.length - 4 * REGION, `${written} bytes sent again`);
        isWhole(board);
        assert.equal(again.flashState, written === 0 ? 'untouched' : 'whole');
        await again.leave();
      });
    });

    test(`unplugged ${phase}: the flash is ${holds}, and flashing again goes on`, async () => {
      await withState(async (state) => {
        await withBoard(
          ['--unpaced'],
          async (board) => {
            const loader = await enter(board);
            const { job } = watched((update) => void (when(update) && board.kill()));
            const details = await rejectsWith('port-lost', loader.writeFlash(image, OFFSET, job));
            // The first message may be on its way before it is known that the plug is out.
            if (phase === 'before the first block') assert.notEqual(details['flash'], 'whole');
            else assert.equal(details['flash'], holds);
            await loader.leave();
          },
          state,
        );
        await withBoard(
          ['--unpaced'],
          async (board) => {
            const again = await enter(board);
            const written = await rest(again);
            if (holds === 'partly') assert.ok(written < image.length - 4 * REGION, `${written}`);
            isWhole(board);
            await again.leave();
          },
          state,
        );
      });
    });
  }

  test('cancelled while it erases: the flash is partly there, and after the erase it is empty', async () => {
    await withBoard(['--unpaced', '--no-stub'], async (board) => {
      const loader = await enter(board);
      await loader.writeFlash(image, OFFSET, quietJob());
      const { job, stop } = watched(({ message, doneBytes = 0 }) => {
        if (message === 'Erasing' && doneBytes > 1 << 20) stop.abort();
      });
      const details = await rejectsWith('cancelled', loader.eraseFlash(job));
      assert.equal(details['flash'], 'partly');

      const again = await enter(board);
      await again.eraseFlash(quietJob());
      assert.equal(again.flashState, 'erased');
      const stopped = watched(({ message }) => {
        if (/Comparing/.test(message!)) stopped.stop.abort();
      });
      const after = await rejectsWith('cancelled', again.writeFlash(image, OFFSET, stopped.job));
      assert.equal(after['flash'], 'erased');
    });
  });

  test('the sentences say what the flash holds', () => {
    const said = (code: 'cancelled' | 'port-lost', flash: string): string =>
      explain(new BoardError(code, 'x', { details: { flash } }), 'machine1').sentence;
    assert.match(said('cancelled', 'untouched'), /machine1: cancelled.*as it was/);
    assert.match(said('cancelled', 'erased'), /is erased: flash it/);
    assert.match(said('cancelled', 'partly'), /will not start: flash it again.*goes on/);
    assert.match(said('port-lost', 'partly'), /will not start.*plug it in again/);
  });

  test('a region that went bad afterwards is the only one that is written', async () => {
    await withBoard(['--unpaced'], async (board) => {
      const loader = await enter(board);
      await loader.writeFlash(image, OFFSET, quietJob());
      // Another install within the image: three regions, two of them neighbours.
      await loader.writeFlash(firmware(REGION), 2 * REGION, quietJob());
      await loader.writeFlash(firmware(2 * REGION - 100), 5 * REGION, quietJob());
      assert.equal(await rest(loader), 3 * REGION);
      isWhole(board);
      await loader.leave();
    });
  });
});
