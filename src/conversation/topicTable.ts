/**
 * Every topic with its last value, count and rate; bounded, and cheap where thousands speak. Pure.
 * Below: numbers.ts, payload.ts. Above: model.ts fills it, viewTables.ts tells a view what changed.
 */
import type { Clock } from '../core/clock';
import { numbersIn } from './numbers';
import { readable, visibleLine } from './payload';
import type { TopicRow } from './protocol';

/** More topics than this are a storm of made-up ones: those silent for longest are forgotten. */
export const MOST_TOPICS = 50_000;
/** Rates are counted over windows of this length, milliseconds. */
const WINDOW = 5000;
/** Of the last payload so many bytes are kept. */
const LAST_BYTES = 1000;
const SHOWN = 120;

interface Row {
  count: number;
  at: number;
  retain: boolean;
  last: Uint8Array;
  bytes: number;
  /** Number of the window that `now` counts in; `before` is the one before it. */
  window: number;
  now: number;
  before: number;
}

export class TopicTable {
  private readonly rows = new Map<string, Row>();
  private readonly dirty = new Set<string>();
  /** Those whose rate was told as more than nothing. */
  private readonly active = new Set<string>();
  private told = 0;
  /** Topics that went to make room. */
  forgotten = 0;

  constructor(
    private readonly clock: Clock,
    private readonly most = MOST_TOPICS,
  ) {}

  get size(): number {
    return this.rows.size;
  }

  heard(topic: string, payload: Uint8Array, bytes: number, retain: boolean, at: number): void {
    this.restored(topic, payload, bytes, retain, at).now++;
  }

  /** As {@link heard}, of an earlier conversation: no rate now comes of it. */
  restored(topic: string, payload: Uint8Array, bytes: number, retain: boolean, at: number): Row {
    const window = Math.floor(this.clock.now() / WINDOW);
    let row = this.rows.get(topic);
    if (row) this.rows.delete(topic);
    else {
      const last = payload;
      row = { count: 0, at, retain, last, bytes, window, now: 0, before: 0 };
      if (this.rows.size >= this.most) this.forgetOldest();
    }
    // Moved to the end: the first is the one silent for longest.
    this.rows.set(topic, row);
    roll(row, window);
    row.count++;
    row.at = at;
    // An empty retained message takes away what was retained (MQTT 3.1.1, 3.3.1.3).
    row.retain = retain ? bytes > 0 : row.retain;
    row.last = payload.length > LAST_BYTES ? payload.slice(0, LAST_BYTES) : payload;
    row.bytes = bytes;
    this.dirty.add(topic);
    return row;
  }

  clear(): void {
    this.rows.clear();
    this.dirty.clear();
    this.active.clear();
    this.forgotten = 0;
  }

  /** All rows. What changed since is told by {@link changes}. */
  all(): TopicRow[] {
    this.dirty.clear();
    return [...this.rows].map(([topic, row]) => this.view(topic, row));
  }

  /** At most `most` rows that changed since the last call; the others come with the next. */
  changes(most: number): TopicRow[] {
    const window = Math.floor(this.clock.now() / WINDOW);
    if (window !== this.told) for (const topic of this.active) this.dirty.add(topic);
    this.told = window;
    const rows: TopicRow[] = [];
    for (const topic of this.dirty) {
      if (rows.length >= most) break;
      this.dirty.delete(topic);
      const row = this.rows.get(topic);
      if (row) rows.push(this.view(topic, row));
    }
    return rows;
  }

  private view(topic: string, row: Row): TopicRow {
    const now = this.clock.now();
    roll(row, Math.floor(now / WINDOW));
    const perSecond = ((row.before + row.now) * 1000) / (WINDOW + (now % WINDOW));
    if (perSecond > 0) this.active.add(topic);
    else this.active.delete(topic);
    const { count, at, retain } = row;
    const { kind, text } = readable(row.last.subarray(0, SHOWN * 4));
    const whole = row.last.length === row.bytes ? row.last : new Uint8Array();
    return {
      topic,
      name: visibleLine(topic),
      count,
      perSecond,
      at,
      retain,
      text: kind === 'empty' ? 'empty' : visibleLine(text, SHOWN),
      fields: [...numbersIn(whole).keys()],
    };
  }

  private forgetOldest(): void {
    const [oldest] = this.rows.keys();
    if (oldest === undefined) return;
    this.rows.delete(oldest);
    this.dirty.delete(oldest);
    this.active.delete(oldest);
    this.forgotten++;
  }
}

function roll(row: Row, window: number): void {
  if (row.window === window) return;
  row.before = row.window === window - 1 ? row.now : 0;
  row.now = 0;
  row.window = window;
}
