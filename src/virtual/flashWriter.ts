/**
 * One write into the flash as a flasher asks for it: begin, blocks (plain or deflated), end.
 * Below: flash.ts. Above: rom.ts and stub.ts, which give the failures their status codes.
 */
import { createInflate, type Inflate } from 'node:zlib';
import { type Flash, SECTOR_SIZE } from './flash';

/** Why a block was refused; the loaders have a status code for each. */
export type WriteFailure = 'outside' | 'too-much' | 'deflate' | 'too-little';

export class WriteError extends Error {
  constructor(readonly failure: WriteFailure) {
    super(`flash write refused: ${failure}`);
  }
}

export interface WriteRequest {
  /** First byte in flash. */
  readonly offset: number;
  /** Bytes to be written (uncompressed), 0 where nothing is to come. */
  readonly size: number;
  /** Bytes that may come in all; a plain last block is padded beyond `size` with 0xFF. */
  readonly limit: number;
  readonly deflated: boolean;
  /** 'begin': the ROM erases all of it first; 'before-write': the stub each sector as it comes. */
  readonly erase: 'begin' | 'before-write';
}

export class FlashWriter {
  private position: number;
  private erasedTo: number;
  private readonly end: number;
  private readonly inflate: Inflate | undefined;
  private failed: WriteFailure | undefined;
  private finished = false;
  /** Ends the wait for a block that the inflater never calls back for, because it is bad. */
  private wake: (() => void) | undefined;

  /** @throws WriteError 'outside' when the range is not inside the chip; then nothing is erased */
  constructor(
    private readonly flash: Flash,
    private readonly request: WriteRequest,
  ) {
    this.position = request.offset;
    this.erasedTo = request.offset;
    this.end = request.offset + request.size;
    if (this.end > flash.size) throw new WriteError('outside');
    if (request.erase === 'begin') this.eraseTo(this.end);
    if (request.deflated) {
      this.inflate = createInflate();
      this.inflate.on('data', (bytes: Buffer) => this.program(bytes));
      this.inflate.on('end', () => (this.finished = true));
      this.inflate.on('error', () => {
        this.failed ??= 'deflate';
        this.wake?.();
      });
    }
  }

  /** Bytes written so far, uncompressed. */
  get written(): number {
    return this.position - this.request.offset;
  }

  /** True when every byte that was announced has been written. */
  get complete(): boolean {
    return this.written >= this.request.size;
  }

  /**
   * Writes one block; resolves when it is in the flash.
   * @throws WriteError what is wrong with it; bytes before the bad one stay written
   */
  async write(block: Uint8Array): Promise<void> {
    const inflate = this.inflate;
    if (inflate && !this.failed && !this.finished) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        inflate.write(block, () => resolve());
      });
      // The block is inflated; what still stands in the stream's buffer is on its way to us.
      while (inflate.readableLength > 0 && !this.failed) await new Promise(setImmediate);
    } else if (!inflate) this.program(block);
    if (this.failed) throw new WriteError(this.failed);
  }

  /** @throws WriteError 'too-little' when less came than was announced */
  finish(): void {
    this.close();
    if (this.failed) throw new WriteError(this.failed);
    if (this.written < this.request.size) throw new WriteError('too-little');
  }

  /** Gives up what is open; the flash stays as far as it was written. */
  close(): void {
    this.inflate?.close();
  }

  private program(bytes: Uint8Array): void {
    if (this.failed) return;
    const room = this.request.limit - this.written;
    const fits = bytes.subarray(0, room);
    // Padding with the erased value may stand outside the chip: nothing is written there.
    const inside = fits.subarray(0, Math.max(0, this.flash.size - this.position));
    this.eraseTo(Math.min(this.position + inside.length, this.end));
    this.flash.program(this.position, inside);
    this.position += inside.length;
    const refused = bytes.subarray(inside.length);
    if (refused.some((byte) => byte !== 0xff)) {
      this.failed = fits.length < bytes.length ? 'too-much' : 'outside';
    }
  }

  private eraseTo(end: number): void {
    if (end <= this.erasedTo) return;
    this.flash.erase(this.erasedTo, end - this.erasedTo);
    this.erasedTo = Math.ceil(end / SECTOR_SIZE) * SECTOR_SIZE;
  }
}
