/**
 * Flash against what the line can carry, on a virtual board paced as a real one.
 * 10 bits go over the line for a byte: 460800 baud carries 46,080 bytes a second. Files: files.bench.ts.
 * Below: esp. Above: `npm run bench`.
 */
import { readFile } from 'node:fs/promises';
import { quietJob } from '../../src/core/job';
import { Bootloader } from '../../src/esp/flasher';
import { startVirtualBoard } from '../integration/support';

const FLASH_BAUD = 460_800;

function line(what: string, bytes: number, seconds: number, baud: number): void {
  const rate = bytes / seconds;
  const share = (rate / (baud / 10)).toFixed(2);
  const each = `${Math.round(rate)} B/s`.padStart(11);
  console.log(`  ${what.padEnd(44)} ${each}   ${share} of the line at ${baud} baud`);
}

async function main(): Promise<void> {
  const job = quietJob();
  const image = new Uint8Array(await readFile('dist/firmware/parley-virtual-esp32.bin'));
  const board = await startVirtualBoard({ unpaced: false });
  try {
    const loader = await Bootloader.enter(board.port, { baudRate: FLASH_BAUD }, job);
    try {
      const { compressedBytes, milliseconds } = await loader.writeFlash(image, 0x1000, job);
      line('flash, compressed bytes', compressedBytes, milliseconds / 1000, FLASH_BAUD);
    } finally {
      await loader.leave();
    }
  } finally {
    await board.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
