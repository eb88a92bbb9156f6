/**
 * The store that holds the conversation on the disk: LevelDB, in this process, one window at a time.
 * Below: classic-level, loaded when first needed. Above: historyStore.ts says what goes in.
 *
 * A line has the key `l` and its sequence number, the counts have the key `meta`; a batch is written
 * whole or not at all, and is on the disk when it is said to be. A database that is damaged is
 * moved beside its place, never written over.
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import * as path from 'node:path';
import type { ClassicLevel } from 'classic-level';
import type { Clock } from '../core/clock';
import { BoardError, toBoardError } from '../core/errors';

/** What the lines do not say: how many there were, those that are gone included. */
export interface Counts {
  /** Messages, without those that were only counted. */
  readonly messages: number;
  readonly counted: number;
}

export interface StoredLine {
  readonly seq: number;
  readonly text: string;
}

type Level = ClassicLevel<string, string>;

const STORE = 'store';
const ASIDE = /^damaged-\d+$/;
/** A window that reloads opens before its predecessor has closed: so often it is tried again. */
const TRIES = 12;
const TRY_EVERY = 250;
const AT_ONCE = 5000;
const FIRST = 'l';
const AFTER = 'm';

/** True where `folder` holds a store. */
export async function hasStore(folder: string): Promise<boolean> {
  return (await readdir(path.join(folder, STORE)).catch(() => [])).length > 0;
}

/** Deletes the store in `folder`, and the damaged one beside it. It must not be open. */
export async function deleteStore(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one === STORE || ASIDE.test(one))) {
    await rm(path.join(folder, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

export class HistoryDisk {
  private constructor(
    private readonly folder: string,
    private readonly db: Level,
    /** Where the store that stood here lies now, if it was damaged. */
    readonly aside: string | undefined,
  ) {}

  /**
   * Opens the store in `folder`, made where missing. One that is damaged is set aside.
   * @throws BoardError 'history-locked' when another window has it; 'history-unsupported' when
   *   there is no LevelDB for this computer; 'history-failed'; details { folder, reason }
   */
  static async open(folder: string, clock: Clock): Promise<HistoryDisk> {
    const Database = await loadLevel(folder);
    const place = path.join(folder, STORE);
    try {
      await mkdir(place, { recursive: true, mode: 0o700 });
      let aside = (await isTorso(place)) ? await setAside(folder) : undefined;
      for (let tries = 1; ; tries++) {
        const db: Level = new Database(place, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
        try {
          await db.open();
          return new HistoryDisk(folder, db, aside);
        } catch (error) {
          const code = causeOf(error);
          if (code === 'LEVEL_CORRUPTION' && aside === undefined) aside = await setAside(folder);
          else if (code !== 'LEVEL_LOCKED') throw error;
          else if (tries === TRIES) throw failure('history-locked', folder, error);
          else await clock.sleep(TRY_EVERY);
        }
      }
    } catch (error) {
      throw failure('history-failed', folder, error);
    }
  }

  /** @returns undefined where nothing was ever written to the end */
  async counts(): Promise<Counts | undefined> {
    const text = await this.db.get('meta').catch(() => undefined);
    try {
      const { messages, counted } = JSON.parse(text ?? '') as Record<string, unknown>;
      return isCount(messages) && isCount(counted) ? { messages, counted } : undefined;
    } catch {
      return undefined;
    }
  }

  /** All lines, oldest first. @throws where the store turns out to be damaged */
  async *lines(): AsyncGenerator<StoredLine[]> {
    const all = this.db.iterator({
      gte: FIRST,
      lt: AFTER,
      fillCache: false,
      highWaterMarkBytes: 1024 * 1024,
    });
    try {
      for (;;) {
        const some = await all.nextv(AT_ONCE);
        if (some.length === 0) return;
        yield some
          .map(([key, text]) => ({ seq: Number(key.slice(1)), text }))
          .filter(({ seq }) => Number.isSafeInteger(seq));
      }
    } finally {
      await all.close();
    }
  }

  /** Writes lines (those that are there are replaced) and counts: all of it, or nothing. */
  async write(lines: readonly StoredLine[], counts?: Counts): Promise<void> {
    // Not the array form: it takes ten times as long, and the window waits.
    const batch = this.db.batch();
    for (const { seq, text } of lines) batch.put(keyOf(seq), text);
    if (counts) batch.put('meta', JSON.stringify(counts));
    await batch.write({ sync: true });
  }

  /** Deletes the lines before `seq`, and gives their room back. */
  async dropBefore(seq: number): Promise<void> {
    await this.db.clear({ gte: FIRST, lt: keyOf(seq) });
    await this.db.compactRange(FIRST, keyOf(seq));
  }

  close(): Promise<void> {
    return this.db.close();
  }

  /** Closes it and moves it beside its place. @returns where it lies now */
  async setAside(): Promise<string> {
    await this.close().catch(() => undefined);
    return setAside(this.folder);
  }
}

async function loadLevel(folder: string): Promise<typeof ClassicLevel> {
  try {
    return (await import('classic-level')).ClassicLevel;
  } catch (error) {
    throw failure('history-unsupported', folder, error);
  }
}

/** A store without its first file: LevelDB would take it for a new one and delete the rest. */
async function isTorso(place: string): Promise<boolean> {
  const names = await readdir(place);
  return !names.includes('CURRENT') && names.some((name) => /\.(ldb|log)$|^MANIFEST-/.test(name));
}

/** The newest damaged store is kept for who wants to look; an older one goes. */
async function setAside(folder: string): Promise<string> {
  for (const name of (await readdir(folder)).filter((one) => ASIDE.test(one))) {
    await rm(path.join(folder, name), { recursive: true, force: true });
  }
  const aside = path.join(folder, `damaged-${Date.now()}`);
  await rename(path.join(folder, STORE), aside);
  await mkdir(path.join(folder, STORE), { mode: 0o700 });
  return aside;
}

/** Keys are compared as text. */
function keyOf(seq: number): string {
  return FIRST + String(seq).padStart(16, '0');
}

function causeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return cause?.code ?? code;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function failure(
  code: 'history-failed' | 'history-locked' | 'history-unsupported',
  folder: string,
  error: unknown,
): BoardError {
  if (error instanceof BoardError) return error;
  const { cause } = error as { cause?: unknown };
  const { message } = toBoardError(cause ?? error, code);
  return new BoardError(code, `${folder}: ${message}`, {
    details: { folder, reason: message },
    cause: error,
  });
}
