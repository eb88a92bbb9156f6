/**
 * Several boards flashed in one go, one of them unplugged in the middle, on virtual boards' own
 * processes. Below: dist/virtual/main.js, dist/firmware. Above: nothing.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import type { Board } from '../../src/board/board';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import { failedOf, flashMany } from '../../src/operations/flashMany';
import { boardOn, notBuilt, startVirtualBoard, type VirtualBoard } from './support';

const IMAGE = 'dist/firmware/parley-virtual-esp32.bin';

describe('flashing several boards', { skip: notBuilt, timeout: 180_000 }, () => {
  test('one that is unplugged in the middle fails alone; a retry of it flashes it', async () => {
    const names = ['m0', 'm1', 'm2', 'm3', 'm4'];
    const started = await Promise.all(names.map(() => startVirtualBoard({ flashed: false })));
    const virtuals: VirtualBoard[] = [...started];
    try {
      const boards = virtuals.map((virtual, i) => boardOn(virtual, names[i]));
      const firmware = { name: 'virtual.bin', bytes: new Uint8Array(await readFile(IMAGE)) };
      const lines: string[] = [];
      let killed: Promise<void> | undefined;
      let writes = 0;
      const onBoard = (board: Board, update?: { message?: string; doneBytes?: number }): void => {
        if (update?.message) lines.push(`${board.name} ${update.message}`);
        if (board !== boards[1] || !update?.message?.startsWith('Writing')) return;
        // Not at the first word of it: some of its blocks are in its flash by then, and some not.
        if (++writes === 3) killed = virtuals[1]!.kill();
      };
      const outcomes = await flashMany(boards, { ...firmware, atOnce: 3, onBoard }, quietJob());
      assert.deepEqual(
        outcomes.map(({ board, report }) => `${board.name} ${report ? 'flashed' : 'failed'}`),
        ['m0 flashed', 'm1 failed', 'm2 flashed', 'm3 flashed', 'm4 flashed'],
      );
      const [failed] = failedOf(outcomes);
      assert.ok(isBoardError(failed?.error, 'port-lost'), String(failed?.error));
      for (const name of names) assert.ok(lines.some((line) => line.startsWith(`${name} Writing`)));
      for (const i of [0, 2, 3, 4]) await virtuals[i]!.prints(/>>> /);

      // Plugged in again: the same process with the flash as it was left.
      await killed;
      virtuals[1] = await startVirtualBoard({ flashed: false }, virtuals[1]!.state);
      const again = boardOn(virtuals[1], 'm1');
      const [retried] = await flashMany([again], firmware, quietJob());
      assert.equal(retried?.error, undefined);
      await virtuals[1].prints(/>>> /);
    } finally {
      await Promise.all(virtuals.map((virtual) => virtual.stop()));
    }
  });
});
