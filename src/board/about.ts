/**
 * Names the board in whatever goes wrong with it, for sentences told far from where it happened.
 * Below: core/errors. Above: Start the Conversation, the command line.
 */
import { BoardError } from '../core/errors';
import type { Board } from './board';

/** What `work` gives. @throws what it throws; a BoardError with `details.board` where it had none */
export async function about<T>(board: Pick<Board, 'name'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BoardError) || error.details['board'] !== undefined) throw error;
    throw new BoardError(error.code, error.message, {
      cause: error,
      details: { ...error.details, board: board.name },
    });
  }
}
