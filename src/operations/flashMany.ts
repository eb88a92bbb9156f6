/**
 * Flash several boards with one firmware: a few at a time, each on its own, so that one that fails
 * stops none of the others. Below: flash. Above: the Flash Several Boards command.
 */
import { availableParallelism } from 'node:os';
import type { Board } from '../board/board';
import { isBoardError, type BoardErrorCode } from '../core/errors';
import { withProgress, type Job, type ProgressUpdate } from '../core/job';
import { erasedBy, flashBoard, type FlashOptions, type FlashReport } from './flash';
import { severalAtOnce } from './severalAtOnce';
import { t } from '../core/words';

/**
 * How many boards are written at once where nobody says otherwise. A real one costs this computer
 * little: eight lines of 46 KB/s. A virtual one is a process of this computer that has to keep up
 * with a loader's deadlines, so twice as many as there are processor cores.
 */
export function boardsAtOnce(boards: readonly Board[], cores = availableParallelism()): number {
  return boards.some(({ virtual }) => virtual) ? Math.min(8, Math.max(4, 2 * cores)) : 8;
}

/**
 * Failures that may be the crowd's: a hub or a computer with too much to do. Such a board is tried
 * once more at the end, when fewer are at work.
 */
const AGAIN: readonly BoardErrorCode[] = ['no-bootloader', 'bootloader-failed', 'verify-failed'];
const AT_ONCE_AGAIN = 2;

export interface FlashOutcome {
  readonly board: Board;
  /** Missing where it failed. */
  readonly report?: FlashReport;
  /** Why it failed; 'cancelled' also for boards whose turn had not come. */
  readonly error?: unknown;
}

export interface FlashManyOptions extends FlashOptions {
  /** How many boards at a time; 1 or more. */
  readonly atOnce?: number;
  /** Told of each board's steps, and with undefined when its turn is over, and why it failed. */
  readonly onBoard?: (board: Board, update: ProgressUpdate | undefined, error?: unknown) => void;
  /** What flashes one board; for tests. */
  readonly flash?: typeof flashBoard;
}

/**
 * Flashes `boards` with the same firmware, and those whose loader failed once more at the end. The
 * job's progress tells how many are through, and the bytes of all. Never throws: what became of each board is in the answer, in the order given.
 */
export async function flashMany(
  boards: readonly Board[],
  options: FlashManyOptions,
  job: Job,
): Promise<FlashOutcome[]> {
  const { atOnce = boardsAtOnce(boards), onBoard, flash = flashBoard, ...firmware } = options;
  const outcomes = new Map<Board, FlashOutcome>();
  const doneBytes = new Map<Board, number>();
  const size = firmware.bytes.length;
  const tell = (): void => {
    const failed = [...outcomes.values()].filter(({ error }) => error !== undefined).length;
    const through = outcomes.size - failed;
    const parts = [
      t('{through} of {boards} flashed', { through, boards: boards.length }),
      failed > 0 ? t('{failed} failed', { failed }) : '',
    ];
    // A board that is through, or failed, has no bytes left to wait for.
    const bytes = boards.map((b) => (outcomes.has(b) ? size : (doneBytes.get(b) ?? 0)));
    job.progress.report({
      message: parts.filter(Boolean).join(', '),
      doneBytes: bytes.reduce((sum, n) => sum + n, 0),
      totalBytes: size * boards.length,
    });
  };
  const one = async (board: Board): Promise<void> => {
    const before = outcomes.get(board)?.error;
    // What was written after an erase is not to be wiped.
    const eraseFirst = firmware.eraseFirst && !erasedBy(before);
    outcomes.delete(board);
    const own = withProgress(job, (update) => {
      onBoard?.(board, update);
      const { message, doneBytes: done, totalBytes: total } = update;
      // An erase and a comparison count bytes too; what is waited for is the writing.
      if (done === undefined || !total || !message?.startsWith('Writing')) return;
      doneBytes.set(board, Math.round((done / total) * size));
      tell();
    });
    try {
      outcomes.set(board, { board, report: await flash(board, { ...firmware, eraseFirst }, own) });
    } catch (error) {
      outcomes.set(board, { board, error });
    }
    onBoard?.(board, undefined, outcomes.get(board)?.error);
    tell();
  };
  tell();
  await severalAtOnce(boards, atOnce, one);
  const again = failedOf([...outcomes.values()]).filter(
    ({ error }) => isBoardError(error) && AGAIN.includes(error.code),
  );
  // Where most of them fail it is not the crowd.
  const few = again.length > 0 && again.length * 2 <= boards.length;
  if (few && !job.signal.aborted) {
    const these = again.map(({ board }) => board);
    await severalAtOnce(these, AT_ONCE_AGAIN, one);
  }
  return boards.flatMap((board) => outcomes.get(board) ?? []);
}

/** Those that failed; a cancelled one failed too, as it is not flashed. */
export function failedOf(outcomes: readonly FlashOutcome[]): FlashOutcome[] {
  return outcomes.filter(({ error }) => error !== undefined);
}

/** True when nothing went wrong but that somebody cancelled. */
export function onlyCancelled(outcomes: readonly FlashOutcome[]): boolean {
  const failed = failedOf(outcomes);
  return failed.length > 0 && failed.every(({ error }) => isBoardError(error, 'cancelled'));
}
