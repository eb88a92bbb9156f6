/**
 * Lines and one live progress line on a terminal; plain lines where the output is a file.
 * Below: core/rate. Above: main.ts, converse.ts and context.ts.
 */
import { systemClock } from '../core/clock';
import type { ProgressUpdate } from '../core/job';
import { RateMeter } from '../core/rate';

/** The part of `process.stdout` that is used. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export class Screen {
  private live = '';
  private message = '';
  private meter = new RateMeter(systemClock);

  constructor(private readonly output: Output) {}

  /** A line that stays. */
  line(text: string): void {
    this.clear();
    this.output.write(`${text}\n`);
  }

  /** A line in a colour (an SGR number such as 36) where the output is a terminal. */
  coloured(sgr: number, text: string): string {
    return this.output.isTTY ? `\x1b[${sgr}m${text}\x1b[0m` : text;
  }

  /** The progress of the step at hand, on a line that is written over; a file gets none of it. */
  progress(update: ProgressUpdate): void {
    if (!this.output.isTTY) return;
    if (update.message && update.message !== this.message) {
      this.message = update.message;
      this.meter = new RateMeter(systemClock);
    }
    const amount =
      update.doneBytes === undefined
        ? ''
        : ` · ${this.meter.describe(update.doneBytes, update.totalBytes)}`;
    const text = `  ${this.message}${amount}`.slice(0, (this.output.columns ?? 80) - 1);
    this.clear();
    this.output.write(text);
    this.live = text;
  }

  /** Takes the progress away: something else is written now. */
  rest(): void {
    this.clear();
  }

  private clear(): void {
    if (this.live) this.output.write('\r\x1b[2K');
    this.live = '';
  }
}
