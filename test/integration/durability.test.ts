/**
 * What a board has taken it keeps: its process is killed (SIGKILL) at moments nobody chose, and what was
 * acknowledged is looked for in its flash.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { quietJob, type ProgressUpdate } from '../../src/core/job';
import { Bootloader } from '../../src/esp/flasher';
import { notBuilt, startVirtualBoard, withPrompt } from './support';

const SECTOR = 4096;
const KILLS = 4;

/** Bytes that no sector shares with another, and that do not compress away. */
function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 12345;
  for (let n = 0; n < length; n++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[n] = state >>> 16;
  }
  return bytes;
}

describe('a killed board', { skip: notBuilt, timeout: 180_000 }, () => {
  test('keeps every sector that the loader has acknowledged', async () => {
    const image = pattern(600_000);
    for (let kill = 0; kill < KILLS; kill++) {
      const board = await startVirtualBoard({ flashed: false });
      const loader = await Bootloader.enter(board.port, { baudRate: 460_800 }, quietJob());
      // The stub answers a block before it writes it (as Espressif's), so the one before is safe.
      let [acknowledged, answered] = [0, 0];
      const at = randomInt(1, 30);
      let seen = 0;
      const job = {
        ...quietJob(),
        progress: {
          report: ({ message, doneBytes }: ProgressUpdate) => {
            if (!message?.startsWith('Writing')) return;
            if (doneBytes !== undefined) [acknowledged, answered] = [answered, doneBytes];
            if (++seen === at) void board.kill();
          },
        },
      };
      await assert.rejects(loader.writeFlash(image, 0x1000, job as never));
      await loader.leave().catch(() => undefined);
      const flash = readFileSync(join(board.state, 'flash.bin')).subarray(0x1000);
      await board.stop();
      // Whole sectors of what was told as written, and not one of them wrong.
      const whole = Math.floor(acknowledged / SECTOR) * SECTOR;
      assert.equal(
        Buffer.compare(flash.subarray(0, whole), image.subarray(0, whole)),
        0,
        `killed at report ${at}, ${acknowledged} bytes told`,
      );
      // Behind it at most what was in flight: each sector is new, erased, or the one being written.
      let odd = 0;
      for (let from = whole; from < image.length; from += SECTOR) {
        const sector = flash.subarray(from, Math.min(from + SECTOR, image.length));
        const fresh = Buffer.compare(sector, image.subarray(from, from + sector.length)) === 0;
        if (!fresh && sector.some((byte) => byte !== 0xff)) odd++;
      }
      assert.ok(odd <= 1, `${odd} sectors are neither old nor new`);
    }
  });

  test('keeps every file that a program has closed, whole', async () => {
    let state: string | undefined;
    for (let kill = 0; kill < KILLS; kill++) {
      const board = await startVirtualBoard({}, state);
      state = board.state;
      if (kill === 0) await board.prints(/>>> /);
      const at = randomInt(2, 40);
      const writer =
        `n=0\nwhile True:\n  f=open('f%d.txt'%(n%7),'w')\n  f.write(str(n)*1500)\n  f.close()\n` +
        `  print('closed',n)\n  n+=1\n`;
      const before = board.printed().length;
      const running = withPrompt(board, (repl) =>
        repl.exec(writer, quietJob(), { onOutput: () => undefined } as never),
      );
      const ended = running.then(
        () => assert.fail('the program ended'),
        () => undefined,
      );
      await board.prints(new RegExp(`closed ${at}\\b`), 30_000, before);
      await board.kill();
      await ended;
      const last = Math.max(
        ...[
          ...board
            .printed()
            .slice(before)
            .matchAll(/closed (\d+)/g),
        ].map((m) => Number(m[1])),
      );
      await board.stop({ state: true });
      const again = await startVirtualBoard({}, state);
      const text = await withPrompt(again, (repl) =>
        repl.exec(
          'import os\nfor i in range(7):\n  try:\n    t=open("f%d.txt"%i).read()\n  except OSError:\n' +
            '    continue\n  n=len(t)//1500\n  print(i, t[:n] if t==t[:n]*1500 else "torn")',
          quietJob(),
        ),
      );
      const found = new Map(
        [...text.matchAll(/^(\d) (\S+)/gm)].map((m) => [Number(m[1]), m[2]] as const),
      );
      await again.stop({ state: true });
      for (let n = Math.max(0, last - 6); n <= last; n++) {
        // The program may have gone on a turn or more between what we read and the kill.
        const value = Number(found.get(n % 7));
        assert.ok(
          value >= n && value % 7 === n % 7,
          `file ${n % 7}: ${found.get(n % 7)}, ${n} told`,
        );
      }
    }
    if (state) await rm(state, { recursive: true, force: true });
  });
});
