/**
 * The conversation on the disk: what was said stands there again after a reload, a crash, or the
 * next morning. Below: historyDisk.ts (the store), recording.ts (the lines). Above: vscode/services.ts.
 *
 * The memory holds and searches all that is kept (history.ts); the disk follows it twice a second, in
 * one batch each: a program that is killed loses what it heard in the last half second, no more. What
 * the memory let go within the limits of the settings goes on the disk too, as one range.
 */
import * as path from 'node:path';
import type { Clock } from '../core/clock';
import { BoardError, toBoardError } from '../core/errors';
import { Emitter, type Disposable, type Event } from '../core/event';
import type { HistoryLimits, NewLine } from './history';
import { deleteStore, hasStore, HistoryDisk, type StoredLine } from './historyDisk';
import { deleteOldFiles, oldFiles, readOldFiles } from './historyMigration';
import { HistoryPlaces } from './historyPlaces';
import type { ConversationModel } from './model';
import { parseRecord, recordOf } from './recording';

export interface HistoryStoreOptions {
  /** Its own; made when something is said. */
  readonly folder: string;
  readonly model: ConversationModel;
  readonly clock: Clock;
  /** How much is kept, and whether anything is. Asked each time it counts. */
  limits(): HistoryLimits & { readonly on: boolean };
}

export interface HistoryStore extends Disposable {
  /**
   * Code 'history-damaged' when what was kept had to be set aside: it goes on, in a new store.
   * 'history-locked', 'history-unsupported' or 'history-failed', once: from then on only the memory
   * holds what is said. details { folder, reason }
   */
  readonly onFailure: Event<BoardError>;
  /**
   * Puts what was said before into the model, and writes down what comes from then on. Never
   * throws: what cannot be read is not there. @returns how many messages came back
   */
  load(): Promise<number>;
  /** The settings changed: what is not to be kept is deleted. Waits for what is being written. */
  settingsChanged(): Promise<void>;
  /** Writes what is not written yet, and ends. */
  close(): Promise<void>;
}

/** How often what came is written, milliseconds. */
const WRITE_EVERY = 500;
/** A batch is made in the memory first: so much of it, lines and bytes of payload. */
const BATCH_LINES = 5000;
const BATCH_BYTES = 8 * 1024 * 1024;
/** That part of what is wanted may stand on the disk beyond it. */
const SLACK = 1 / 16;

export function createHistoryStore(options: HistoryStoreOptions): HistoryStore {
  return new Store(options);
}

class Store implements HistoryStore {
  private readonly failures = new Emitter<BoardError>();
  readonly onFailure = this.failures.event;
  private disk: HistoryDisk | undefined;
  /** The first line of the model that is not written. */
  private next = 1;
  private readonly places = new HistoryPlaces();
  private nextSeq = 1;
  /** Messages there were up to `next`, those that are gone included; and those only counted. */
  private messages = 0;
  private counted = 0;
  /** Lines that are written and are others now: bookmarked, acknowledged. */
  private readonly changed = new Set<number>();
  /** Ids before this one are gone from the disk; and bytes written since they went. */
  private dropped = 1;
  private bytes = 0;
  private timer: Disposable | undefined;
  private work: Promise<void> = Promise.resolve();
  private subscription: Disposable | undefined;
  private loading: Promise<number> | undefined;
  private broken = false;
  /** What is written now would be deleted a moment later. */
  private clearing = false;

  constructor(private readonly options: HistoryStoreOptions) {}

  load(): Promise<number> {
    this.loading ??= this.begin();
    return this.loading;
  }

  async settingsChanged(): Promise<void> {
    await this.then(async () => {
      if (this.options.limits().on) await this.drop(true);
      else await this.deleteAll();
    });
  }

  async close(): Promise<void> {
    this.subscription?.dispose();
    this.timer?.dispose();
    await this.then(() => this.write());
    await this.then(() => this.drop(true));
    await this.disk?.close().catch(() => undefined);
    this.disk = undefined;
  }

  dispose(): void {
    void this.close();
  }

  private async begin(): Promise<number> {
    const { model } = this.options;
    let messages = 0;
    await this.then(async () => {
      messages = await this.read();
      this.subscription = model.onChange((change) => {
        // A line that is not written yet takes its bookmark along.
        if (change.type === 'bookmarked' || change.type === 'changed') this.changed.add(change.id);
        if (change.type !== 'speakers') this.writeSoon();
        if (change.type !== 'cleared') return;
        this.clearing = true;
        void this.then(() => this.deleteAll());
      });
      await this.drop(true);
    });
    return messages;
  }

  private async read(): Promise<number> {
    const { model, folder, limits } = this.options;
    this.next = model.history.nextId;
    if (!limits().on) await this.deleteAll();
    const old = await oldFiles(folder);
    // Nothing is loaded where nothing was said.
    if (!limits().on || (old.length === 0 && !(await hasStore(folder)))) {
      this.places.put(this.next, this.nextSeq);
      return 0;
    }
    const disk = await this.open();
    const counts = await disk.counts();
    if (old.length > 0 && !counts) {
      // Killed while it moved, it begins anew: the counts are written last.
      await disk.dropBefore(Number.MAX_SAFE_INTEGER);
      const messages = await readOldFiles(folder, model);
      this.nothingWritten();
      await this.write('at-end');
      await deleteOldFiles(folder);
      return messages;
    }
    const messages = await this.readStore(disk);
    model.restore([], {
      dropped: Math.max(0, (counts?.messages ?? 0) - messages),
      folded: counts?.counted ?? 0,
    });
    if (this.disk === disk) this.allWritten();
    else this.nothingWritten();
    await deleteOldFiles(folder);
    return messages;
  }

