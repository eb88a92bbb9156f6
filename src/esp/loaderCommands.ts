/**
 * The commands a flasher sends, to stub or ROM alike: each with its deadline and its status checked.
 * Below: esptool-js for the packets. Above: flashWrite.ts, flashRead.ts, flasher.ts.
 * Ops, sizes and status bytes: "Serial Protocol" in esptool's documentation; what the stub does
 * besides: Espressif's esp-flasher-stub, src/command_handler.c.
 */
import type { ESPLoader } from 'esptool-js';
import type { Clock } from '../core/clock';
import { BoardError, toBoardError } from '../core/errors';
import { answers } from './baudRates';
import type { ChipFacts } from './chipFacts';
import type { LoaderSession } from './loaderSession';
import type { SlipLink } from './slipLink';
import { words } from './words';

const FLASH_BEGIN = 0x02;
const READ_FLASH_SLOW = 0x0e;
const DEFLATE_BEGIN = 0x10;
const DEFLATE_DATA = 0x11;
const DEFLATE_END = 0x12;
const FLASH_MD5 = 0x13;
const ERASE_FLASH = 0xd0;
const READ_FLASH = 0xd2;

/** The smallest piece of flash that can be erased, bytes. */
export const SECTOR = 0x1000;
/** Bytes of a block to the ROM; the stub takes esptool-js's own size (16 KiB, less over USB-OTG). */
const ROM_BLOCK = 0x400;
/** Bytes a slow read of the ROM brings, always. */
export const SLOW_READ = 64;
/** Bytes of a packet of a fast read; the stub has room for no more. */
const READ_PACKET = 0x1000;
/**
 * Packets a host would take without an acknowledgement: what esptool says. No stub looks at it: the
 * old one took it for bytes, so that one packet was on its way at a time, and the new one keeps that.
 */
const READ_AHEAD = 64;

/** Deadlines, as esptool has them. */
export const COMMAND_MS = 3000;
const CHIP_ERASE_MS = 120_000;
const PER_MB = { erase: 30_000, write: 40_000, md5: 8_000 };
/** How long the line must be quiet before a loader that lost step is asked again, ms. */
const QUIET_MS = 150;

/** The loader's answer was no. */
export class LoaderRefusal extends Error {
  /** @param code of stub (0xC0 to 0xFF) or ROM (below) */
  constructor(
    what: string,
    readonly code: number,
  ) {
    super(`${what}: refused with 0x${code.toString(16).padStart(2, '0')}`);
  }

  /**
   * True when the message was damaged on its way, and so not acted on: length or checksum wrong
   * (stub 0xC0, 0xC1; ROM 0x05, 0x07). Anything else may be the late fault of an earlier block.
   */
  get damaged(): boolean {
    return [0xc0, 0xc1, 0x05, 0x07].includes(this.code);
  }
}

export class LoaderCommands {
  private readonly loader: ESPLoader;
  readonly link: SlipLink;

  constructor(
    private readonly session: LoaderSession,
    private readonly clock: Clock,
  ) {
    this.loader = session.loader;
    this.link = session.link;
  }

  get facts(): ChipFacts {
    return this.session.facts;
  }

  private get stub(): boolean {
    return this.loader.IS_STUB;
  }

  /** Bytes of compressed data that one message carries. */
  get blockBytes(): number {
    return this.stub ? this.loader.FLASH_WRITE_SIZE : ROM_BLOCK;
  }

  async eraseChip(): Promise<void> {
    await this.ask('erase the flash', ERASE_FLASH, [], 0, CHIP_ERASE_MS);
  }

  /** The ROM's way to erase: it does so where writing begins. `length` is in whole sectors. */
  async eraseByBeginning(offset: number, length: number): Promise<void> {
    await this.begin(FLASH_BEGIN, length, length / ROM_BLOCK, ROM_BLOCK, offset);
  }

  /** Announces `blocks` compressed blocks that bring `bytes` for `offset`. The ROM erases now. */
  async beginDeflated(offset: number, bytes: number, blocks: number): Promise<void> {
    // The stub erases while it writes; the ROM erases all of it first, in whole blocks.
    const region = this.stub ? bytes : Math.ceil(bytes / ROM_BLOCK) * ROM_BLOCK;
    await this.begin(DEFLATE_BEGIN, region, blocks, this.blockBytes, offset);
  }

