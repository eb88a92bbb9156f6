/**
 * A board in its loader: erase, write, read, verify, and back into the application.
 * Below: loaderSession.ts and esptool-js for the packets. Above: board brackets it, operations use it.
 */
import { createHash } from 'node:crypto';
import type { ESPLoader } from 'esptool-js';
import { systemClock, type Clock } from '../core/clock';
import { BoardError, isBoardError, toBoardError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import { silentLog, type Log } from '../core/log';
import type { Port } from '../port/port';
import { chipByName } from './chips';
import { compress } from './compress';
import type { ImageInfo } from './image';
import { ROM_BAUD_RATE, openSession, words, type ChipFacts } from './loaderSession';
import { hardReset } from './reset';
import { SlipLink } from './slipLink';

export type { ChipFacts } from './loaderSession';

/** Commands of the "Serial Protocol" page of esptool's documentation. */
const FLASH_BEGIN = 0x02;
const READ_FLASH_SLOW = 0x0e;
const DEFLATE_BEGIN = 0x10;
const DEFLATE_DATA = 0x11;
const DEFLATE_END = 0x12;
const FLASH_MD5 = 0x13;
const ERASE_FLASH = 0xd0;
const READ_FLASH = 0xd2;

export const SECTOR = 0x1000;
/** Bytes of compressed data a message carries to the ROM; the stub takes esptool-js's own size. */
const ROM_BLOCK = 0x400;
/** How much the ROM erases at a time, so that progress moves and cancel works. */
const ROM_ERASE_STEP = 0x40000;
/** Bytes a slow read of the ROM brings. */
const SLOW_READ = 64;
/** Packets of a fast read: their size, and how many may be under way. */
const READ_PACKET = 0x1000;
const READ_AHEAD = 64;
const BLOCK_ATTEMPTS = 3;

/** Deadlines, as esptool has them. */
const COMMAND_MS = 3000;
const CHIP_ERASE_MS = 120_000;
const PER_MB = { erase: 30_000, write: 40_000, md5: 8_000 };

export interface WriteResult {
  /** Bytes of flash written; 0 when the image was there already, byte for byte. */
  readonly writtenBytes: number;
  /** Bytes that went over the line for it. */
  readonly compressedBytes: number;
  readonly milliseconds: number;
}

export interface EnterOptions {
  /** Rate for the work, bits per second; the way in is always 115200. */
  readonly baudRate: number;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Reset sequences to use instead of the ladder (reset.ts says how they are written). */
  readonly resets?: readonly string[];
}

export class Bootloader {
  private leaving: Promise<void> | undefined;

  private constructor(
    private readonly port: Port,
    private readonly loader: ESPLoader,
    private readonly link: SlipLink,
    private readonly clock: Clock,
    readonly facts: ChipFacts,
  ) {}

  /**
   * Resets the board into its loader, finds out what it is, starts the stub where that is possible
   * and goes to `baudRate`. On any failure the board is let back into its application.
   * @throws BoardError no-bootloader (after 6 s on a silent board, never more than 15 s),
   * unsupported (an unknown chip), bootloader-failed, port-lost, port-failed, cancelled
   */
  static async enter(port: Port, options: EnterOptions, job: Job): Promise<Bootloader> {
    throwIfCancelled(job);
    const { clock = systemClock, log = silentLog } = options;
    const link = new SlipLink(port, clock);
    const stopWatching = endOnAbort(link, job);
    try {
      job.progress.report({ message: 'Entering the bootloader' });
      const { baudRate, resets } = options;
      const session = await openSession(port, link, { baudRate, resets, clock, log });
      return new Bootloader(port, session.loader, link, clock, session.facts);
    } catch (error) {
      const reason = link.ended ?? toBoardError(error, 'bootloader-failed');
      await release(port, link, clock);
      throw reason;
    } finally {
      stopWatching();
    }
  }

  /**
   * Erases the whole flash. Without the stub the ROM does it region by region, which takes longer.
   * @throws BoardError unsupported (no stub and the flash size is unknown), and as all here
   * bootloader-failed, port-lost, cancelled
   */
  eraseFlash(job: Job): Promise<void> {
    return this.run(job, async () => {
      const size = this.facts.flashSizeBytes;
      if (this.facts.stub) {
        job.progress.report({ message: 'Erasing', totalBytes: size });
        await this.command('erase the flash', ERASE_FLASH, [], CHIP_ERASE_MS);
        job.progress.report({ message: 'Erasing', doneBytes: size, totalBytes: size });
        return;
      }
      if (size === undefined || this.facts.chip === 'ESP8266') {
        throw new BoardError('unsupported', 'without the stub this chip cannot be erased whole');
      }
      for (let done = 0; done < size; done += ROM_ERASE_STEP) {
        job.progress.report({ message: 'Erasing', doneBytes: done, totalBytes: size });
        const length = Math.min(ROM_ERASE_STEP, size - done);
        await this.begin(FLASH_BEGIN, length, length / ROM_BLOCK, ROM_BLOCK, done);
      }
      job.progress.report({ message: 'Erasing', doneBytes: size, totalBytes: size });
    });
  }

  /**
   * True when nothing of a firmware is there: the first sectors of bootloader, partition table,
   * application and MicroPython's file system are all erased. The chip compares; little is sent.
   */
  isBlank(job: Job): Promise<boolean> {
    return this.run(job, async () => {
      const bootloader = chipByName(this.facts.chip)?.microPythonOffset ?? 0;
      const room = this.facts.flashSizeBytes ?? Infinity;
      const blank = md5(new Uint8Array(SECTOR).fill(0xff));
      for (const address of [bootloader, 0x8000, 0x10000, 0x200000]) {
        if (address >= room) continue;
        if ((await this.flashMd5(address, SECTOR)) !== blank) return false;
      }
      return true;
    });
  }

  /**
   * Writes `image` at `offset`, compressed, and has the chip compare the MD5. Erases the sectors it
   * writes and no others. Mode, frequency and size in the image's header stay as they are.
   * Progress is in bytes of the image. Where the very image is there already (the chip tells by
   * MD5, without the bytes going over the line) nothing is erased or written.
   * @param offset a multiple of 4096
   * @throws BoardError verify-failed, image-too-large, unsupported (an offset inside a sector)
   */
  writeFlash(image: Uint8Array, offset: number, job: Job): Promise<WriteResult> {
    return this.run(job, async () => {
      if (offset % SECTOR !== 0) {
        throw new BoardError('unsupported', `${hex(offset)} is not the start of a sector`);
      }
      const data = padded(image);
      checkRoom(data.length, offset, this.facts);
      const start = this.clock.now();
      const message = `Writing at ${hex(offset)}`;
      job.progress.report({ message: 'Comparing with what is there' });
      if ((await this.flashMd5(offset, data.length)) === md5(data)) {
        const milliseconds = this.clock.now() - start;
        return { writtenBytes: 0, compressedBytes: 0, milliseconds };
      }
      job.progress.report({ message, doneBytes: 0, totalBytes: image.length });
      const blockBytes = this.facts.stub ? this.loader.FLASH_WRITE_SIZE : ROM_BLOCK;
      const { blocks, inflatedBytes, totalBytes } = await compress(data, blockBytes);
      // The stub erases while it writes; the ROM erases all of it first, in whole blocks.
      const region = this.facts.stub ? data.length : Math.ceil(data.length / ROM_BLOCK) * ROM_BLOCK;
      await this.begin(DEFLATE_BEGIN, region, blocks.length, blockBytes, offset);
      let done = 0;
      let before = 0;
      for (const [sequence, block] of blocks.entries()) {
        const inflated = inflatedBytes[sequence] ?? 0;
        // The stub acknowledges a block when it came and writes it while the next one comes.
        const writing = this.facts.stub ? before : inflated;
        await this.sendBlock(block, sequence, perMb(PER_MB.write, writing));
        before = inflated;
        done += inflated;
        const doneBytes = Math.min(done, image.length);
        job.progress.report({ message, doneBytes, totalBytes: image.length });
      }
      if (this.facts.stub) {
        // 1: stay in the loader.
        await this.command('end writing', DEFLATE_END, [1], perMb(PER_MB.write, before));
      }
      job.progress.report({ message: 'Verifying' });
      if ((await this.flashMd5(offset, data.length)) !== md5(data)) {
        throw new BoardError('verify-failed', `what is at ${hex(offset)} is not what was written`);
      }
      const milliseconds = this.clock.now() - start;
      return { writtenBytes: image.length, compressedBytes: totalBytes, milliseconds };
    });
  }

  /**
   * Reads `length` bytes from `offset`; what the stub sends is compared by MD5.
   * @throws BoardError unsupported (no stub, and a ROM without the slow read), verify-failed,
   * image-too-large (beyond the end of the flash)
   */
  readFlash(offset: number, length: number, job: Job): Promise<Uint8Array> {
    return this.run(job, () => {
      checkRoom(length, offset, this.facts);
      return this.facts.stub
        ? this.readFast(offset, length, job)
        : this.readSlow(offset, length, job);
    });
  }

  /**
   * Lets go of the loader: back to 115200, a pulse on EN, and the application starts. Never throws;
   * a second call waits for the first.
   */
  leave(): Promise<void> {
    this.leaving ??= release(this.port, this.link, this.clock);
    return this.leaving;
  }

  private async readFast(offset: number, length: number, job: Job): Promise<Uint8Array> {
    const out = new Uint8Array(length);
    if (length === 0) return out;
    const request = [offset, length, READ_PACKET, READ_AHEAD];
    await this.command('read the flash', READ_FLASH, request, COMMAND_MS);
    let done = 0;
    while (done < length) {
      const packet = await this.link.receive(COMMAND_MS);
      if (packet.length === 0 || done + packet.length > length) {
        throw new BoardError('bootloader-failed', 'the loader sent more than was asked for');
      }
      out.set(packet, done);
      done += packet.length;
      await this.link.send(words([done]));
      job.progress.report({ message: 'Reading', doneBytes: done, totalBytes: length });
    }
    const digest = Buffer.from(await this.link.receive(COMMAND_MS)).toString('hex');
    if (digest !== md5(out)) throw new BoardError('verify-failed', 'what was read came damaged');
    return out;
  }

  private async readSlow(offset: number, length: number, job: Job): Promise<Uint8Array> {
    const out = new Uint8Array(length);
    const end = this.facts.flashSizeBytes ?? Infinity;
    for (let done = 0; done < length; done += SLOW_READ) {
      // Always a whole block: a ROM answers with 64 bytes whatever it is asked for (esptool).
      const from = Math.min(offset + done, end - SLOW_READ);
      let block: Uint8Array;
      try {
        block = await this.ask('read the flash', READ_FLASH_SLOW, [from, SLOW_READ], SLOW_READ);
      } catch (error) {
        if (done > 0 || isBoardError(error)) throw error;
        throw new BoardError('unsupported', 'without the stub this chip cannot be read', {
          cause: error,
        });
      }
      const count = Math.min(SLOW_READ, length - done);
      const skip = offset + done - from;
      out.set(block.subarray(skip, skip + count), done);
      job.progress.report({ message: 'Reading', doneBytes: done + count, totalBytes: length });
    }
    return out;
  }

  private async begin(
    op: number,
    region: number,
    count: number,
    blockBytes: number,
    offset: number,
  ): Promise<void> {
    const request = [region, count, blockBytes, offset];
    // ROMs that can encrypt want a fifth word, which says: no. ESP32 and ESP8266 do not know it.
    const old = this.facts.chip === 'ESP32' || this.facts.chip === 'ESP8266';
    if (!this.facts.stub && !old) request.push(0);
    const ms = this.facts.stub ? COMMAND_MS : perMb(PER_MB.erase, region);
    await this.command('begin writing', op, request, ms);
  }

  private async sendBlock(block: Uint8Array, sequence: number, ms: number): Promise<void> {
    const packet = new Uint8Array(16 + block.length);
    packet.set(words([block.length, sequence, 0, 0]));
    packet.set(block, 16);
    const checksum = this.loader.checksum(block);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.loader.checkCommand('write', DEFLATE_DATA, packet, checksum, 0, ms);
        return;
      } catch (error) {
        if (this.link.ended || attempt === BLOCK_ATTEMPTS) throw error;
      }
    }
  }

  /** MD5 of a part of the flash, in hex: the stub sends it as 16 bytes, the ROM as 32 characters. */
  private async flashMd5(offset: number, length: number): Promise<string> {
    const ms = perMb(PER_MB.md5, length);
    const request = [offset, length, 0, 0];
    const answer = await this.ask(
      'hash the flash',
      FLASH_MD5,
      request,
      this.facts.stub ? 16 : 32,
      ms,
    );
    const bytes = Buffer.from(answer);
    return this.facts.stub ? bytes.toString('hex') : bytes.toString('latin1').toLowerCase();
  }

  private async command(
    what: string,
    op: number,
    request: readonly number[],
    ms: number,
  ): Promise<void> {
    await this.loader.checkCommand(what, op, words(request), 0, 0, ms);
  }

  private async ask(
    what: string,
    op: number,
    request: readonly number[],
    answerBytes: number,
    ms = COMMAND_MS,
  ): Promise<Uint8Array> {
    const answer = await this.loader.checkCommand(what, op, words(request), 0, answerBytes, ms);
    if (answer instanceof Uint8Array) return answer;
    throw new BoardError('bootloader-failed', `${what}: an answer without data`);
  }

  /** One piece of work: cancelled with the job, and a session that ended is left at once. */
  private async run<T>(job: Job, work: () => Promise<T>): Promise<T> {
    if (this.link.ended) throw this.link.ended;
    const stopWatching = endOnAbort(this.link, job);
    try {
      if (this.link.ended) throw this.link.ended;
      return await work();
    } catch (error) {
      const reason = this.link.ended ?? toBoardError(error, 'bootloader-failed');
      if (this.link.ended) await this.leave();
      throw reason;
    } finally {
      stopWatching();
    }
  }
}

