/**
 * Programs that Run started, so that Stop finds them, and how the last one of each board ended.
 * Below: operations/runOnBoard. Above: the Run and Stop commands, the tree and the status bar.
 */
import type * as vscode from 'vscode';
import type { Board } from '../board/board';
import { systemClock } from '../core/clock';
import { Emitter, type Disposable } from '../core/event';
import { isBoardError } from '../core/errors';
import { quietJob } from '../core/job';
import { parseTraceback } from '../micropython/traceback';
import { runOnBoard, type RunReport } from '../operations/runOnBoard';
import type { ReplTerminals } from './replTerminal';
import { t } from '../core/words';

export interface Runnable {
  readonly source: string;
  /** What tracebacks call it. */
  readonly fileName: string;
  /** Where the source is from, so that its tracebacks lead back. */
  readonly uri?: vscode.Uri;
  /** "cell at line 12", for the person; the file's name where it is the whole file. */
  readonly title?: string;
  /** Shows the value where the source is one expression, as the prompt does. */
  readonly showValue?: boolean;
}

/** How a program ended. */
export interface Ending {
  readonly fileName: string;
  readonly state: 'ended' | 'error' | 'stopped';
  /** When it ended, in ms of {@link systemClock}. */
  readonly at: number;
  /** How long it ran, in ms. */
  readonly tookMs: number;
  /** The last line of its traceback. */
  readonly error?: string;
  /** The innermost place of its traceback. */
  readonly place?: { readonly file: string; readonly line: number };
}

interface Program {
  readonly title: string;
  readonly abort: AbortController;
  readonly ended: Promise<unknown>;
}

export class Programs implements Disposable {
  private readonly running = new Map<string, Program>();
  private readonly endings = new Map<string, Ending>();
  /** Board id and the name tracebacks say, to the document that ran under that name last. */
  private readonly sources = new Map<string, vscode.Uri>();
  /** Which board a document ran on last. */
  private readonly boards = new Map<string, string>();
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly terminals: ReplTerminals) {}

  /** What runs on the board, if Run started it. */
  fileOn(boardId: string): string | undefined {
    return this.running.get(boardId)?.title;
  }

  get count(): number {
    return this.running.size;
  }

  /** How the last program that Run started there ended; undefined while one runs. */
  endingOn(boardId: string): Ending | undefined {
    return this.running.has(boardId) ? undefined : this.endings.get(boardId);
  }

  /** The document that ran on the board under the name `file`. */
  sourceOf(boardId: string, file: string): vscode.Uri | undefined {
    return this.sources.get(`${boardId}\n${file}`);
  }

  /** Id of the board the document ran on last. */
  boardOf(uri: vscode.Uri): string | undefined {
    return this.boards.get(uri.toString());
  }

  /**
   * Runs until the program ends or is stopped; its output is in the board's terminal.
   * @returns undefined when it was stopped
   * @throws BoardError no-micropython, prompt-timeout, port-lost
   */
  async run(board: Board, program: Runnable): Promise<RunReport | undefined> {
    const { fileName, uri, title = fileName } = program;
    await this.stop(board);
    await this.terminals.show(board, { preserveFocus: true });
    if (uri) {
      this.sources.set(`${board.id}\n${fileName}`, uri);
      this.boards.set(uri.toString(), board.id);
    }
    const abort = new AbortController();
    board.note(t('running {title}', { title }));
    const started = systemClock.now();
    const work = runOnBoard(board, program, quietJob(abort.signal));
    this.endings.delete(board.id);
    this.running.set(board.id, { title, abort, ended: work.catch(() => undefined) });
    this.changed.fire();
    const end = (state: Ending['state'], more: Partial<Ending> = {}): void => {
      const at = systemClock.now();
      const tookMs = Math.round(at - started);
      this.endings.set(board.id, { fileName: title, state, at, tookMs, ...more });
    };
    try {
      const report = await work;
      end(report.ok ? 'ended' : 'error', report.ok ? {} : placeIn(report.error));
      board.note(
        report.ok ? t('{title} ended', { title }) : t('{title} ended with an error', { title }),
      );
      return report;
    } catch (error) {
      if (!isBoardError(error, 'cancelled') || !abort.signal.aborted) throw error;
      end('stopped');
      board.note(t('{title} stopped', { title }));
      return undefined;
    } finally {
      this.running.delete(board.id);
      this.changed.fire();
    }
  }

  /** Stops the program that Run started and waits for its end; false when there is none. */
  async stop(board: Board): Promise<boolean> {
    const program = this.running.get(board.id);
    if (!program) return false;
    program.abort.abort();
    await program.ended;
    return true;
  }

  dispose(): void {
    for (const { abort } of this.running.values()) abort.abort();
    this.changed.dispose();
  }
}

function placeIn(traceback = ''): Partial<Ending> {
  const { frames, type, message } = parseTraceback(traceback);
  const inner = frames.filter(({ file }) => !file.startsWith('<')).at(-1);
  return {
    error: [type, message.split('\n')[0]].filter(Boolean).join(': '),
    ...(inner ? { place: { file: inner.file, line: inner.line } } : {}),
  };
}
