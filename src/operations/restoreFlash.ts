/**
 * Restore: a backup of the whole flash back onto a board; what is there already is left alone.
 * Below: Board's bootloader bracket, esp/flashBackup. Above: commands, the terminal.
 */
import type { Board } from '../board/board';
import { BoardError, isBoardError } from '../core/errors';
import type { Job } from '../core/job';
import { checkBackup } from '../esp/flashBackup';
import type { FlashReport } from './flash';

export interface Backup {
  /** What the user knows it by: the file's name. */
  readonly name: string;
  /** The whole flash, as {@link backupFlash} wrote it. */
  readonly bytes: Uint8Array;
}

/**
 * Makes the flash hold exactly what it held: compares, writes the regions that differ, and verifies
 * the whole by MD5. Size and chip are checked before anything is written. Repeated after a failure
 * it goes on where it stopped.
 * @throws BoardError wrong-backup (flash untouched); unsupported (secure download mode);
 *   no-bootloader, bootloader-failed, verify-failed, port-lost, cancelled, with details.flash: what
 *   the flash holds then
 */
export async function restoreFlash(board: Board, backup: Backup, job: Job): Promise<FlashReport> {
  return board.withBootloader('Restore Flash', job, async (loader) => {
    const { facts } = loader;
    try {
      if (!facts.secureDownload) checkBackup(backup.bytes, backup.name, facts);
      const written = await loader.writeFlash(backup.bytes, 0, job);
      const { chip, baudRate, slowedFrom } = loader.facts;
      return { chip, offset: 0, ...written, baudRate, slowedFrom };
    } catch (error) {
      throw asRestore(error);
    } finally {
      // What is there now, its prompt will tell; a part of it does not start.
      if (loader.flashState === 'partly') board.learn({ micropython: '' });
      if (loader.flashState === 'whole') board.learn({ micropython: undefined });
    }
  });
}

/** `error`, told as of a restore: the sentence must not say "flash it again". */
function asRestore(error: unknown): unknown {
  if (!isBoardError(error)) return error;
  const details = { ...error.details, restoring: 'yes' };
  return new BoardError(error.code, error.message, { ...error.options, details });
}
