/**
 * What a flash does to the files of a board: kept by an update, and said where they are not. On a
 * virtual board. Below: dist/virtual/main.js, dist/firmware. Above: nothing.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import type { Board } from '../../src/board/board';
import { quietJob } from '../../src/core/job';
import { putFile, readFile as readBoardFile } from '../../src/micropython/transfer';
import { flashBoard } from '../../src/operations/flash';
import { boardOn, notBuilt, withPrompt, withVirtualBoard } from './support';

const IMAGE = 'dist/firmware/parley-virtual-esp32.bin';
const note = new TextEncoder().encode('mine\n');

describe('the files of a board that is flashed', { skip: notBuilt, timeout: 120_000 }, () => {
  test('stay over an update, and go with an erase or an image that covers them', async () => {
    const image = new Uint8Array(await readFile(IMAGE));
    await withVirtualBoard({ flashed: false }, async (virtual) => {
      const board = boardOn(virtual);
      const flash = async (bytes: Uint8Array, eraseFirst = false): Promise<string | undefined> => {
        const from = virtual.printed().length;
        const options = { name: 'm.bin', bytes, eraseFirst };
        const { files } = await flashBoard(board, options, quietJob());
        await virtual.prints(/>>> $/, 20_000, from);
        return files;
      };
      const put = () => withPrompt(virtual, (repl) => putFile(repl, '/note.txt', note, quietJob()));
      const there = () =>
        withPrompt(virtual, (repl) => readBoardFile(repl, '/note.txt', quietJob())).then(
          (bytes) => Buffer.from(bytes).equals(Buffer.from(note)),
          () => false,
        );

      assert.equal(await flash(image), 'none');
      await put();
      // The application changed: what was there is erased and written again.
      await garble(board, image);
      assert.equal(await flash(image), 'kept');
      assert.equal(await there(), true);

      const large = new Uint8Array(0x201000);
      large.set(image);
      large.set(randomBytes(0x2000), 0x1ff000);
      assert.equal(await flash(large), 'overwritten');
      assert.equal(await there(), false);

      assert.equal(await flash(image, true), 'wiped');
      await put();
      assert.equal(await there(), true);
    });
  });
});

/** Writes something else over the application. */
async function garble(board: Board, image: Uint8Array): Promise<void> {
  const junk = new Uint8Array(image.length - 0xf000).fill(0x55);
  await board.withBootloader('Garble', quietJob(), (loader) =>
    loader.writeFlash(junk, 0x10000, quietJob()),
  );
}
