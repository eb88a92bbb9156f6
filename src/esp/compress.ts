/**
 * Firmware made small for the line. Below: node:zlib, which works on threads of its own, so that the
 * extension host stays free (esptool-js would compress on it for about a second and a half a MiB).
 * Above: flashWrite.ts.
 */
import { promisify } from 'node:util';
import { createInflate, deflate } from 'node:zlib';

const deflateAsync = promisify<Uint8Array, { level: number }, Buffer>(deflate);

/**
 * The last bytes of a zlib stream may bring nothing: the end of the last block (15 bits at most, RFC
 * 1951) and the checksum (4 bytes, RFC 1950). So many are never sent alone; there is room in it.
 */
const TRAILER = 16;

export interface Compressed {
  /** The zlib stream, cut into blocks. */
  readonly blocks: readonly Uint8Array[];
  /** How many bytes each block brings when it is taken apart; all together, the whole. */
  readonly inflatedBytes: readonly number[];
  /** Length of the zlib stream. */
  readonly totalBytes: number;
}

/** @param blockBytes the longest a block may be, more than 16 */
export async function compress(data: Uint8Array, blockBytes: number): Promise<Compressed> {
  const stream = await deflateAsync(data, { level: 9 });
  const blocks = cut(stream, blockBytes);
  return { blocks, inflatedBytes: await inflatedSizes(blocks), totalBytes: stream.length };
}

/**
 * `stream` in blocks. The last is never one that brings nothing: the stub has all it waits for by
 * then and refuses what comes after (esp-flasher-stub, s_flash_defl_data).
 */
export function cut(stream: Uint8Array, blockBytes: number): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < stream.length;) {
    const left = stream.length - at;
    const alone = left > blockBytes && left - blockBytes <= TRAILER;
    const block = stream.subarray(at, at + (alone ? blockBytes - TRAILER : blockBytes));
    blocks.push(block);
    at += block.length;
  }
  return blocks;
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
