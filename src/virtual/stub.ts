/**
 * What the flasher stub does otherwise than the ROM: status codes, shorter answers, erasing while it
 * writes, answering before it has written, and reading the flash back.
 * Below: flash.ts. Above: rom.ts.
 *
 * Sources: Espressif, esptool documentation, "Serial Protocol" (status bytes of the ROM); the error
 * numbers and ways of the stub are those of Espressif's esp-flasher-stub (src/commands.h,
 * src/command_handler.c), which esptool 5 and esptool-js 0.7 bring.
 */
import { createHash } from 'node:crypto';
import type { Flash, FlashRange } from './flash';
import type { WriteFailure, WriteRequest } from './flashWriter';

export interface Dialect {
  /** Bytes of status at the end of an answer. */
  readonly statusBytes: 2 | 4;
  /** True: the code stands first; false: a 1 does, and the code comes second. */
  readonly codeFirst: boolean;
  /** How many times SYNC is answered. */
  readonly syncAnswers: number;
  /** MD5 as 32 hexadecimal characters or as 16 bytes. */
  readonly md5AsText: boolean;
  readonly erase: WriteRequest['erase'];
  /**
   * True: a block is acknowledged when it has come, and written while the next one comes; what goes
   * wrong then is the answer to the next command, which is not carried out.
   */
  readonly answersFirst: boolean;
  readonly status: Readonly<
    Record<
      | WriteFailure
      | 'unknown'
      | 'length'
      | 'read-length'
      | 'checksum'
      | 'block-size'
      | 'not-begun'
      | 'failed',
      number
    >
  >;
}

export const romDialect: Dialect = {
  statusBytes: 4,
  codeFirst: false,
  syncAnswers: 8,
  md5AsText: true,
  erase: 'begin',
  answersFirst: false,
  status: {
    // 0x05 message invalid, 0x06 failed to act on it, 0x07 invalid CRC, 0x0a flash read length error,
    // 0x0b deflate error
    'read-length': 0x0a,
    unknown: 0x05,
    length: 0x05,
    'block-size': 0x05,
    'not-begun': 0x06,
    failed: 0x06,
    outside: 0x06,
    'too-much': 0x06,
    'too-little': 0x06,
    checksum: 0x07,
    deflate: 0x0b,
  },
};

export const stubDialect: Dialect = {
  statusBytes: 2,
  codeFirst: true,
  syncAnswers: 8,
  md5AsText: false,
  erase: 'before-write',
  answersFirst: true,
  status: {
    length: 0xc0,
    'read-length': 0xc0,
    checksum: 0xc1,
    'block-size': 0xc2,
    failed: 0xc4,
    outside: 0xc4,
    'not-begun': 0xc6,
    deflate: 0xc7,
    'too-little': 0xc8,
    'too-much': 0xc9,
    unknown: 0xff,
  },
};

/**
 * READ_FLASH of the stub: blocks go out as bare frames, the host answers each with the number of
 * bytes it has, and after the last comes the MD5 of all of them. One block is on its way at a time:
 * the stub does not look at how many the host would take.
 */
export class FlashReader {
  private sent = 0;
  private acknowledged = 0;
  private over = false;
  private readonly hash = createHash('md5');

  /**
   * @param range what to read, inside the chip
   * @param blockSize bytes a frame
   */
  constructor(
    private readonly flash: Flash,
    private readonly range: FlashRange,
    private readonly blockSize: number,
    private readonly send: (bytes: Uint8Array) => void,
  ) {
    this.advance();
  }

  /** True when the last byte was acknowledged and the MD5 went out. */
  get finished(): boolean {
    return this.over;
  }

  /** The host has `bytes` in all. */
  acknowledge(bytes: number): void {
    if (bytes > this.acknowledged && bytes <= this.sent) this.acknowledged = bytes;
    this.advance();
  }

  private advance(): void {
    const { offset, length } = this.range;
    if (this.sent < length && this.sent === this.acknowledged) {
      const block = this.flash.read(
        offset + this.sent,
        Math.min(this.blockSize, length - this.sent),
      );
      this.sent += block.length;
      this.hash.update(block);
      this.send(block);
    }
    if (!this.over && this.acknowledged >= length) {
      this.over = true;
      this.send(this.hash.digest());
    }
  }
}
