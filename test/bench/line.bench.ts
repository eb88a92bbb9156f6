/**
 * Flash and put against what the line can carry, on a virtual board paced as a real one.
 * 10 bits go over the line for a byte: 115200 baud carries 11,520 bytes a second, 460800 carries 46,080.
 * Below: esp, micropython. Above: `npm run bench`.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { quietJob } from '../../src/core/job';
import { Bootloader } from '../../src/esp/flasher';
import { putFile } from '../../src/micropython/transfer';
import { startVirtualBoard, withPrompt } from '../integration/support';

const FLASH_BAUD = 460_800;
const PROMPT_BAUD = 115_200;

function line(what: string, bytes: number, seconds: number, baud: number): void {
  const rate = bytes / seconds;
  const share = (rate / (baud / 10)).toFixed(2);
  const each = `${Math.round(rate)} B/s`.padStart(11);
  console.log(`  ${what.padEnd(44)} ${each}   ${share} of the line at ${baud} baud`);
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
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
    await board.prints(/>>> /);
    await withPrompt(board, async (repl) => {
      const noise = new Uint8Array(randomBytes(20 * 1024));
      const time = await seconds(() => putFile(repl, '/noise.bin', noise, job));
      line('put 20 KiB of random bytes, verified', noise.length, time, PROMPT_BAUD);
      const source = new Uint8Array(await readFile('firmware/lib/umqttsimple.py'));
      const text = await seconds(() => putFile(repl, '/umqttsimple.py', source, job));
      line('put umqttsimple.py, verified', source.length, text, PROMPT_BAUD);
    });
  } finally {
    await board.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
