/**
 * Flash: a firmware image onto a board, checked before anything is erased and verified after.
 * Below: Board's bootloader bracket, esp/image. Above: commands, the terminal, Start the Conversation.
 */
import type { Board } from '../board/board';
import { BoardError, isBoardError } from '../core/errors';
import { quietJob, throwIfCancelled, type Job } from '../core/job';
import { checkImageForChip } from '../esp/checkImage';
import { chipByName } from '../esp/chips';
import type { Bootloader, ChipFacts } from '../esp/flasher';
import { fateOfFiles, fileSystemIn, type FilesFate, type Place } from '../esp/fileSystemPlace';
import {
  parseImage,
  readPartitions,
  TABLE_ADDRESS,
  TABLE_BYTES,
  type ImageInfo,
} from '../esp/image';
import { t } from '../core/words';

/** A littlefs has its superblock in its first two sectors, a FAT its boot sector, bytes. */
const SUPERBLOCKS = 0x2000;

export interface Firmware {
  /** What the user knows it by: the file's name. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Where in the flash, in bytes; left out: where MicroPython goes on this chip. */
  readonly offset?: number;
}

export interface FlashOptions extends Firmware {
  /** Erase the whole flash before, in the same visit of the loader. */
  readonly eraseFirst?: boolean;
}

export interface FlashReport {
  readonly chip: string;
  readonly offset: number;
  /** Bytes of the image that were written; 0 when it was there already, byte for byte. */
  readonly writtenBytes: number;
  /** Bytes of the image that were there already. */
  readonly unchangedBytes: number;
  readonly compressedBytes: number;
  readonly milliseconds: number;
  /** Rate at the end, bits per second. */
  readonly baudRate?: number;
  /** A faster rate that was tried in vain this time; the slower one is remembered. */
  readonly slowedFrom?: number;
  /** Whether the flasher stub did the work; without it the ROM does, more slowly. */
  readonly stub?: boolean;
  /** What became of the files that were on the board. */
  readonly files?: FilesFate;
}

/**
 * Brings `firmware` onto the board: what is there already is left alone, the rest is written and
 * the whole verified by MD5. Nothing is erased before the image is known to fit.
 * @throws BoardError not-an-image, image-corrupt, wrong-chip, wrong-revision, wrong-offset,
 *   image-too-large (flash untouched); no-bootloader, port-lost, bootloader-failed, verify-failed,
 *   cancelled, all with details.flash: what the flash holds then; and details.erased where the erase
 *   that was asked for is done, so that another attempt needs none
 */
export async function flashBoard(
  board: Board,
  firmware: FlashOptions,
  job: Job,
): Promise<FlashReport> {
  const image = parseImage(firmware.bytes, firmware.name);
  return board.withBootloader('Flash', job, async (loader) => {
    const offset = checkedOffset(firmware, image, loader.facts);
    const range = { offset, length: firmware.bytes.length };
    const files = firmware.eraseFirst
      ? 'wiped'
      : await whatBecomesOfFiles(loader, image, range, job);
    board.learn({ micropython: '' });
    if (firmware.eraseFirst) {
      job.progress.report({ message: t('Erasing the whole flash') });
      await loader.eraseFlash(job);
    }
    const written = await afterErase(firmware.eraseFirst, () => {
      throwIfCancelled(job);
      return loader.writeFlash(firmware.bytes, offset, job);
    });
    // Something is there now; which version, its prompt will tell.
    board.learn({ micropython: undefined });
    const { chip, baudRate, slowedFrom, stub } = loader.facts;
    return { chip, offset, ...written, baudRate, slowedFrom, stub, files };
  });
}

/**
 * What writing `image` will do to the files of the board: its partition table is read, and the
 * beginning of its file system.
 * @throws BoardError port-lost, cancelled, unsupported (secure download mode)
 */
async function whatBecomesOfFiles(
  loader: Bootloader,
  image: ImageInfo,
  range: Place,
  job: Job,
): Promise<FilesFate> {
  const { chip, flashSizeBytes: size, secureDownload } = loader.facts;
  // An ESP8266 has no partition table; what the ROM of an unknown flash would tell is not asked.
  if (chip === 'ESP8266' || size === undefined) return 'unknown';
  job.progress.report({ message: t('Looking where its files are') });
  const read = (offset: number, length: number): Promise<Uint8Array> =>
    loader.readFlash(offset, length, quietJob(job.signal));
  try {
    const now = fileSystemIn(readPartitions(await read(TABLE_ADDRESS, TABLE_BYTES), 0), size);
    const inside = now !== undefined && now.offset + SUPERBLOCKS <= size;
    const used = inside && (await read(now.offset, SUPERBLOCKS)).some((byte) => byte !== 0xff);
    const table = image.partitions.length > 0 ? fileSystemIn(image.partitions, size) : undefined;
    return fateOfFiles(used ? now : undefined, table, range);
  } catch (error) {
    const unreadable = ['unsupported', 'bootloader-failed', 'verify-failed'];
    if (secureDownload || !isBoardError(error) || !unreadable.includes(error.code)) throw error;
    return 'unknown';
  }
}

/** What a person is told of the board's files afterwards; '' where there is nothing to tell. */
export function filesText({ files }: FlashReport): string {
  switch (files) {
    case 'kept':
      return t('Its files are as they were.');
    case 'overwritten':
      return t('The image lies where its files were: they are gone.');
    case 'elsewhere':
      return t(
        'This firmware keeps files in another place of the flash, so the old ones are not seen.',
      );
    case 'wiped':
      return t('Its files were wiped before.');
    default:
      return '';
  }
}

/** True for a failure after the erase that was asked for: another attempt needs none. */
export function erasedBy(error: unknown): boolean {
  return isBoardError(error) && error.details['erased'] !== undefined;
}

/** `work`, whose failure says that the erase before it is done. */
async function afterErase<T>(erased: boolean | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!erased || !isBoardError(error)) throw error;
    // Where the flash was erased and nobody said more of it, that is what it holds.
    const details = { flash: 'erased', ...error.details, erased: 'yes' };
    throw new BoardError(error.code, error.message, { ...error.options, details });
  }
}

/** Where the image goes, once it is known that it may. The error's details name the file. */
function checkedOffset(firmware: Firmware, image: ImageInfo, facts: ChipFacts): number {
  try {
    const starts = chipByName(facts.chip)?.microPythonOffset;
    // A merged image brings the empty flash before its bootloader along.
    const offset =
      firmware.offset ?? (starts === undefined ? undefined : Math.max(0, starts - image.leadBytes));
    if (offset === undefined) {
      throw new BoardError('unsupported', `no known MicroPython offset for ${facts.chip}`);
    }
    checkImageForChip(image, facts, offset, firmware.bytes.length);
    return offset;
  } catch (error) {
    if (!isBoardError(error)) throw error;
    const details = { file: firmware.name, flash: 'untouched', ...error.details };
    throw new BoardError(error.code, error.message, { ...error.options, details });
  }
}
