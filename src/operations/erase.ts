/**
 * Erase: the whole flash of a board, as esptool's erase_flash.
 * Below: Board's bootloader bracket. Above: commands, the terminal, Start the Conversation.
 */
import type { Board } from '../board/board';
import type { Job } from '../core/job';
import { t } from '../core/words';

/**
 * Wipes the whole flash; the board then boots to `invalid header: 0xffffffff` until it is flashed.
 * @throws BoardError no-bootloader, port-lost, cancelled
 */
export function eraseBoard(board: Board, job: Job): Promise<void> {
  return board.withBootloader('Erase', job, async (loader) => {
    job.progress.report({ message: t('Erasing the whole flash') });
    await loader.eraseFlash(job);
    board.learn({ micropython: '' });
  });
}
