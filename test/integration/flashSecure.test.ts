/**
 * A chip in secure download mode, all the way from each operation to the sentence: it says what it
 * is, nothing is written, and it runs its program again. Below: dist/virtual/main.js. Above: nothing.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Board } from '../../src/board/board';
import { explain } from '../../src/core/explain';
import { quietJob } from '../../src/core/job';
import { backupFlash } from '../../src/operations/backupFlash';
import { eraseBoard } from '../../src/operations/erase';
import { flashBoard } from '../../src/operations/flash';
import { lookAt } from '../../src/operations/look';
import { restoreFlash } from '../../src/operations/restoreFlash';
import { listen, sha, skip, until, withBoard } from './flashSupport';
import { boardOn } from './support';

/** An ESP32 has no secure download mode. */
const S3 = 9;

/** A header, an empty segment, a checksum. */
function image(chipId: number): Uint8Array {
  const bytes = new Uint8Array(48);
  bytes.set([0xe9, 1]);
  bytes[12] = chipId;
  bytes[47] = 0xef;
  return bytes;
}

describe('a board in secure download mode', { skip, timeout: 120_000 }, () => {
  test('is known for what it is; flash, erase, backup and restore say why not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-secure-'));
    await withBoard(
      ['--unpaced', '--chip', 'esp32s3', '--secure-download'],
      async (loaderBoard) => {
        const board = boardOn(loaderBoard);
        assert.equal((await lookAt(board, quietJob())).chip, 'ESP32-S3');
        const before = sha(loaderBoard.flash());
        const backup = { name: 'b.bin', bytes: new Uint8Array(4 << 20).fill(0xff) };
        const firmware = { name: 's3.bin', bytes: image(S3) };
        const works: Record<string, (board: Board) => Promise<unknown>> = {
          flash: (b) => flashBoard(b, firmware, quietJob()),
          'erase and flash': (b) => flashBoard(b, { ...firmware, eraseFirst: true }, quietJob()),
          erase: (b) => eraseBoard(b, quietJob()),
          'back up': (b) => backupFlash(b, join(folder, 'b.bin'), quietJob()),
          restore: (b) => restoreFlash(b, backup, quietJob()),
        };
        for (const [what, work] of Object.entries(works)) {
          const text = listen(loaderBoard.port);
          const error = await work(board).then(
            () => assert.fail(`${what} did not fail`),
            (reason: unknown) => reason,
          );
          const { sentence } = explain(error, 'machine1');
          assert.match(sentence, /^machine1 is locked: .*secure download mode/, what);
          assert.match(sentence, /cannot be verified, backed up, restored or erased whole/, what);
          assert.match(sentence, /nothing was written/, what);
          // EN was pulsed: it boots what it has.
          await until(() => /rst:0x1/.test(text()));
        }
        assert.equal(sha(loaderBoard.flash()), before);
        assert.deepEqual(readdirSync(folder), []);
        // What can be told without reading is told first.
        const wrong = flashBoard(board, { name: 'esp32.bin', bytes: image(0) }, quietJob());
        await assert.rejects(wrong, /an image for ESP32, a board with ESP32-S3/);
      },
    );
    rmSync(folder, { recursive: true, force: true });
  });
});
