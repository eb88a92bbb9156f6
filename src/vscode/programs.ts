/**
 * Programs that Run started, so that Stop finds them.
 * Below: operations/runOnBoard. Above: the Run and Stop commands, the tree and the status bar.
 */
import type { Board } from '../board/board';
import { Emitter, type Disposable } from '../core/event';
import { isBoardError } from '../core/errors';
import { quietJob } from '../core/job';
import { runOnBoard, type RunReport } from '../operations/runOnBoard';
import type { ReplTerminals } from './replTerminal';

interface Program {
  readonly fileName: string;
  readonly abort: AbortController;
  readonly ended: Promise<unknown>;
}

export class Programs implements Disposable {
  private readonly running = new Map<string, Program>();
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly terminals: ReplTerminals) {}

  /** Name of the file that runs on the board, if Run started one. */
  fileOn(boardId: string): string | undefined {
    return this.running.get(boardId)?.fileName;
  }

  get count(): number {
    return this.running.size;
  }

  /**
   * Runs until the program ends or is stopped; its output is in the board's terminal.
   * @returns undefined when it was stopped
   * @throws BoardError no-micropython, prompt-timeout, port-lost
   */
  async run(board: Board, source: string, fileName: string): Promise<RunReport | undefined> {
    await this.stop(board);
    await this.terminals.show(board, { preserveFocus: true });
    const abort = new AbortController();
    board.note(`running ${fileName}`);
    const work = runOnBoard(board, { source, fileName }, quietJob(abort.signal));
    const program = { fileName, abort, ended: work.catch(() => undefined) };
    this.running.set(board.id, program);
    this.changed.fire();
    try {
      const report = await work;
      board.note(report.ok ? `${fileName} ended` : `${fileName} ended with an error`);
      return report;
    } catch (error) {
      if (!isBoardError(error, 'cancelled') || !abort.signal.aborted) throw error;
      board.note(`${fileName} stopped`);
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