  private async readStore(disk: HistoryDisk): Promise<number> {
    const { model } = this.options;
    let messages = 0;
    try {
      for await (const some of disk.lines()) {
        const lines: NewLine[] = [];
        for (const { seq, text } of some) {
          const record = parseRecord(text);
          if (record?.kind !== 'line') continue;
          this.places.put(model.history.nextId + lines.length, seq);
          lines.push(record.line);
          if (record.line.what === 'message') messages++;
        }
        model.restore(lines);
        this.nextSeq = Math.max(this.nextSeq, (some.at(-1)?.seq ?? 0) + 1);
      }
    } catch {
      // What could be read is in the memory, and goes into the new store.
      this.disk = undefined;
      const aside = await disk.setAside();
      await this.open();
      this.tellDamaged(aside);
    }
    return messages;
  }

  private async open(): Promise<HistoryDisk> {
    if (this.disk) return this.disk;
    const { folder, clock } = this.options;
    this.disk = await HistoryDisk.open(folder, clock);
    if (this.disk.aside !== undefined) this.tellDamaged(this.disk.aside);
    return this.disk;
  }

  private tellDamaged(aside: string): void {
    const details = { folder: aside, reason: path.basename(aside) };
    this.failures.fire(new BoardError('history-damaged', `damaged, now at ${aside}`, { details }));
  }

  /** The disk has what the model has. */
  private allWritten(): void {
    const { history, counters } = this.options.model;
    this.next = history.nextId;
    this.messages = counters.kept + counters.dropped;
    this.counted = counters.folded;
    this.places.put(this.next, this.nextSeq);
    // Those that did not fit the limits are still there.
    this.dropped = this.places.firstId ?? this.next;
  }

  /** The disk has nothing of what the model has. */
  private nothingWritten(): void {
    const { history, counters } = this.options.model;
    this.next = this.dropped = history.firstId;
    this.messages = counters.dropped;
    this.counted = 0;
    this.places.beginAnew(this.next, this.nextSeq);
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
        await this.disk?.close().catch(() => undefined);
        this.disk = undefined;
      }
    });
    return this.work;
  }

  private async write(how?: 'at-end'): Promise<void> {
    const { model, limits } = this.options;
    if (!limits().on || this.clearing) return;
    const { counters } = model;
    if (
      this.next === model.history.nextId &&
      this.changed.size === 0 &&
      this.counted === counters.folded
    ) {
      return;
    }
    const disk = await this.open();
    for (let more = true; more && !this.clearing;) {
      const lines = this.batch();
      more = this.next < model.history.nextId;
      const counts = { messages: this.messages, counted: this.counted };
      await disk.write(lines, more && how === 'at-end' ? undefined : counts);
    }
    await this.drop(false);
  }

  /** The next lines to be written, and how many there were up to them. */
  private batch(): StoredLine[] {
    const { model } = this.options;
    const { history, counters } = model;
    const out: StoredLine[] = [];
    for (const id of this.changed) {
      const line = id < this.next ? model.get(id) : undefined;
      if (line) out.push({ seq: this.places.seqOf(id), text: recordOf(line) });
    }
    this.changed.clear();
    if (this.next < history.firstId) {
      // More came in half a second than is kept: those never reach the disk, but they count.
      this.messages = counters.dropped;
      this.next = history.firstId;
    }
    let bytes = 0;
    for (const line of history.lines(this.next)) {
      out.push({ seq: this.places.seqOf(line.id), text: recordOf(line) });
      if (line.what === 'message') this.messages++;
      bytes += line.payload.length;
      this.next = line.id + 1;
      if (out.length >= BATCH_LINES || bytes >= BATCH_BYTES) break;
    }
    this.bytes += bytes;
    this.nextSeq = Math.max(this.nextSeq, this.places.seqOf(this.next));
    this.counted = counters.folded;
    return out;
  }

  /** What the memory let go goes from the disk. @param now also where it is little */
  private async drop(now: boolean): Promise<void> {
    const { model, limits } = this.options;
    const { firstId } = model.history;
    if (!this.disk || firstId <= this.dropped) return;
    const most = limits();
    const much = firstId - this.dropped > most.lines * SLACK || this.bytes > most.bytes * SLACK;
    if (!now && !much) return;
    await this.disk.dropBefore(this.places.seqOf(firstId));
    this.dropped = firstId;
    this.bytes = 0;
    this.places.forgetBefore(firstId);
  }

  private async deleteAll(): Promise<void> {
    const { folder, model } = this.options;
    this.clearing = false;
    await this.disk?.close();
    this.disk = undefined;
    await deleteStore(folder);
    await deleteOldFiles(folder);
    this.messages = this.counted = this.bytes = 0;
    this.changed.clear();
    this.next = this.dropped = Math.max(this.next, model.history.firstId);
  }
}

function failure(folder: string, error: unknown): BoardError {
  if (error instanceof BoardError) return error;
  const { message } = toBoardError(error, 'history-failed');
  return new BoardError('history-failed', `${folder}: ${message}`, {
    details: { folder, reason: message },
    cause: error,
  });
}
