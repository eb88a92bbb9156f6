/**
 * The last operations on boards: which, on which board, how long, how it ended. For diagnosis.
 * Below: clock, errors. Above: a board writes what has it, Collect Diagnostics reads.
 */
import type { Clock } from './clock';
import { BoardError } from './errors';

export interface OperationTime {
  /** When it began, ISO 8601. */
  readonly at: string;
  readonly board: string;
  /** "Flash", "Put". */
  readonly operation: string;
  readonly seconds: number;
  /** "done", or the code of the error it ended with. */
  readonly ended: string;
}

/** Some hours of work; a few tens of KB. */
const KEPT = 300;

export class OperationTimes {
  private readonly kept: OperationTime[] = [];

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly date: () => Date = () => new Date(),
  ) {}

  /** Oldest first. */
  get all(): readonly OperationTime[] {
    return this.kept;
  }

  /** An operation begins. @returns what is called at its end, with its error where there was one */
  begin(board: string, operation: string): (error?: unknown) => void {
    const began = this.clock.now();
    const at = this.date().toISOString();
    return (error) => {
      const seconds = Math.round(this.clock.now() - began) / 1000;
      this.kept.push({ at, board, operation, seconds, ended: endedWith(error) });
      if (this.kept.length > KEPT) this.kept.shift();
    };
  }
}

/** "done", an error's code, or "failed" where it has none. */
export function endedWith(error: unknown): string {
  if (error === undefined) return 'done';
  return error instanceof BoardError ? error.code : 'failed';
}

/** A line each, in columns. */
export function operationsText(times: readonly OperationTime[]): string {
  if (times.length === 0) return '(none yet)\n';
  const wide = (key: 'board' | 'operation'): number =>
    Math.max(...times.map((time) => time[key].length));
  const [board, operation] = [wide('board'), wide('operation')];
  const lines = times.map((time) =>
    [
      time.at,
      time.board.padEnd(board),
      time.operation.padEnd(operation),
      `${time.seconds.toFixed(3).padStart(9)} s`,
      time.ended === 'done' ? 'done' : `[${time.ended}]`,
    ].join('  '),
  );
  return `${lines.join('\n')}\n`;
}
