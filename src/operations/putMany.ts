/**
 * Put a folder on several boards: a few at a time, each on its own, so that one that fails stops none
 * of the others. Below: putFolder. Above: the Put a Folder command, for a class.
 */
import type { Board } from '../board/board';
import { withProgress, type Job } from '../core/job';
import { t } from '../core/words';
import { boardsAtOnce } from './flashMany';
import { severalAtOnce } from './severalAtOnce';
import { putFolder, type PutFolderOptions, type PutFolderReport } from './putFolder';

export interface PutOutcome {
  readonly board: Board;
  /** Missing where it failed. */
  readonly report?: PutFolderReport;
  /** Why it failed; 'cancelled' also for boards whose turn had not come. */
  readonly error?: unknown;
}

/**
 * Puts on each board what `wanted` has for it. The job's progress tells how many are through. Never
 * throws: what became of each board is in the answer, in the order given.
 * @param put what puts on one board; for tests
 */
export async function putMany(
  wanted: ReadonlyMap<Board, PutFolderOptions>,
  job: Job,
  put: typeof putFolder = putFolder,
): Promise<PutOutcome[]> {
  const boards = [...wanted.keys()];
  const outcomes = new Map<Board, PutOutcome>();
  const tell = (): void =>
    job.progress.report({
      message: t('{through} of {boards} boards', {
        through: outcomes.size,
        boards: boards.length,
      }),
    });
  tell();
  await severalAtOnce([...wanted], boardsAtOnce(boards), async ([board, options]) => {
    const own = withProgress(job, () => undefined);
    try {
      outcomes.set(board, { board, report: await put(board, options, own) });
    } catch (error) {
      outcomes.set(board, { board, error });
    }
    tell();
  });
  return boards.flatMap((board) => outcomes.get(board) ?? []);
}
