/**
 * The whole flash of a board into a file and back, on virtual boards: what was on it is on it again,
 * files and settings too; and what becomes of file and board when that is broken off.
 * Below: dist/virtual/main.js, dist/firmware. Above: nothing.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { explain } from '../../src/core/explain';
import { quietJob } from '../../src/core/job';
import { putFile, readFile as readBoardFile } from '../../src/micropython/transfer';
import { backupFlash } from '../../src/operations/backupFlash';
import { eraseBoard } from '../../src/operations/erase';
import { flashBoard } from '../../src/operations/flash';
import { restoreFlash } from '../../src/operations/restoreFlash';
import { rejectsWith, sha, watched, withBoard } from './flashSupport';
import { boardOn, notBuilt, withPrompt, withVirtualBoard } from './support';

const MIB = 1 << 20;
const IMAGE = 'dist/firmware/parley-virtual-esp32.bin';
const note = new TextEncoder().encode('kept over a restore\n');

describe('a backup of the whole flash', { skip: notBuilt, timeout: 180_000 }, () => {
  let folder = '';
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'parley-backup-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const here = (name: string): string => join(folder, name);

  test('brings back MicroPython and the files after an erase; the same again writes nothing', async () => {
    await withVirtualBoard({}, async (virtual) => {
      await withPrompt(virtual, (repl) => putFile(repl, '/note.txt', note, quietJob()));
      const board = boardOn(virtual);
      const { job, updates } = watched();
      const from = virtual.printed().length;
      const report = await backupFlash(board, here('a.bin'), job);
      assert.deepEqual([report.bytes, report.chip, report.restorable], [4 * MIB, 'ESP32', true]);
      const saved = new Uint8Array(readFileSync(here('a.bin')));
      const reading = updates.filter(({ message }) => message === 'Reading');
      assert.deepEqual(reading.at(-1), {
        message: 'Reading',
        doneBytes: 4 * MIB,
        totalBytes: 4 * MIB,
      });
      assert.ok(reading.length > 20, 'progress moves');
      // It was reset into its program, which is there.
      await virtual.prints(/>>> $/, 20_000, from);

      await eraseBoard(board, quietJob());
      const erased = virtual.printed().length;
      const back = await restoreFlash(board, { name: 'a.bin', bytes: saved }, quietJob());
      // Erased regions are not sent.
      assert.ok(back.writtenBytes > 100_000 && back.writtenBytes < MIB, `${back.writtenBytes}`);
      await virtual.prints(/>>> $/, 20_000, erased);
      const there = await withPrompt(virtual, (r) => readBoardFile(r, '/note.txt', quietJob()));
      assert.deepEqual(Buffer.from(there), Buffer.from(note));

      const now = readFileSync(join(virtual.state, 'flash.bin'));
      const same = { name: 'a.bin', bytes: new Uint8Array(now) };
      const again = await restoreFlash(board, same, quietJob());
      assert.equal(again.writtenBytes, 0);
      assert.equal(again.unchangedBytes, 4 * MIB);
    });
  });

  test('without the stub it is the same, only slower', async () => {
    await withBoard(['--unpaced', '--no-stub'], async (loaderBoard) => {
      const board = boardOn(loaderBoard);
      const bytes = new Uint8Array(await readFile(IMAGE));
      await flashBoard(board, { name: 'm.bin', bytes }, quietJob());
      await backupFlash(board, here('slow.bin'), quietJob());
      const saved = readFileSync(here('slow.bin'));
      assert.equal(sha(saved.subarray(0x1000, 0x1000 + bytes.length)), sha(bytes));
      await eraseBoard(board, quietJob());
      await restoreFlash(board, { name: 'slow.bin', bytes: saved }, quietJob());
      assert.equal(sha(loaderBoard.flash()), sha(saved));
    });
  });

  test('cancelled or unplugged: no file, the older one stays, the board is as it was', async () => {
    await withVirtualBoard({}, async (virtual) => {
      const board = boardOn(virtual);
      writeFileSync(here('old.bin'), 'older');
      for (const code of ['cancelled', 'port-lost'] as const) {
        const { job, stop } = watched(({ message, doneBytes = 0 }) => {
          if (message !== 'Reading' || doneBytes < MIB) return;
          if (code === 'cancelled') stop.abort();
          else void virtual.kill();
        });
        const from = virtual.printed().length;
        await rejectsWith(code, backupFlash(board, here('old.bin'), job));
        assert.equal(readFileSync(here('old.bin'), 'utf8'), 'older');
        assert.deepEqual(
          readdirSync(folder).filter((name) => name.includes('.part')),
          [],
        );
        if (code === 'cancelled') await virtual.prints(/>>> $/, 20_000, from);
      }
    });
  });

  test('a restore that is broken off goes on where it stopped, and says "restore"', async () => {
    await withBoard(['--unpaced'], async (loaderBoard) => {
      const board = boardOn(loaderBoard);
      const bytes = new Uint8Array(await readFile(IMAGE));
      await flashBoard(board, { name: 'm.bin', bytes }, quietJob());
      const saved = new Uint8Array(loaderBoard.flash());
      // A file system full of noise, so that there is something to send.
      for (let i = 2 * MIB; i < 3 * MIB; i++) saved[i] = (i * 2654435761) >>> 24;
      const { job, stop } = watched(({ message = '', doneBytes = 0 }) => {
        if (/Writing/.test(message) && doneBytes > 3.6 * MIB) stop.abort();
      });
      const backup = { name: 'b.bin', bytes: saved };
      const restoring = restoreFlash(board, backup, job);
      const details = await rejectsWith('cancelled', restoring);
      assert.equal(details['flash'], 'partly');
      const error = await restoring.catch((e: unknown) => e);
      assert.match(
        explain(error, 'machine1').sentence,
        /will not start: restore it again, which goes on/,
      );
      const again = await restoreFlash(board, backup, quietJob());
      assert.ok(again.writtenBytes < 0.7 * MIB, `${again.writtenBytes} bytes sent again`);
      assert.equal(sha(loaderBoard.flash()), sha(saved));
    });
  });

  test('another size or another chip is refused, and nothing is written', async () => {
    await withBoard(['--unpaced'], async (loaderBoard) => {
      const board = boardOn(loaderBoard);
      const before = sha(loaderBoard.flash());
      const small = { name: 'small.bin', bytes: new Uint8Array(2 * MIB).fill(0xff) };
      await rejectsWith('wrong-backup', restoreFlash(board, small, quietJob()));
      const c3 = new Uint8Array(4 * MIB).fill(0xff);
      c3.set([0xe9, 3, 2, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0]);
      const restoring = restoreFlash(board, { name: 'c3.bin', bytes: c3 }, quietJob());
      const { reason } = await rejectsWith('wrong-backup', restoring);
      assert.match(String(reason), /of an ESP32-C3, the board an ESP32/);
      assert.equal(sha(loaderBoard.flash()), before);
    });
  });
});
