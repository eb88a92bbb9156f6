/**
 * The numbers as the view holds them: what the host sent, the oldest gone. Pure.
 * Below: protocol's types. Above: main.ts, charts.ts.
 */
import type { ToPlot } from '../../src/plot/protocol';

type Column = (number | null)[];

export class Numbers {
  names: readonly string[] = [];
  /** Seconds, as uPlot counts. */
  at: number[] = [];
  columns: Column[] = [];
  /** Rows that came since `all`. */
  total = 0;
  private most = Infinity;

  take(message: Extract<ToPlot, { type: 'all' }>): void {
    this.names = message.names;
    this.at = message.at.map((ms) => ms / 1000);
    this.columns = message.columns.map((column) => [...column]);
    this.most = message.most;
    this.total = message.at.length;
  }

  add({ names, at, columns }: Extract<ToPlot, { type: 'more' }>): void {
    this.names = names;
    const before = this.at.length;
    this.at.push(...at.map((ms) => ms / 1000));
    columns.forEach((column, index) => {
      this.columns[index] ??= new Array<number | null>(before).fill(null);
      this.columns[index].push(...column);
    });
    this.total += at.length;
    if (this.at.length < this.most * 1.1) return;
    this.at = this.at.slice(-this.most);
    this.columns = this.columns.map((column) => column.slice(-this.most));
  }

  /** The same numbers, which stand still. */
  copy(): Numbers {
    const copy = new Numbers();
    const { names, at, columns, total, most } = this;
    return Object.assign(copy, {
      names,
      at: [...at],
      columns: columns.map((column) => [...column]),
      total,
      most,
    });
  }

  /** The value of a column at a row, else the newest before it; null where there is none. */
  valueAt(column: number, row: number | null): number | null {
    const values = this.columns[column] ?? [];
    for (let at = row ?? values.length - 1; at >= 0; at--) {
      const value = values[at];
      if (value !== null && value !== undefined) return value;
    }
    return null;
  }

  /** The first row of the last `span` seconds; 0 is all. */
  since(span: number): number {
    const from = span > 0 ? (this.at.at(-1) ?? 0) - span : -Infinity;
    let low = 0;
    let high = this.at.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.at[middle] ?? 0) < from) low = middle + 1;
      else high = middle;
    }
    // One before, so that the line comes in from the edge.
    return Math.max(0, low - 1);
  }
}
