/**
 * Back up: the whole flash of a board into a file, byte for byte; passwords and all.
 * Below: Board's bootloader bracket, node:fs. Above: commands, the terminal.
 */
import { createHash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import type { Board } from '../board/board';
import { BoardError, isBoardError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import { chipOfBackup } from '../esp/flashBackup';
import { t } from '../core/words';

/** What a backup is called until it is whole. */
export const PARTIAL = '.part';

export interface BackupReport {
  /** Absolute path of the file. */
  readonly file: string;
  /** Size of the flash and of the file. */
  readonly bytes: number;
  readonly chip: string;
  readonly mac: string;
  /** Of the file, in hex. */
  readonly md5: string;
  readonly milliseconds: number;
  /** False where no bootloader is in it (a blank flash, an encrypted one): it is not restored. */
  readonly restorable: boolean;
}

/**
 * Reads the whole flash; each piece is compared with the MD5 that the chip computes of it. Until it
 * is whole the file is called `<file>.part`; it then takes the place of one that is there. After a
 * failure or a cancel there is no trace of it.
 * @param now time in ms, for tests
 * @throws BoardError backup-failed { file, reason } (before the board is touched, where the place
 *   takes no file); unsupported (secure download mode, flash size unknown, no stub and a ROM without
 *   a read command); no-bootloader, bootloader-failed, verify-failed, port-lost, cancelled
 */
export async function backupFlash(
  board: Board,
  file: string,
  job: Job,
  now: () => number = Date.now,
): Promise<BackupReport> {
  const start = now();
  const partial = `${file}${PARTIAL}`;
  const handle = await open(partial, 'w').catch((cause: unknown) => {
    throw failed(file, cause);
  });
  let kept = false;
  try {
    const { bytes, ...chip } = await board.withBootloader('Back Up Flash', job, async (loader) => {
      const { chip, mac, flashSizeBytes: size } = loader.facts;
      if (size === undefined && !loader.facts.secureDownload) {
        throw new BoardError('unsupported', 'the size of its flash is not known');
      }
      return { chip, mac, bytes: await loader.readFlash(0, size ?? 0, job) };
    });
    throwIfCancelled(job);
    await write(handle, bytes, file);
    await handle.close();
    await rename(partial, file).catch((cause: unknown) => {
      throw failed(file, cause);
    });
    kept = true;
    const md5 = createHash('md5').update(bytes).digest('hex');
    const restorable = chipOfBackup(bytes)?.name === chip.chip;
    const milliseconds = now() - start;
    return { file, bytes: bytes.length, ...chip, md5, milliseconds, restorable };
  } finally {
    if (!kept) {
      await handle.close().catch(() => undefined);
      await rm(partial, { force: true }).catch(() => undefined);
    }
  }
}

/** All of it, and on the disk. */
async function write(handle: FileHandle, bytes: Uint8Array, file: string): Promise<void> {
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (cause) {
    throw failed(file, cause);
  }
}

function failed(file: string, cause: unknown): BoardError {
  if (isBoardError(cause)) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason = reasons[code ?? ''] ?? code ?? message;
  const details = { file, reason };
  return new BoardError('backup-failed', `cannot write ${file}: ${message}`, { cause, details });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: t('its folder is not there'),
  EACCES: t('its folder may not be written'),
  EPERM: t('its folder may not be written'),
  EROFS: t('its disk may not be written'),
  ENOSPC: t('its disk is full'),
  EDQUOT: t('its disk is full'),
  EISDIR: t('a folder is called so'),
};
