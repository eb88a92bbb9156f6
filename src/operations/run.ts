/**
 * Run: Python source on a board's raw prompt, its output as it comes.
 * Below: RawRepl. Above: runOnBoard.ts, which holds the board.
 */
import { BoardError, isBoardError } from '../core/errors';
import { withProgress, type Job } from '../core/job';
import type { RawRepl } from '../micropython/rawRepl';
import { nameStdin } from '../micropython/traceback';

/**
 * Runs `source` until it ends. Cancelling the job is Stop: Ctrl-C, in bursts where the program
 * swallows it, for 5 s at the most.
 * @param fileName what the traceback calls it
 * @throws BoardError python-error details { traceback } with `fileName` for `<stdin>`; cancelled
 *   details { prompt: 'back' }, or 'lost' when the program cannot be stopped: then pulse EN;
 *   prompt-timeout details { reason: 'reset' } when the program restarted the board; port-lost
 */
export async function runSource(
  repl: RawRepl,
  source: string,
  fileName: string,
  job: Job,
  onOutput: (bytes: Uint8Array) => void,
): Promise<void> {
  const code = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const sending = withProgress(job, (update) =>
    job.progress.report({ ...update, message: `Sending ${fileName}` }),
  );
  try {
    await repl.exec(code, sending, { onOutput, collect: false });
  } catch (error) {
    if (!isBoardError(error, 'python-error')) throw error;
    const traceback = nameStdin(String(error.details.traceback), fileName);
    const details = { ...error.details, traceback };
    throw new BoardError('python-error', error.message, { cause: error, details });
  }
}
