/**
 * Who has which port, told to every Parley of this user: other windows and the command line. A port
 * itself lets one in at a time; this says who that is, and lets the others ask for it.
 * Below: the file system. Above: the registry takes and gives back; windows answer what is asked.
 *
 * One small file a port, in a folder of this user. A lease ends with its process: one whose process is
 * gone is nobody's, whatever the file says.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import * as path from 'node:path';
import { Emitter, type Disposable, type Event } from '../core/event';
import { systemClock, type Clock } from '../core/clock';
import { BoardError, isBoardError } from '../core/errors';
import { isThat, startOf } from '../core/processes';
import type { Port } from '../port/port';
import { t } from '../core/words';

export interface Lease {
  /** As a person knows it: "the window “two-boards”", "parley put". */
  readonly who: string;
  readonly pid: number;
}

/** Somebody would like to have the port. */
export interface Asked {
  readonly address: string;
  readonly who: string;
}

export interface LeasesOptions {
  readonly who: string;
  readonly folder?: string;
  readonly clock?: Clock;
  /** Where a port is taken: its owner is asked for it, and waited for so long, ms. Default: not asked. */
  readonly askFor?: number;
  /** The process that has what is taken; this one but in tests. */
  readonly pid?: number;
}

/** How often an owner looks whether it is asked, ms. */
const LOOK_MS = 500;
/** A question that nobody has answered for so long is none any more, ms. */
const ASKED_MS = 30_000;

export class Leases implements Disposable {
  private readonly mine = new Map<string, string>();
  private readonly asked = new Emitter<Asked>();
  /** Fires when another Parley asks for a port that this one has. */
  readonly onAsked: Event<Asked> = this.asked.event;
  private readonly folder: string;
  private readonly clock: Clock;
  private looking: Disposable | undefined;
  private readonly pid: number;

  constructor(private readonly options: LeasesOptions) {
    this.folder = options.folder ?? usualFolder();
    this.clock = options.clock ?? systemClock;
    this.pid = options.pid ?? process.pid;
  }

  /** This Parley has the port now. Never fails: nothing hangs on it but a better sentence. */
  take(address: string): Disposable {
    const file = this.file(address);
    const { pid } = this;
    const text = JSON.stringify({ address, who: this.options.who, pid, started: startOf(pid) });
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      if (!isOwn(this.folder)) return { dispose: () => undefined };
      rmSync(`${file}.ask`, { force: true });
      // Whole or not at all: whoever reads it may come at any moment.
      writeFileSync(`${file}.${pid}`, text, { mode: 0o600 });
      renameSync(`${file}.${pid}`, `${file}.json`);
    } catch {
      return { dispose: () => undefined };
    }
    this.mine.set(address, text);
    this.look();
    return { dispose: () => this.giveBack(address, text) };
  }

  /** Who has the port; undefined where no other Parley has. */
  holderOf(address: string): Lease | undefined {
    const file = `${this.file(address)}.json`;
    const lease = isOwn(this.folder) ? read(file) : undefined;
    if (!lease || lease['address'] !== address) return undefined;
    const { who, pid, started } = lease;
    if (typeof who !== 'string' || typeof pid !== 'number' || pid === this.pid) return undefined;
    if (isThat(pid, started)) return { who, pid };
    rmSync(file, { force: true });
    return undefined;
  }

  /** Tells the owner that this Parley would like to have the port. @returns the owner, if there is one */
  ask(address: string): Lease | undefined {
    const holder = this.holderOf(address);
    if (!holder) return undefined;
    const { pid } = this;
    const text = JSON.stringify({ address, who: this.options.who, pid, at: Date.now() });
    writeFileSync(`${this.file(address)}.ask`, text, { mode: 0o600 });
    return holder;
  }

  /** Resolves true once nobody else has the port, false after `ms`. */
  async freed(address: string, ms: number): Promise<boolean> {
    const end = this.clock.now() + ms;
    while (this.holderOf(address)) {
      if (this.clock.now() >= end) return false;
      await this.clock.sleep(LOOK_MS / 2);
    }
    return true;
  }

  /**
   * Opens a port and takes its lease until it closes.
   * @throws BoardError what `open` throws; port-busy with details { owner, ask } where another Parley
   *   has it
   */
  async opening(address: string, open: () => Promise<Port>): Promise<Port> {
    let port: Port;
    try {
      port = await this.orAfterAsking(address, open);
    } catch (error) {
      const holder = isBoardError(error, 'port-busy') ? this.holderOf(address) : undefined;
      if (!holder || !(error instanceof BoardError)) throw error;
      const owner = t('{who}, process {pid}', { who: holder.who, pid: holder.pid });
      const details = { ...error.details, path: address, owner, ask: 'yes' };
      throw new BoardError(error.code, error.message, { ...error.options, details });
    }
    const lease = this.take(address);
    port.onClose(() => lease.dispose());
    return port;
  }

  private async orAfterAsking(address: string, open: () => Promise<Port>): Promise<Port> {
    try {
      return await open();
    } catch (error) {
      const { askFor } = this.options;
      if (!askFor || !isBoardError(error, 'port-busy') || !this.ask(address)) throw error;
      if (!(await this.freed(address, askFor))) throw error;
      return open();
    }
  }

  dispose(): void {
    for (const [address, text] of [...this.mine]) this.giveBack(address, text);
    this.looking?.dispose();
    this.asked.dispose();
  }

  private giveBack(address: string, text: string): void {
    if (this.mine.get(address) !== text) return;
    this.mine.delete(address);
    const file = `${this.file(address)}.json`;
    // Another may have it by now: its file stays.
    if (read(file)?.['pid'] === this.pid) rmSync(file, { force: true });
    if (this.mine.size === 0) this.looking?.dispose();
  }

  private look(): void {
    this.looking?.dispose();
    this.looking = this.clock.after(LOOK_MS, () => {
      if (this.mine.size === 0) return;
      for (const address of this.mine.keys()) this.answer(address);
      this.look();
    });
  }

  private answer(address: string): void {
    const file = `${this.file(address)}.ask`;
    const question = read(file);
    if (!question) return;
    rmSync(file, { force: true });
    const { who, at } = question;
    if (typeof who !== 'string' || typeof at !== 'number' || Date.now() - at > ASKED_MS) return;
    this.asked.fire({ address, who });
  }

  private file(address: string): string {
    const name = createHash('sha256').update(address).digest('hex').slice(0, 24);
    return path.join(this.folder, name);
  }
}

/** A folder of this user's own on this computer: others' leases are not theirs to write. */
function usualFolder(): string {
  const user = process.platform === 'win32' ? '' : `-${userInfo().uid}`;
  return path.join(tmpdir(), `parley${user}`, 'ports');
}

/** False where another user made the folder first: what lies there is not to be believed. */
function isOwn(folder: string): boolean {
  try {
    return process.getuid === undefined || statSync(folder).uid === process.getuid();
  } catch {
    return false;
  }
}

function read(file: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
