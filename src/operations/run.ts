/**
 * Run: Python source on a board's raw prompt, its output as it comes.
 * Below: RawRepl. Above: runOnBoard.ts, which holds the board.
 */
import { BoardError, isBoardError } from '../core/errors';
import { withProgress, type Job } from '../core/job';
import { pyString } from '../micropython/boardCode';
import type { RawRepl } from '../micropython/rawRepl';
import { nameStdin, parseTraceback } from '../micropython/traceback';
import { t } from '../core/words';

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
    job.progress.report({ ...update, message: t('Sending {fileName}', { fileName }) }),
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

/**
 * Runs `expression` and prints its value as the prompt would: nothing for None. The value is kept as
 * `_`. @returns false where it is no expression (nothing ran then)
 * @throws BoardError as {@link runSource}
 */
export async function runExpression(
  repl: RawRepl,
  expression: string,
  fileName: string,
  job: Job,
  onOutput: (bytes: Uint8Array) => void,
): Promise<boolean> {
  // Its empty lines first, so that the traceback counts as the file does.
  const before = /^\n*/.exec(expression)?.[0] ?? '';
  const code = `${before}_=eval(${pyString(expression.trim())})\nif _ is not None:print(repr(_))\n`;
  try {
    await runSource(repl, code, fileName, job, onOutput);
    return true;
  } catch (error) {
    if (!isBoardError(error, 'python-error')) throw error;
    const { type, frames } = parseTraceback(String(error.details.traceback));
    // Said by eval itself, before anything ran, and not by a function that was called.
    if (
      type === 'SyntaxError' &&
      frames.every((frame) => !frame.function || frame.function === '<module>')
    )
      return false;
    throw error;
  }
}
