/**
 * What a board has printed as numbers: a row for each line that had some, a column for each name.
 * Below: numbersOfLine.ts. Above: plotFeed.ts.
 */
import { csvCell } from '../core/csv';
import { Emitter, type Disposable, type Event } from '../core/event';
import { LineReader } from './numbersOfLine';
import type { PlotRows } from './protocol';

/** So many rows are held; the oldest go first. Twenty minutes at ten lines a second. */
export const MOST_ROWS = 12_000;
/** Names beyond these are not drawn: a program that prints a new name each time is no plot. */
export const MOST_NAMES = 16;
/** Characters of a line that is not at its end yet. */
const LONGEST_REST = 2000;

export class PlotModel implements Disposable {
  private readonly decoder = new TextDecoder();
  private reader = new LineReader();
  private rest = '';
  private at: number[] = [];
  private columns: (number | null)[][] = [];
  private named: string[] = [];
  /** Rows there were since it was cleared, also those that went. */
  private count = 0;
  private readonly changed = new Emitter<'more' | 'cleared'>();
  readonly onChange: Event<'more' | 'cleared'> = this.changed.event;

  /** @param now epoch milliseconds */
  constructor(private readonly now: () => number = Date.now) {}

  get names(): readonly string[] {
    return this.named;
  }

  /** Rows there were since it was cleared. */
  get total(): number {
    return this.count;
  }

  /** Bytes as the board printed them; a line may come in any pieces. */
  print(bytes: Uint8Array): void {
    const lines = (this.rest + this.decoder.decode(bytes, { stream: true })).split(/\r\n|\n|\r/);
    this.rest = (lines.pop() ?? '').slice(-LONGEST_REST);
    const before = this.count;
    for (const line of lines) this.take(line);
    if (this.count > before) this.changed.fire('more');
  }

  /** The rows from the one that was number `from` on, as far as they are held. */
  rows(from = 0): PlotRows {
    const skip = Math.max(0, from - (this.count - this.at.length));
    return {
      at: this.at.slice(skip),
      columns: this.columns.map((column) => column.slice(skip)),
    };
  }

  clear(): void {
    this.at = [];
    this.columns = [];
    this.named = [];
    this.count = 0;
    this.changed.fire('cleared');
  }

  /** A table for a spreadsheet: time, then a column for each of `names`. */
  csv(names: readonly string[] = this.named): string {
    const chosen = this.named.flatMap((name, at) => (names.includes(name) ? [at] : []));
    const head = ['time', ...chosen.map((at) => this.named[at] ?? '')];
    const lines = [head.map(csvCell).join(',')];
    for (const [row, at] of this.at.entries()) {
      const cells = chosen.map((column) => this.columns[column]?.[row] ?? null);
      if (cells.every((cell) => cell === null)) continue;
      lines.push([new Date(at).toISOString(), ...cells.map((cell) => cell ?? '')].join(','));
    }
    return `${lines.join('\r\n')}\r\n`;
  }

  dispose(): void {
    this.changed.dispose();
  }

  private take(line: string): void {
    const readings = this.reader.read(line);
    const row = new Map<number, number>();
    for (const { name, value } of readings) {
      let column = this.named.indexOf(name);
      if (column < 0 && this.named.length < MOST_NAMES) {
        column = this.named.push(name) - 1;
        this.columns.push(new Array<number | null>(this.at.length).fill(null));
      }
      if (column >= 0) row.set(column, value);
    }
    if (row.size === 0) return;
    this.count++;
    this.at.push(this.now());
    this.columns.forEach((column, at) => column.push(row.get(at) ?? null));
    // In one go and seldom: taking the first of a long array costs as much as all of it.
    if (this.at.length < MOST_ROWS * 1.1) return;
    this.at = this.at.slice(-MOST_ROWS);
    this.columns = this.columns.map((column) => column.slice(-MOST_ROWS));
  }
}
