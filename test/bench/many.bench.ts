/**
 * Thirty boards in one command: how long, how many at once, and what it costs this computer.
 * Unpaced boards show the limit of the computer; a real line is slower than that.
 * Below: operations/flashMany, virtual boards. Above: `npm run bench`.
 */
import { readFile } from 'node:fs/promises';
import { quietJob } from '../../src/core/job';
import { failedOf, flashMany } from '../../src/operations/flashMany';
import { boardOn, startVirtualBoard } from '../integration/support';

const BOARDS = 30;

async function main(): Promise<void> {
  const bytes = new Uint8Array(await readFile('dist/firmware/parley-virtual-esp32.bin'));
  for (const paced of [false, true]) {
    const virtuals = [];
    for (let i = 0; i < BOARDS; i++) {
      virtuals.push(await startVirtualBoard({ flashed: false, unpaced: !paced }));
    }
    try {
      const boards = virtuals.map((virtual, i) => boardOn(virtual, `m${i}`));
      const cpu = process.cpuUsage();
      const start = performance.now();
      const outcomes = await flashMany(boards, { name: 'virtual.bin', bytes }, quietJob());
      const seconds = (performance.now() - start) / 1000;
      const { user, system } = process.cpuUsage(cpu);
      const failed = failedOf(outcomes);
      const line = paced ? 'lines of 460800 baud' : 'lines without a limit';
      console.log(
        `  ${BOARDS} boards, ${bytes.length} bytes each, ${line}: ${BOARDS - failed.length} flashed in ${seconds.toFixed(1)} s, ` +
          `${((user + system) / 1e6).toFixed(1)} s of this process's CPU`,
      );
      for (const { board, error } of failed) console.log(`    ${board.name}: ${String(error)}`);
    } finally {
      await Promise.all(virtuals.map((virtual) => virtual.stop()));
    }
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
