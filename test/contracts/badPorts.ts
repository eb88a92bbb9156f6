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

/** Its host dies when it is told to, or after so many bytes more, as a killed process does. */
export class DyingPort extends Wrapped {
  /** Bytes that reached the board. */
  passed = 0;
  private limit = Infinity;
  private readonly closing = new Emitter<BoardError | undefined>();
  private dead = false;

  constructor(inner: Port) {
    super(inner);
    this.onClose = this.closing.event;
  }

  /** The byte after the next `bytes` reaches the board no more, nor does any after it. */
  dieAfter(bytes: number): void {
    this.limit = this.passed + bytes;
  }

  die(): BoardError {
    const error = new BoardError('port-lost', 'the host is dead');
    if (!this.dead) {
      this.dead = true;
      this.closing.fire(error);
    }
    return error;
  }

  override async write(bytes: Uint8Array): Promise<void> {
    if (this.dead) throw this.die();
    const part = bytes.subarray(0, Math.max(0, this.limit - this.passed));
    this.passed += part.length;
    if (part.length > 0) await this.inner.write(part);
    if (part.length < bytes.length) throw this.die();
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
