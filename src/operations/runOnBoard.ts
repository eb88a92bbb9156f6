/**
 * Run: a program from the editor on a board, its output on the board's console.
 * Below: Board's raw REPL bracket, run.ts. Above: the Run and Stop commands.
 */
import type { Board } from '../board/board';
import { isBoardError } from '../core/errors';
import { quietJob, type Job } from '../core/job';
import { stopBoard } from './stop';
import { runExpression, runSource } from './run';

export interface RunOptions {
  readonly source: string;
  /** The name tracebacks show for it. */
  readonly fileName: string;
  /** Prints the value where the source is one expression, as the prompt does. */
  readonly showValue?: boolean;
}

export interface RunReport {
  readonly ok: boolean;
  /** The traceback where the program raised. */
  readonly error?: string;
}

/**
 * Runs until the program ends; cancelling the job stops it with Ctrl-C, and with EN where a program
 * swallows that.
 * @throws BoardError no-micropython, prompt-timeout, port-lost, cancelled
 */
export async function runOnBoard(board: Board, options: RunOptions, job: Job): Promise<RunReport> {
  try {
    return await runAtPrompt(board, options, job);
  } catch (error) {
    if (isBoardError(error, 'cancelled') && error.details['prompt'] === 'lost') {
      await stopBoard(board, quietJob(), { fromBoot: true });
    }
    throw error;
  }
}

function runAtPrompt(board: Board, options: RunOptions, job: Job): Promise<RunReport> {
  return board.withRawRepl('Run', job, async (repl) => {
    const { source, fileName, showValue } = options;
    const show = (bytes: Uint8Array): void => board.show(bytes);
    const typing = board.typeInto((bytes) => repl.type(bytes));
    try {
      const done = showValue && (await runExpression(repl, source, fileName, job, show));
      if (!done) await runSource(repl, source, fileName, job, show);
      return { ok: true };
    } catch (error) {
      if (!isBoardError(error, 'python-error')) throw error;
      const traceback = String(error.details['traceback'] ?? error.message);
      board.show(new TextEncoder().encode(traceback.replace(/\r?\n/g, '\r\n')));
      return { ok: false, error: traceback };
    } finally {
      typing.dispose();
    }
  });
}
