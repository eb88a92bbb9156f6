/**
 * Look: what a board is, asked of its chip. Below: Board's bootloader bracket. Above: Flash, About.
 */
import type { Board } from '../board/board';
import type { BoardFacts } from '../board/facts';
import type { Job } from '../core/job';

/**
 * Reads chip, revision, features, crystal, flash and MAC through the loader, which resets the
 * board. The board keeps them.
 * @throws BoardError no-bootloader, port-lost, cancelled
 */
export async function lookAt(board: Board, job: Job): Promise<BoardFacts> {
  await board.withBootloader('Look', job, () => Promise.resolve());
  return board.facts;
}

/**
 * The chip's name ("ESP32-S3"): what is known of the board, else asked of its loader, which resets
 * the board. A virtual board is an ESP32.
 * @throws BoardError no-bootloader, port-lost, cancelled
 */
export async function chipOf(board: Board, job: Job): Promise<string> {
  if (board.virtual) return 'ESP32';
  if (board.facts.chip) return board.facts.chip;
  return board.withBootloader('Look', job, (loader) => Promise.resolve(loader.facts.chip));
}
