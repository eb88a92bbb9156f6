/**
 * Ports of this computer, through npm serialport. Below: serialList.ts and the package, loaded when
 * first needed so that a missing binary is an error to be shown, not a crash. Above: board.
 */
import type { SerialPort } from 'serialport';
import { systemClock, type Clock } from '../core/clock';
import { BoardError } from '../core/errors';
import { Emitter, type Disposable, type Event } from '../core/event';
import { openError, withRemedy } from './openError';
import type { ControlSignals, OpenOptions, Port, PortInfo, PortProvider } from './port';
import { calloutPath, fromListed, listLinux, toPortInfo, type FoundPort } from './serialList';

/** How long the driver may take to close, ms: some hang when the device has gone. */
const CLOSE_MS = 1000;

export interface SerialProviderOptions {
  readonly clock?: Clock;
  /** How often the list is looked at while someone listens to onDidChange, ms. */
  readonly pollMs?: number;
  /** What finds the ports; by default the way of this platform. */
  readonly find?: () => Promise<FoundPort[]>;
}

export class SerialProvider implements PortProvider {
  readonly scheme = 'serial';
  private readonly clock: Clock;
  private readonly pollMs: number;
  private readonly find: () => Promise<FoundPort[]>;
  private readonly changed = new Emitter<void>();
  private listeners = 0;
  private poll: Disposable | undefined;

  constructor(options: SerialProviderOptions = {}) {
    this.clock = options.clock ?? systemClock;
    this.pollMs = options.pollMs ?? 1000;
    this.find = options.find ?? findPorts;
  }

  readonly onDidChange: Event<void> = (listener, thisArg, disposables) => {
    const inner = this.changed.event(listener, thisArg);
    let live = true;
    const subscription = {
      dispose: () => {
        if (!live) return;
        live = false;
        inner.dispose();
        if (--this.listeners === 0) this.stopPolling();
      },
    };
    if (this.listeners++ === 0) this.startPolling();
    disposables?.push(subscription);
    return subscription;
  };

  async list(): Promise<PortInfo[]> {
    const found = await this.find().catch(() => []);
    return found.map(toPortInfo);
  }

  /** @throws BoardError port-not-found, port-busy, port-permission, port-failed; details as openError.ts */
  async open(info: PortInfo, options: OpenOptions): Promise<Port> {
    const { SerialPort } = await loadSerialport();
    const path = calloutPath(info.address);
    const serial = new SerialPort({
      path,
      baudRate: options.baudRate,
      dataBits: 8,
      parity: 'none',
      stopBits: 1,
      autoOpen: false,
    });
    const failure = await new Promise<Error | null>((resolve) => {
      serial.open((error) => resolve(error));
    });
    if (failure) throw await withRemedy(openError(failure, path), info.usb);
    const port = new LocalPort(info, serial, this.clock);
    try {
      // POSIX drivers assert both lines on open, Windows leaves DTR on: a board whose GPIO0 is held
      // low lands in the loader at its next reset (node-serialport#2100).
      await port.setSignals({ dtr: false, rts: false });
    } catch (error) {
      await port.close();
      throw error;
    }
    return port;
  }

  dispose(): void {
    this.stopPolling();
    this.changed.dispose();
  }

  private startPolling(): void {
    let before: string | undefined;
    let stopped = false;
    let timer: Disposable | undefined;
    const look = async (): Promise<void> => {
      const now = JSON.stringify(await this.list());
      if (stopped) return;
      timer = this.clock.after(this.pollMs, () => void look());
      const differs = before !== undefined && now !== before;
      before = now;
      if (differs) this.changed.fire();
    };
    this.poll = {
      dispose: () => {
        stopped = true;
        timer?.dispose();
      },
    };
    void look();
  }

  private stopPolling(): void {
    this.poll?.dispose();
    this.poll = undefined;
  }
}

async function findPorts(): Promise<FoundPort[]> {
  if (process.platform === 'linux') return listLinux();
  const { SerialPort } = await loadSerialport();
  return fromListed(await SerialPort.list(), process.platform);
}

