/**
 * The conversation on the disk: what was said stands there again after a reload, a crash, or the
 * next morning. Below: recording.ts (the lines), node:fs. Above: vscode/services.ts.
 *
 * Files that are only ever added to, each begun anew and the oldest deleted whole. No database: the
 * memory holds a million lines (history.ts) and searches them, so the disk is only read once, from
 * the beginning to the end; and those that fit carry a native binary for each platform and each
 * version of Electron (better-sqlite3, lmdb, classic-level), or come with a newer Node than VS Code
 * has (node:sqlite). A program that is killed loses what it heard in the last half second; a line
 * torn in two by that is skipped.
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import type { Clock } from '../core/clock';
import { BoardError, toBoardError } from '../core/errors';
import { Emitter, type Disposable, type Event } from '../core/event';
import type { HistoryLimits, NewLine } from './history';
import type { ConversationModel } from './model';
import { countedRecord, headRecord, markRecord, parseRecord, recordOf } from './recording';
import { boundedLines } from './recordingFile';

export interface HistoryFileOptions {
  /** Its own; made when something is said. */
  readonly folder: string;
  readonly model: ConversationModel;
  readonly clock: Clock;
  /** How much is kept, and whether anything is. Asked each time it counts. */
  limits(): HistoryLimits & { readonly on: boolean };
}

export interface HistoryFile extends Disposable {
  /** Once, when it cannot be written any more: code 'history-failed'. */
  readonly onFailure: Event<BoardError>;
  /**
   * Puts what was said before into the model, and writes down what comes from then on. Never
   * throws: what cannot be read is not there. @returns how many messages came back
   */
  load(): Promise<number>;
  /** The settings changed: what is not to be kept is deleted. */
  settingsChanged(): Promise<void>;
  /** Writes what is not written yet, and ends. */
  close(): Promise<void>;
}

/** How often what came is written, milliseconds. */
const WRITE_EVERY = 500;
/** So many files hold what is kept: that much more than is wanted may stand on the disk. */
const SEGMENTS = 8;
/** Lines are put into the model so many at a time: the window goes on meanwhile. */
const AT_ONCE = 5000;

/** One file. */
interface Segment {
  readonly name: string;
  lines: number;
  /** Of payloads. */
  bytes: number;
}

export function createHistoryFile(options: HistoryFileOptions): HistoryFile {
  return new Files(options);
}

class Files implements HistoryFile {
  private readonly failures = new Emitter<BoardError>();
  readonly onFailure = this.failures.event;
  private readonly segments: Segment[] = [];
  private handle: FileHandle | undefined;
  /** The first line of the model that is not written. */
  private next = 1;
  /** Messages there were up to there, those that are gone included; and those only counted. */
  private total = 0;
  private counted = 0;
  private timer: Disposable | undefined;
  private work: Promise<void> = Promise.resolve();
  private subscription: Disposable | undefined;
  private loading: Promise<number> | undefined;
  private broken = false;
  /** Lines on the disk whose bookmark is another now. */
  private readonly marked = new Set<number>();
  /** What is written now would be deleted a moment later. */
  private clearing = false;

  constructor(private readonly options: HistoryFileOptions) {}

  load(): Promise<number> {
    this.loading ??= this.read();
    return this.loading;
  }

  async settingsChanged(): Promise<void> {
    await this.then(async () => {
      if (this.options.limits().on) await this.prune();
      else await this.deleteAll();
    });
  }

  async close(): Promise<void> {
    this.subscription?.dispose();
    this.timer?.dispose();
    await this.then(() => this.write());
    await this.then(() => this.endSegment());
  }

  dispose(): void {
    void this.close();
  }

  private async read(): Promise<number> {
    const { model, limits } = this.options;
    let messages = 0;
    if (limits().on) {
      const names = (await readdir(this.options.folder).catch(() => [])).filter(isOurs).sort();
      for (const name of names) messages += await this.readSegment(name).catch(() => 0);
    } else await this.deleteAll().catch(() => undefined);
    this.next = model.history.nextId;
    this.subscription = model.onChange((change) => {
      // A line that is not written yet takes its bookmark along.
      if (change.type === 'bookmarked' && change.id < this.next) this.marked.add(change.id);
      if (['added', 'folded', 'bookmarked'].includes(change.type)) this.writeSoon();
      if (change.type !== 'cleared') return;
      this.clearing = true;
      void this.then(() => this.deleteAll());
      this.writeSoon();
    });
    await this.then(() => this.prune());
    return messages;
  }

  private async readSegment(name: string): Promise<number> {
    const { model, folder } = this.options;
    const segment: Segment = { name, lines: 0, bytes: 0 };
    this.segments.push(segment);
    let messages = 0;
    let lines: NewLine[] = [];
    let gone = 0;
    let counted = 0;
    const hand = (): void => {
      model.restore(lines, { dropped: gone, folded: counted });
      this.counted += counted;
      lines = [];
      gone = counted = 0;
    };
    const stream = createReadStream(path.join(folder, name));
    try {
      for await (const text of boundedLines(stream)) {
        const record = text === undefined ? undefined : parseRecord(text);
        if (record?.kind === 'head') {
          // What lay in files that are deleted, or could not be read.
          gone = Math.max(0, record.before.messages - this.total);
          this.total += gone;
          counted = Math.max(0, record.before.counted - this.counted);
        } else if (record?.kind === 'counted') counted += record.counted;
        else if (record?.kind === 'mark') {
          hand();
          this.mark(record.at, record.topic, record.on);
        } else if (record?.kind === 'line') {
          lines.push(record.line);
          segment.lines++;
          segment.bytes += record.line.payload?.length ?? 0;
          if (record.line.what === 'message') {
            messages++;
            this.total++;
          }
        }
        if (lines.length >= AT_ONCE) hand();
      }
    } finally {
      stream.destroy();
      hand();
    }
    return messages;
  }

