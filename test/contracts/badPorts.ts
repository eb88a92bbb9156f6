/**
 * Ports that go wrong on purpose: a host that dies in the middle, a line that loses bytes.
 * Below: a real port. Above: the contract of files.
 */
import { BoardError } from '../../src/core/errors';
import { Emitter, type Event } from '../../src/core/event';
import type { Port } from '../../src/port/port';

class Wrapped implements Port {
  readonly info: Port['info'];
  readonly onData: Event<Uint8Array>;
  onClose: Event<BoardError | undefined>;

  constructor(protected readonly inner: Port) {
    this.info = inner.info;
    this.onData = inner.onData;
    this.onClose = inner.onClose;
  }
  get baudRate(): number {
    return this.inner.baudRate;
  }
  write(bytes: Uint8Array): Promise<void> {
    return this.inner.write(bytes);
  }
  setBaudRate(rate: number): Promise<void> {
    return this.inner.setBaudRate(rate);
  }
  setSignals(signals: Parameters<Port['setSignals']>[0]): Promise<void> {
    return this.inner.setSignals(signals);
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Passes so many bytes to the board; then its host is gone, as a killed process is. */
export class DyingPort extends Wrapped {
  /** Bytes that reached the board. */
  passed = 0;
  readonly died: Promise<void>;
  private die: () => void = () => undefined;
  private readonly closing = new Emitter<BoardError | undefined>();
  private dead = false;

  constructor(
    inner: Port,
    private readonly limit: number,
  ) {
    super(inner);
    this.onClose = this.closing.event;
    this.died = new Promise((resolve) => (this.die = resolve));
  }

  override async write(bytes: Uint8Array): Promise<void> {
    if (this.dead) throw new BoardError('port-lost', 'the host is dead');
    const part = bytes.subarray(0, Math.max(0, this.limit - this.passed));
    this.passed += part.length;
    if (part.length > 0) await this.inner.write(part);
    if (part.length === bytes.length) return;
    this.dead = true;
    const error = new BoardError('port-lost', 'the host is dead');
    this.closing.fire(error);
    this.die();
    throw error;
  }
}

/** Loses one byte of what is written, when it is told to. */
export class LossyPort extends Wrapped {
  lost = false;
  private at = Infinity;

  /** The byte so many bytes from now is lost. */
  lose(after: number): void {
    if (!this.lost) this.at = after;
  }

  override write(bytes: Uint8Array): Promise<void> {
    const { at } = this;
    this.at -= bytes.length;
    if (at >= bytes.length) return this.inner.write(bytes);
    this.at = Infinity;
    this.lost = true;
    return this.inner.write(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]));
  }
}
