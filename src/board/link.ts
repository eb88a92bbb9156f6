/**
 * A board's port: opened at one place, closed at one place, and opened again by itself for a
 * console that lost it. Below: port. Above: board.ts, and nobody else.
 */
import type { Clock } from '../core/clock';
import { BoardError, isBoardError } from '../core/errors';
import type { Disposable } from '../core/event';
import type { Log } from '../core/log';
import type { Port, PortInfo } from '../port/port';
import { t } from '../core/words';

/** What a link asks of its board and tells it. */
export interface LinkOwner {
  readonly clock: Clock;
  readonly log: Log;
  name(): string;
  /** Where the board is plugged in now. */
  where(): PortInfo | undefined;
  /** Whether a console is open: a lost port is wanted back. */
  watched(): boolean;
  /** Whether an operation has the board: the port is its to open. */
  taken(): boolean;
  open(info: PortInfo): Promise<Port>;
  received(bytes: Uint8Array): void;
  /** One line for whoever watches. */
  noted(line: string): void;
  changed(): void;
}

/** How often a lost port is tried again, ms. Fast enough that a replug feels immediate. */
const RECONNECT_MS = 500;
/** A port that we have just closed may still look taken from the other side for so long, ms. */
const CLOSING_MS = 2000;

export class Link {
  private current: Port | undefined;
  private opening: Promise<Port> | undefined;
  private closing: Promise<void> | undefined;
  private closedAt = -Infinity;
  private events: Disposable[] = [];
  private reconnect: Disposable | undefined;
  private disposed = false;

  constructor(private readonly owner: LinkOwner) {}

  /** The port while it is open. */
  get port(): Port | undefined {
    return this.current;
  }

  /** The open port. @throws BoardError port-not-found, port-busy, port-permission, port-failed */
  ensure(): Promise<Port> {
    if (this.current) return Promise.resolve(this.current);
    this.opening ??= this.open().finally(() => (this.opening = undefined));
    return this.opening;
  }

  /** Opens the port in `ms`, and again until it succeeds or nobody watches. */
  tryAgain(ms = 0): void {
    this.reconnect?.dispose();
    this.reconnect = this.owner.clock.after(ms, () => {
      const { owner } = this;
      if (this.disposed || !owner.watched() || this.current || owner.taken()) return;
      if (!owner.where()) return; // the board calls again when it is back
      this.ensure().then(
        () => {
          this.owner.noted(t('connected again'));
          this.owner.changed();
        },
        () => this.tryAgain(RECONNECT_MS),
      );
    });
  }

  /** Nobody waits for the port any more. */
  giveUp(): void {
    this.reconnect?.dispose();
  }

  /** Closes the port and waits for it. */
  async close(): Promise<void> {
    const port = this.current;
    this.forget();
    if (!port) return;
    this.closing = port.close();
    await this.closing;
    this.closedAt = this.owner.clock.now();
    if (!this.disposed) this.owner.changed();
  }

  dispose(): void {
    this.disposed = true;
    this.giveUp();
    void this.close();
  }

  private async open(): Promise<Port> {
    const name = this.owner.name();
    const where = this.owner.where();
    if (!where) throw new BoardError('port-not-found', `${name} is not plugged in`);
    const port = await this.openWhenClosed(where);
    if (this.disposed) {
      await port.close();
      throw new BoardError('port-lost', `${name} was removed`);
    }
    this.current = port;
    this.events = [
      port.onData((bytes) => this.owner.received(bytes)),
      port.onClose((error) => this.lost(port, error)),
    ];
    return port;
  }

  /** Waits for our own closing first: a driver or server has a port only once. */
  private async openWhenClosed(info: PortInfo): Promise<Port> {
    const { clock } = this.owner;
    await this.closing;
    for (;;) {
      try {
        return await this.owner.open(info);
      } catch (error) {
        const ours = clock.now() - this.closedAt < CLOSING_MS;
        if (!ours || !isBoardError(error, 'port-busy')) throw error;
        await clock.sleep(100);
      }
    }
  }

  private lost(port: Port, error: BoardError | undefined): void {
    if (this.current !== port) return;
    this.forget();
    if (error && this.owner.watched() && !this.disposed) {
      this.owner.log.warn(error.message);
      this.owner.noted(t('the port is gone; waiting for the board to come back'));
      this.tryAgain(RECONNECT_MS);
    }
    this.owner.changed();
  }

  private forget(): void {
    this.current = undefined;
    for (const event of this.events.splice(0)) event.dispose();
  }
}
