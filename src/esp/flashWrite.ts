/**
 * Writes what differs: the chip compares a region at a time by MD5, and only regions that are not
 * right yet go over the line, compressed. Below: loaderCommands.ts, compress.ts. Above: flasher.ts.
 */
import { createHash } from 'node:crypto';
import { BoardError } from '../core/errors';
import type { Job } from '../core/job';
import { compress, type Compressed } from './compress';
import { LoaderRefusal, type LoaderCommands } from './loaderCommands';
import { hex } from './words';
import { t } from '../core/words';

/**
 * What is compared at a time, bytes: the large erase block of a flash chip, which is erased faster
 * than its sixteen sectors one by one. Regions begin at its multiples.
 */
export const REGION = 0x10000;
/**
 * The most that is compressed in one go, bytes: small enough that the line need not wait for the
 * first, and that a failure costs little; large enough that compression loses nothing to speak of.
 */
const PIECE = 0x40000;
const BLOCK_ATTEMPTS = 3;

/** Bytes from the start of the flash, and how many. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** An image and its place. */
export interface Target {
  /** Start of a sector, bytes from the start of the flash. */
  readonly offset: number;
  /** The image, filled up to whole words. */
  readonly data: Uint8Array;
  /** Length of the image itself. */
  readonly imageBytes: number;
}

/** What was sent so far; one object for all attempts at one image. */
export class Tally {
  /** Bytes that went over the line. */
  compressedBytes = 0;
  private readonly regions = new Map<number, number>();

  /** Bytes of the image written, each counted once, however often it took. */
  get writtenBytes(): number {
    return [...this.regions.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  wrote(piece: Range, { offset, imageBytes }: Target): void {
    for (const region of regionsOf(piece)) {
      const end = Math.min(region.offset + region.length, offset + imageBytes);
      this.regions.set(region.offset, end - region.offset);
    }
  }
}

/** The range in pieces that begin at multiples of {@link REGION}; first and last may be shorter. */
export function regionsOf({ offset, length }: Range): Range[] {
  const regions: Range[] = [];
  for (let at = offset; at < offset + length;) {
    const end = Math.min(at - (at % REGION) + REGION, offset + length);
    regions.push({ offset: at, length: end - at });
    at = end;
  }
  return regions;
}

/** Neighbours joined, as long as the whole stays below {@link PIECE}. */
export function joined(regions: readonly Range[]): Range[] {
  const pieces: Range[] = [];
  for (const region of regions) {
    const last = pieces.at(-1);
    const touches = last && last.offset + last.length === region.offset;
    if (touches && last.length + region.length <= PIECE) {
      pieces[pieces.length - 1] = { offset: last.offset, length: last.length + region.length };
    } else pieces.push(region);
  }
  return pieces;
}

/** The regions that do not hold the bytes of the image yet. */
export async function differing(
  commands: LoaderCommands,
  { data, offset }: Target,
  job: Job,
): Promise<Range[]> {
  const wrong: Range[] = [];
  const message = t('Comparing with what is there');
  const totalBytes = data.length;
  for (const region of regionsOf({ offset, length: data.length })) {
    const at = region.offset - offset;
    job.progress.report({ message, doneBytes: at, totalBytes });
    const wanted = md5(data.subarray(at, at + region.length));
    if ((await commands.md5(region.offset, region.length)) !== wanted) wrong.push(region);
  }
  return wrong;
}

/**
 * One attempt: compare, write what differs, and have the chip compare the whole by MD5.
 * @param onBegin called before the first byte of flash changes
 * @throws BoardError verify-failed; LoaderRefusal and what the link throws
 */
export async function writeDiffering(
  commands: LoaderCommands,
  target: Target,
  tally: Tally,
  onBegin: () => void,
  job: Job,
): Promise<void> {
  const { data, offset, imageBytes } = target;
  const pieces = joined(await differing(commands, target, job));
  // Every region's MD5 was right: that is the whole image's.
  if (pieces.length === 0) return;
  const message = t('Writing at {offset}', { offset: hex(offset) });
  const missing = pieces.reduce((sum, { length }) => sum + length, 0);
  let done = data.length - missing;
  const report = (bytes: number): void => {
    done += bytes;
    const doneBytes = Math.min(done, imageBytes);
    job.progress.report({ message, doneBytes, totalBytes: imageBytes });
  };
  report(0);
  const packed = (piece: Range | undefined): Promise<Compressed> | undefined => {
    if (!piece) return undefined;
    const at = piece.offset - offset;
    const work = compress(data.subarray(at, at + piece.length), commands.blockBytes);
    // It is waited for later; until then nobody else may complain of it.
    work.catch(() => undefined);
    return work;
  };
  let ready = packed(pieces[0]);
  for (const [i, piece] of pieces.entries()) {
    const compressed = await ready!;
    // The next one is made while this one is on the line.
    ready = packed(pieces[i + 1]);
    if (commands.link.ended) throw commands.link.ended;
    onBegin();
    // Also where it fails half way: what the next attempt then finds right was written here.
    tally.wrote(piece, target);
    await writePiece(commands, piece, compressed, tally, report);
  }
  job.progress.report({ message: t('Verifying') });
  if ((await commands.md5(offset, data.length)) !== md5(data)) {
    throw new BoardError('verify-failed', `what is at ${hex(offset)} is not what was written`);
  }
}

async function writePiece(
  commands: LoaderCommands,
  piece: Range,
  { blocks, inflatedBytes }: Compressed,
  tally: Tally,
  report: (bytes: number) => void,
): Promise<void> {
  const { stub } = commands.facts;
  await commands.beginDeflated(piece.offset, piece.length, blocks.length);
  let before = 0;
  for (const [sequence, block] of blocks.entries()) {
    const inflated = inflatedBytes[sequence] ?? 0;
    // The stub writes a block while the next one comes, the ROM before it answers.
    await sendSafely(commands, block, sequence, stub ? before : inflated);
    tally.compressedBytes += block.length;
    before = inflated;
    report(inflated);
  }
  await commands.endDeflated(before);
}

/** Again where a block came damaged: then it was not taken. Otherwise it may have been. */
async function sendSafely(
  commands: LoaderCommands,
  block: Uint8Array,
  sequence: number,
  pending: number,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await commands.sendBlock(block, sequence, pending);
    } catch (error) {
      const again = error instanceof LoaderRefusal && error.damaged;
      if (!again || attempt === BLOCK_ATTEMPTS) throw error;
    }
  }
}

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
