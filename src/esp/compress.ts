/**
 * Firmware made small for the line. Below: node:zlib, which works on threads of its own, so that the
 * extension host stays free (esptool-js would compress on it for about a second and a half a MiB).
 * Above: flasher.ts.
 */
import { promisify } from 'node:util';
import { createInflate, deflate } from 'node:zlib';

const deflateAsync = promisify<Uint8Array, { level: number }, Buffer>(deflate);

export interface Compressed {
  /** The zlib stream, cut into blocks. */
  readonly blocks: readonly Uint8Array[];
  /** How many bytes each block brings when it is taken apart; all together, the whole. */
  readonly inflatedBytes: readonly number[];
  /** Length of the zlib stream. */
  readonly totalBytes: number;
}

/** @param blockBytes length of a block, all but the last */
export async function compress(data: Uint8Array, blockBytes: number): Promise<Compressed> {
  const stream = await deflateAsync(data, { level: 9 });
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += blockBytes) {
    blocks.push(stream.subarray(at, at + blockBytes));
  }
  return { blocks, inflatedBytes: await inflatedSizes(blocks), totalBytes: stream.length };
}

/** What each block brings: the chip writes that much before it answers, which sets the deadline. */
async function inflatedSizes(blocks: readonly Uint8Array[]): Promise<number[]> {
  const inflate = createInflate();
  let total = 0;
  inflate.on('data', (chunk: Buffer) => (total += chunk.length));
  const sizes: number[] = [];
  for (const block of blocks) {
    const before = total;
    await new Promise<void>((resolve, reject) => {
      inflate.write(block, (error) => (error ? reject(error) : resolve()));
    });
    sizes.push(total - before);
  }
  inflate.destroy();
  return sizes;
}
