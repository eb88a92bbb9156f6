/**
 * One readable line in the log for each step of a long work, written when the step is over: what,
 * how many bytes, how long. Below: job, rate. Above: progress.ts, Flash Several Boards.
 */
import type { Clock } from './clock';
import { BoardError, isBoardError } from './errors';
import type { ProgressUpdate } from './job';
import type { Log } from './log';
import { formatBytes } from './rate';

export class StepLog {
  private step:
    { message: string; since: number; doneBytes: number; totalBytes?: number } | undefined;
  private readonly start: number;

  /** @param title what stands before each line: "Flash machine1" */
  constructor(
    private readonly log: Log,
    private readonly title: string,
    private readonly clock: Clock,
  ) {
    this.start = clock.now();
  }

  report({ message, doneBytes, totalBytes }: ProgressUpdate): void {
    if (message !== undefined && message !== this.step?.message) {
      this.finish();
      this.step = { message, since: this.clock.now(), doneBytes: 0 };
    }
    if (!this.step) return;
    if (doneBytes !== undefined) this.step.doneBytes = doneBytes;
    if (totalBytes !== undefined) this.step.totalBytes = totalBytes;
  }

  /** The work is over: the last step's line, and how it ended. */
  end(error?: unknown): void {
    const { log, title } = this;
    const all = this.seconds(this.start);
    if (error === undefined) {
      this.finish();
      log.info(`${title}: done in ${all}`);
    } else if (isBoardError(error, 'cancelled')) {
      this.finish('cancelled');
      log.info(`${title}: cancelled after ${all}`);
    } else {
      this.finish('failed');
      const said = error instanceof Error ? error.message : String(error);
      const code = error instanceof BoardError ? `[${error.code}] ` : '';
      log.error(`${title}: failed after ${all}: ${code}${said.split('\n')[0]}`);
    }
  }

  private finish(how = ''): void {
    const { step } = this;
    if (!step) return;
    this.step = undefined;
    const { doneBytes, totalBytes } = step;
    const whole = totalBytes === undefined || doneBytes >= totalBytes;
    const bytes = doneBytes === 0 ? '' : formatBytes(doneBytes);
    const part = bytes && !whole ? `${bytes} of ${formatBytes(totalBytes)}` : bytes;
    const facts = [how, part, this.seconds(step.since)].filter(Boolean).join(', ');
    this.log.info(`${this.title}: ${step.message} (${facts})`);
  }

  private seconds(since: number): string {
    return `${((this.clock.now() - since) / 1000).toFixed(1)} s`;
  }
}
