/**
 * The flash chip of a virtual board: 4 MiB of NOR flash kept in a file, 0xFF where never written.
 * Below: the file system of this computer. Above: the ROM loader writes it, the bootloader boots from
 * it, and the runtime keeps its files in its vfs partition.
 */
import { closeSync, constants, fsyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { BoardError } from '../core/errors';
import { Emitter, type Event } from '../core/event';

/** Size of the chip in bytes: the 4 MB of an ESP32-WROOM-32. */
export const FLASH_SIZE = 0x40_0000;
/** The smallest piece that can be erased, in bytes (Winbond W25Q32 datasheet, "Sector Erase"). */
export const SECTOR_SIZE = 0x1000;

export interface FlashRange {
  /** First byte, from the start of the chip. */
  readonly offset: number;
  /** Number of bytes. */
  readonly length: number;
}

export interface Flash {
  /** Bytes of the chip. */
  readonly size: number;
  /**
   * A copy of `length` bytes from `offset`; what was never written reads 0xFF.
   * @throws BoardError 'bootloader-failed' when the range is not inside the chip
   */
  read(offset: number, length: number): Uint8Array;
  /**
   * Programs bytes as NOR flash does: a bit can go from 1 to 0 only, so a byte that was not erased
   * before ends as `old & new`. On return the file holds it.
   * @throws BoardError 'bootloader-failed' when the range is not inside the chip
   */
  program(offset: number, bytes: Uint8Array): void;
  /**
   * Sets every sector that the range touches to 0xFF, whole sectors as the chip does, and then tells
   * `onErase` the sectors' range. On return the file holds it.
   * @throws BoardError 'bootloader-failed' when the range is not inside the chip
   */
  erase(offset: number, length: number): void;
  /** Fires after each erase, with the whole sectors that were erased. */
  readonly onErase: Event<FlashRange>;
  /** Asks the operating system to put everything on its disk. */
  flush(): Promise<void>;
  /** Flushes and ends it; any other call after this throws. A second close does nothing. */
  close(): Promise<void>;
}

/**
 * The chip in memory alone, erased: for tests, and the base of {@link openFlash}.
 * @param bytes what it holds at first; kept and written to, not copied
 */
export class MemoryFlash implements Flash {
  private readonly erased = new Emitter<FlashRange>();
  readonly onErase = this.erased.event;

  constructor(protected readonly bytes: Uint8Array = new Uint8Array(FLASH_SIZE).fill(0xff)) {}

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    this.check(offset, length);
    return this.bytes.slice(offset, offset + length);
  }

  program(offset: number, bytes: Uint8Array): void {
    this.check(offset, bytes.length);
    for (let i = 0; i < bytes.length; i++) this.bytes[offset + i]! &= bytes[i]!;
    this.changed(offset, bytes.length);
  }

  erase(offset: number, length: number): void {
    this.check(offset, length);
    if (length === 0) return;
    const start = offset - (offset % SECTOR_SIZE);
    const end = Math.ceil((offset + length) / SECTOR_SIZE) * SECTOR_SIZE;
    this.bytes.fill(0xff, start, end);
    this.changed(start, end - start);
    this.erased.fire({ offset: start, length: end - start });
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.erased.dispose();
  }

  /** Called after bytes changed; the file's flash writes them through here. */
  protected changed(_offset: number, _length: number): void {}

  private check(offset: number, length: number): void {
    const whole = Number.isInteger(offset) && Number.isInteger(length);
    if (!whole || offset < 0 || length < 0 || offset + length > this.size) {
      throw new BoardError('bootloader-failed', `flash: ${offset}+${length} is outside the chip`);
    }
  }
}

/**
 * A flash kept in `file`, which is made ({@link FLASH_SIZE} bytes, all 0xFF) where it is not there,
 * and filled up with erased bytes where it is too short. Each change is in the file when the call
 * returns, so a killed process loses nothing. The file is the chip byte for byte: any tool for ESP
 * flash dumps can read it.
 * @throws BoardError 'virtual-failed' when the file cannot be opened, read or made
 */
export function openFlash(file: string): Flash {
  let fd: number | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    fd = openSync(file, constants.O_RDWR | constants.O_CREAT);
    const bytes = new Uint8Array(FLASH_SIZE).fill(0xff);
    let held = 0;
    for (let got = -1; got !== 0 && held < FLASH_SIZE; held += got) {
      got = readSync(fd, bytes, held, FLASH_SIZE - held, held);
    }
    writeAll(fd, bytes.subarray(held), held);
    return new FileFlash(fd, bytes);
  } catch (error) {
    if (fd !== undefined) closeQuietly(fd);
    throw new BoardError('virtual-failed', `cannot open the flash file ${file}`, { cause: error });
  }
}

class FileFlash extends MemoryFlash {
  private open = true;

  constructor(
    private readonly fd: number,
    bytes: Uint8Array,
  ) {
    super(bytes);
  }

  protected override changed(offset: number, length: number): void {
    if (!this.open) throw new BoardError('virtual-failed', 'the flash is closed');
    writeAll(this.fd, this.bytes.subarray(offset, offset + length), offset);
  }

  override async flush(): Promise<void> {
    if (this.open) fsyncSync(this.fd);
  }

  override async close(): Promise<void> {
    if (!this.open) return;
    await this.flush();
    this.open = false;
    closeSync(this.fd);
    await super.close();
  }
}

function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;) {
    at += writeSync(fd, bytes, at, bytes.length - at, position + at);
  }
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // It was closed before: there is nothing left to do.
  }
}