async function loadSerialport() {
  try {
    return await import('serialport');
  } catch (cause) {
    throw new BoardError('port-failed', `serial ports cannot be used here: ${String(cause)}`, {
      cause,
    });
  }
}

class LocalPort implements Port {
  private readonly data = new Emitter<Uint8Array>();
  private readonly closed = new Emitter<BoardError | undefined>();
  private lines = { dtr: false, rts: false };
  private gone: BoardError | undefined;
  private closing: Promise<void> | undefined;

  readonly onData = this.data.event;
  readonly onClose = this.closed.event;

  constructor(
    readonly info: PortInfo,
    private readonly serial: SerialPort,
    private readonly clock: Clock,
  ) {
    // The stream reuses its pool: a chunk is the listener's to keep, so it is copied.
    serial.on('data', (chunk: Buffer) => {
      if (chunk.length > 0) this.data.fire(Uint8Array.from(chunk));
    });
    serial.on('end', () => this.ended('end of file'));
    serial.on('close', (error: Error | null) => this.ended(error?.message ?? 'closed'));
    serial.on('error', (error: Error) => this.ended(error.message));
  }

  get baudRate(): number {
    return this.serial.baudRate;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.mustBeOpen();
    if (bytes.length === 0) return;
    await this.orGone((done) => this.serial.write(Buffer.from(bytes), done));
  }

  async setBaudRate(baudRate: number): Promise<void> {
    this.mustBeOpen();
    await this.orGone((done) => this.serial.update({ baudRate }, done));
  }

  async setSignals(signals: ControlSignals): Promise<void> {
    this.mustBeOpen();
    const lines = { dtr: signals.dtr ?? this.lines.dtr, rts: signals.rts ?? this.lines.rts };
    try {
      // Always both: the package asserts RTS when it is not named.
      await this.orGone((done) => this.serial.set(lines, done));
    } catch (error) {
      const said = error instanceof Error ? error.message : '';
      // A pseudo terminal has no lines to set.
      if (!/inappropriate ioctl|invalid argument/i.test(said)) throw error;
    }
    this.lines = lines;
  }

  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private async shut(): Promise<void> {
    if (this.gone) return;
    const quietly = (): undefined => undefined;
    // RTS first: the other way round would pass through reset (see comPort.ts).
    if (this.lines.rts) await this.set({ dtr: this.lines.dtr, rts: false }).catch(quietly);
    await this.set({ dtr: false, rts: false }).catch(quietly);
    await new Promise<void>((resolve) => {
      const timer = this.clock.after(CLOSE_MS, resolve);
      this.serial.close(() => {
        timer.dispose();
        resolve();
      });
    });
    this.ended('closed');
  }

  private set(lines: { dtr: boolean; rts: boolean }): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.gone) resolve();
      else this.serial.set(lines, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Runs one call of the package; a port that goes away ends the wait. */
  private orGone(start: (done: (error: Error | null | undefined) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const watch = this.closed.event((error) => reject(error ?? this.lost('it was closed')));
      start((error) => {
        watch.dispose();
        if (!error) resolve();
        else if (this.gone) reject(this.gone);
        else reject(this.failed(error));
      });
    });
  }

  private mustBeOpen(): void {
    if (this.gone) throw this.gone;
    if (this.closing) throw this.lost('it was closed');
  }

  private ended(why: string): void {
    if (this.gone) return;
    this.gone = this.lost(why);
    if (this.serial.isOpen) this.serial.close(() => undefined);
    this.closed.fire(this.closing ? undefined : this.gone);
    this.closed.dispose();
    this.data.dispose();
  }

  private failed(cause: Error): BoardError {
    const gone = /not open|bad file descriptor|input\/output error|no such device/i;
    const code = gone.test(cause.message) ? 'port-lost' : 'port-failed';
    const details = { path: this.info.address };
    return new BoardError(code, `${this.info.address}: ${cause.message}`, { cause, details });
  }

  private lost(why: string): BoardError {
    const details = { path: this.info.address };
    return new BoardError('port-lost', `${this.info.address}: ${why}`, { details });
  }
}