/**
 * Whether an image may go onto this chip at this place; asked before anything is erased.
 * @throws BoardError wrong-chip { imageChip, boardChip }, image-too-large { size, room },
 * not-an-image (an application without a bootloader, or an offset the chip does not start from)
 */
export function checkImageForChip(
  info: ImageInfo,
  facts: ChipFacts,
  offset: number,
  imageBytes: number,
): void {
  const imageId = info.chipId ?? -1;
  if (imageId !== facts.chipId) {
    const imageChip = info.chip?.name ?? `chip id ${imageId}`;
    throw new BoardError('wrong-chip', `an image for ${imageChip}, a board with ${facts.chip}`, {
      details: { imageChip, boardChip: facts.chip },
    });
  }
  const starts = info.chip?.microPythonOffset;
  if (info.layout === 'application' && offset === starts) {
    const reason = 'it is an application without a bootloader';
    throw new BoardError('not-an-image', reason, { details: { reason } });
  }
  if (info.layout === 'complete' && starts !== undefined && offset !== starts) {
    const reason = `it belongs at ${hex(starts)}, not at ${hex(offset)}`;
    throw new BoardError('not-an-image', reason, { details: { reason } });
  }
  checkRoom(imageBytes, offset, facts);
}

function checkRoom(size: number, offset: number, facts: ChipFacts): void {
  const room = (facts.flashSizeBytes ?? Infinity) - offset;
  if (size <= room) return;
  throw new BoardError('image-too-large', `${size} bytes do not fit into ${room}`, {
    details: { size, room },
  });
}

/** Ends `link` when the job is cancelled; the answer stops watching. */
function endOnAbort(link: SlipLink, job: Job): () => void {
  const onAbort = (): void => link.end(new BoardError('cancelled', 'cancelled by the user'));
  if (job.signal.aborted) onAbort();
  else job.signal.addEventListener('abort', onAbort, { once: true });
  return () => job.signal.removeEventListener('abort', onAbort);
}

/** Stops listening and starts the application. A port that is gone, or has no lines, is no fault. */
async function release(port: Port, link: SlipLink, clock: Clock): Promise<void> {
  const lost = isBoardError(link.ended, 'port-lost');
  link.end(new BoardError('bootloader-failed', 'the loader was left'));
  if (lost) return;
  const nothing = (): void => undefined;
  if (port.baudRate !== ROM_BAUD_RATE) await port.setBaudRate(ROM_BAUD_RATE).catch(nothing);
  await hardReset(port, clock).catch(nothing);
}

/** `image` filled up with 0xFF to whole words, as the flash wants it. */
function padded(image: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(image.length / 4) * 4).fill(0xff);
  out.set(image);
  return out;
}

function perMb(ms: number, bytes: number): number {
  return Math.max(COMMAND_MS, (ms * bytes) / 1_000_000);
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