  /**
   * One compressed block. The stub acknowledges it when it has come and writes it afterwards; what
   * goes wrong then is its answer to the next command.
   * @param pending bytes of flash that the loader writes before it answers
   * @throws LoaderRefusal
   */
  async sendBlock(block: Uint8Array, sequence: number, pending: number): Promise<void> {
    const packet = new Uint8Array(16 + block.length);
    packet.set(words([block.length, sequence, 0, 0]));
    packet.set(block, 16);
    const checksum = this.loader.checksum(block);
    const ms = perMb(PER_MB.write, pending);
    await this.exchange('write', DEFLATE_DATA, packet, checksum, 0, ms);
  }

  /** The last block is written when this resolves. The loader stays. */
  async endDeflated(pending: number): Promise<void> {
    // The ROM has written before it answered, and would leave at this.
    if (!this.stub) return;
    await this.ask('end writing', DEFLATE_END, [1], 0, perMb(PER_MB.write, pending));
  }

  /**
   * MD5 of a part of the flash, in hex; the chip computes it.
   * @throws BoardError unsupported (secure download mode)
   */
  async md5(offset: number, length: number): Promise<string> {
    // The stub sends 16 bytes, the ROM 32 characters.
    const bytes = this.stub ? 16 : 32;
    const ms = perMb(PER_MB.md5, length);
    const answer = await this.ask('hash the flash', FLASH_MD5, [offset, length, 0, 0], bytes, ms);
    const text = Buffer.from(answer);
    return this.stub ? text.toString('hex') : text.toString('latin1').toLowerCase();
  }

  /** The stub begins to send `length` bytes, in frames that the link receives. */
  async beginRead(offset: number, length: number): Promise<void> {
    const request = [offset, length, READ_PACKET, READ_AHEAD];
    await this.ask('read the flash', READ_FLASH, request, 0, COMMAND_MS);
  }

  /** 64 bytes, by the ROM. @throws LoaderRefusal where it has no such command */
  readSlow(offset: number): Promise<Uint8Array> {
    return this.ask('read the flash', READ_FLASH_SLOW, [offset, SLOW_READ], SLOW_READ);
  }

  /** After a failure: true when the loader answers again, with nothing left over of what was. */
  async inStep(): Promise<boolean> {
    await this.link.orEnded(this.clock.sleep(QUIET_MS));
    this.link.flush();
    // The first question may be met with a late fault, or end a read that was under way.
    await answers(this.loader, this.link);
    this.link.flush();
    return answers(this.loader, this.link);
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
    const { CHIP_NAME: chip } = this.loader.chip;
    if (!this.stub && chip !== 'ESP32' && chip !== 'ESP8266') request.push(0);
    const ms = this.stub ? COMMAND_MS : perMb(PER_MB.erase, region);
    await this.ask('begin writing', op, request, 0, ms);
  }

  private ask(
    what: string,
    op: number,
    request: readonly number[],
    answerBytes: number,
    ms = COMMAND_MS,
  ): Promise<Uint8Array> {
    return this.exchange(what, op, words(request), 0, answerBytes, ms);
  }

  /** Sends, waits, and looks at the status behind the data. @throws LoaderRefusal, BoardError */
  private async exchange(
    what: string,
    op: number,
    data: Uint8Array,
    checksum: number,
    answerBytes: number,
    ms: number,
  ): Promise<Uint8Array> {
    const answer = await this.answerTo(what, op, data, checksum, ms);
    // A refusal brings no data.
    const refused = answer.length < answerBytes + 2;
    const status = refused ? 0 : answerBytes;
    const [first = 0, second = 0] = answer.subarray(status, status + 2);
    // The ROM says 1 and then the code; the stub says the code and then 0.
    if (first !== 0) throw new LoaderRefusal(what, first === 1 ? second : first);
    if (refused) throw new BoardError('bootloader-failed', `${what}: an answer without data`);
    return answer.subarray(0, answerBytes);
  }

  /** @throws BoardError bootloader-failed when none comes, or why the link ended */
  private async answerTo(
    what: string,
    op: number,
    data: Uint8Array,
    checksum: number,
    ms: number,
  ): Promise<Uint8Array> {
    try {
      return (await this.loader.command(op, data, checksum, true, ms))[1];
    } catch (cause) {
      if (this.link.ended) throw this.link.ended;
      throw toBoardError(cause, 'bootloader-failed', what);
    }
  }
}

/** `ms` a megabyte, and never less than an ordinary command has. */
function perMb(ms: number, bytes: number): number {
  return Math.max(COMMAND_MS, (ms * bytes) / 1_000_000);
}
