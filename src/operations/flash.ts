/**
 * Flash: a firmware image onto a board, checked before anything is erased and verified after.
 * Below: Board's bootloader bracket, esp/image. Above: commands, the terminal, Start the Conversation.
 */
import type { Board } from '../board/board';
import { BoardError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import { checkImageForChip } from '../esp/flasher';
import { parseImage } from '../esp/image';
import { chipByName } from '../esp/chips';

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
  readonly writtenBytes: number;
  readonly compressedBytes: number;
  readonly milliseconds: number;
}

/**
 * Writes `firmware` and verifies it by MD5. Nothing is erased before the image is known to fit.
 * @throws BoardError not-an-image, image-corrupt, wrong-chip, image-too-large (flash untouched);
 *   no-bootloader, port-lost, verify-failed, cancelled
 */
export async function flashBoard(
  board: Board,
  firmware: FlashOptions,
  job: Job,
): Promise<FlashReport> {
  const image = parseImage(firmware.bytes, firmware.name);
  return board.withBootloader('Flash', job, async (loader) => {
    const offset = firmware.offset ?? chipByName(loader.facts.chip)?.microPythonOffset;
    if (offset === undefined) {
      throw new BoardError('unsupported', `no known MicroPython offset for ${loader.facts.chip}`);
    }
    checkImageForChip(image, loader.facts, offset, firmware.bytes.length);
    board.learn({ micropython: '' });
    if (firmware.eraseFirst) {
      job.progress.report({ message: 'Erasing the whole flash' });
      await loader.eraseFlash(job);
      throwIfCancelled(job);
    }
    const written = await loader.writeFlash(firmware.bytes, offset, job);
    // Something is there now; which version, its prompt will tell.
    board.learn({ micropython: undefined });
    return { chip: loader.facts.chip, offset, ...written };
  });
}
