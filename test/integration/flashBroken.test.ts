/**
 * Flash chips that are not what they should be: one that does not keep a byte, one that does not
 * answer. The way from the chip to the sentence. Below: dist/virtual/main.js. Above: nothing.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { BoardError } from '../../src/core/errors';
import { explain } from '../../src/core/explain';
import { quietJob } from '../../src/core/job';
import { flashBoard } from '../../src/operations/flash';
import { lookAt } from '../../src/operations/look';
import { listen, skip, until, withBoard } from './flashSupport';
import { boardOn } from './support';

const IMAGE = 'dist/firmware/parley-virtual-esp32.bin';

describe('a broken flash chip', { skip, timeout: 120_000 }, () => {
  for (const stub of [true, false]) {
    test(`that does not keep a byte is found by MD5, ${stub ? 'with' : 'without'} the stub`, async () => {
      const bytes = new Uint8Array(await readFile(IMAGE));
      // A byte of the application that the image wants to be something.
      let at = 0x18000;
      while (bytes[at - 0x1000] === 0) at++;
      const flags = ['--unpaced', '--worn-at', String(at), ...(stub ? [] : ['--no-stub'])];
      await withBoard(flags, async (loaderBoard) => {
        const board = boardOn(loaderBoard);
        const text = listen(loaderBoard.port);
        const error = await flashBoard(board, { name: 'm.bin', bytes }, quietJob()).then(
          () => assert.fail('it was taken for right'),
          (reason: unknown) => reason,
        );
        assert.ok(error instanceof BoardError);
        assert.deepEqual([error.code, error.details['flash']], ['verify-failed', 'partly']);
        const { sentence, actions } = explain(error, 'machine1');
        assert.match(sentence, /^machine1: what is in the flash differs from what was written/);
        assert.ok(actions.includes('retry'));
        await until(() => /rst:0x/.test(text()));
      });
    });
  }

  test('that does not answer is said before anything is written', async () => {
    await withBoard(['--unpaced', '--dead-flash'], async (loaderBoard) => {
      const error = await lookAt(boardOn(loaderBoard), quietJob()).then(
        () => assert.fail('it was taken for good'),
        (reason: unknown) => reason,
      );
      const { sentence } = explain(error, 'machine1');
      assert.match(
        sentence,
        /^machine1: its flash chip does not answer \(its id reads as ffffff\)/,
      );
      assert.ok(loaderBoard.flash().every((byte) => byte === 0xff));
    });
  });
});