  /** The newest of that moment on that topic. */
  private mark(at: number, topic: string, on: boolean): void {
    const { model } = this.options;
    for (let id = model.history.nextId - 1; id >= model.history.firstId; id--) {
      const line = model.get(id);
      if (line?.at !== at || line.topic !== topic) continue;
      model.bookmark(id, on);
      return;
    }
  }

  private writeSoon(): void {
    if (this.broken) return;
    this.timer ??= this.options.clock.after(WRITE_EVERY, () => {
      this.timer = undefined;
      void this.then(() => this.write());
    });
  }

  /** One after the other; the first failure ends it all. */
  private then(step: () => Promise<void>): Promise<void> {
    this.work = this.work.then(async () => {
      if (this.broken) return;
      try {
        await step();
      } catch (error) {
        this.broken = true;
        this.subscription?.dispose();
        this.failures.fire(failure(this.options.folder, error));
      }
    });
    return this.work;
  }

  private async write(): Promise<void> {
    const { model, limits } = this.options;
    if (!limits().on || !this.subscription || this.clearing) return;
    const out: string[] = [];
    let messages = 0;
    let bytes = 0;
    const { history, counters } = model;
    for (const line of history.lines(this.next)) {
      out.push(recordOf(line));
      if (line.what === 'message') messages++;
      bytes += line.payload.length;
    }
    const lines = out.length;
    this.next = history.nextId;
    const before = counters.kept + counters.dropped - messages;
    // More came in half a second than is kept: the next file's head says how many are missing.
    if (before !== this.total) await this.endSegment();
    const counted = counters.folded - this.counted;
    const marks = [...this.marked].flatMap((id) => model.get(id) ?? []).map(markRecord);
    this.marked.clear();
    if (lines === 0 && counted === 0 && marks.length === 0) return;
    const newest = await this.segment({ messages: before, counted: this.counted });
    if (counted > 0) out.push(countedRecord(counted));
    out.push(...marks);
    this.total = before + messages;
    this.counted = counters.folded;
    await this.handle?.appendFile(`${out.join('\n')}\n`);
    newest.lines += lines;
    newest.bytes += bytes;
    const most = limits();
    if (newest.lines >= most.lines / SEGMENTS || newest.bytes >= most.bytes / SEGMENTS) {
      await this.endSegment();
      await this.prune();
    }
  }

  /** The file that is written to. */
  private async segment(before: { messages: number; counted: number }): Promise<Segment> {
    const last = this.segments.at(-1);
    if (this.handle && last) return last;
    const { folder } = this.options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // After all that are there, also where this computer's clock was put back meanwhile; and not
    // the name that a second window on the same folder takes.
    const at = Math.max(Date.now(), timeOf(last?.name) + 1);
    const name = `${String(at).padStart(15, '0')}-${randomBytes(4).toString('hex')}.jsonl`;
    this.handle = await open(path.join(folder, name), 'ax', 0o600);
    const segment = { name, lines: 0, bytes: 0 };
    this.segments.push(segment);
    await this.handle.appendFile(`${headRecord(before)}\n`);
    return segment;
  }

  private async endSegment(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  /** The oldest files go where those after them hold all that is to be kept. */
  private async prune(): Promise<void> {
    const most = this.options.limits();
    for (;;) {
      const [oldest, ...newer] = this.segments;
      const lines = newer.reduce((sum, one) => sum + one.lines, 0);
      const bytes = newer.reduce((sum, one) => sum + one.bytes, 0);
      if (!oldest || newer.length === 0 || (lines < most.lines && bytes < most.bytes)) return;
      await this.remove(oldest.name);
      this.segments.shift();
    }
  }

  private async deleteAll(): Promise<void> {
    this.clearing = false;
    await this.endSegment();
    const names = await readdir(this.options.folder).catch(() => []);
    for (const name of names.filter(isOurs)) await this.remove(name);
    this.segments.length = 0;
    this.total = this.counted = 0;
    this.marked.clear();
    this.next = Math.max(this.next, this.options.model.history.firstId);
  }

  /** A file that another window holds open cannot go on Windows: it goes another time. */
  private async remove(name: string): Promise<void> {
    await rm(path.join(this.options.folder, name), { force: true }).catch(() => undefined);
  }
}

function isOurs(name: string): boolean {
  return /^\d{15}-[0-9a-f]{8}\.jsonl$/.test(name);
}

function timeOf(name: string | undefined): number {
  return name === undefined ? 0 : Number(name.slice(0, 15));
}

function failure(folder: string, error: unknown): BoardError {
  const { message } = toBoardError(error, 'history-failed');
  return new BoardError('history-failed', `${folder}: ${message}`, {
    details: { folder, reason: message },
    cause: error,
  });
}
