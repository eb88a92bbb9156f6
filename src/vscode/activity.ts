/**
 * How far the work on each board is, in a few words, for the tree.
 * Below: core. Above: progress.ts writes it, boardTree.ts shows it.
 */
import { systemClock } from '../core/clock';
import { Emitter, type Disposable } from '../core/event';
import { silentLog, type Log } from '../core/log';

/** A tree that is redrawn more often than this flickers. Milliseconds. */
const QUIET_MS = 250;

export class Activity implements Disposable {
  /** @param log where each step of the work on a board leaves its line */
  constructor(readonly log: Log = silentLog) {}

  private readonly texts = new Map<string, string>();
  private readonly changed = new Emitter<void>();
  private waiting: Disposable | undefined;
  readonly onDidChange = this.changed.event;

  get(boardId: string): string | undefined {
    return this.texts.get(boardId);
  }

  set(boardId: string, text: string | undefined): void {
    if (text === undefined) this.texts.delete(boardId);
    else this.texts.set(boardId, text);
    this.waiting ??= systemClock.after(QUIET_MS, () => {
      this.waiting = undefined;
      this.changed.fire();
    });
  }

  dispose(): void {
    this.waiting?.dispose();
    this.changed.dispose();
  }
}
