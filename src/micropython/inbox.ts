/**
 * What a board has sent and nobody has read yet, with waits that always end.
 * Below: a Port. Above: rawRepl.ts, the only reader.
 */
import type { Clock } from '../core/clock';
import { BoardError } from '../core/errors';
import type { Disposable } from '../core/event';
import type { Port } from '../port/port';

export class Inbox implements Disposable {
  private bytes: Buffer = Buffer.alloc(0);
  private lost: BoardError | undefined;
  private wake: (() => void) | undefined;
  private readonly subscriptions: Disposable[] = [];

  constructor(
    port: Port,
    private readonly clock: Clock,
  ) {
    port.onData(
      (chunk) => {
        this.bytes =
          this.bytes.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.bytes, chunk]);
        this.wake?.();
      },
      undefined,
      this.subscriptions,
    );
    port.onClose(
      (error) => {
        this.lost = error ?? new BoardError('port-lost', 'the port was closed');
        this.wake?.();
      },
      undefined,
      this.subscriptions,
    );
  }

  /** Takes up to `count` bytes, as many as there are. */
  take(count = this.bytes.length): Buffer {
    const taken = this.bytes.subarray(0, count);
    this.bytes = this.bytes.subarray(taken.length);
    return taken;
  }

  /** Puts bytes back in front of what is unread. */
  putBack(bytes: Uint8Array): void {
    if (bytes.length > 0) this.bytes = Buffer.concat([bytes, this.bytes]);
  }

  /**
   * Waits until there is something to read: true, or false when `until` (clock time in ms) comes
   * first. What was received before the port was lost can still be read.
   * @throws BoardError cancelled; port-lost
   */
  async ready(until: number, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      if (signal.aborted) throw new BoardError('cancelled', 'cancelled by the user');
      if (this.bytes.length > 0) return true;
      if (this.lost) throw this.lost;
      const left = until - this.clock.now();
      if (left <= 0) return false;
      let resolve: () => void = () => undefined;
      const woken = new Promise<void>((done) => (resolve = done));
      const timer = Number.isFinite(left) ? this.clock.after(left, resolve) : undefined;
      signal.addEventListener('abort', resolve, { once: true });
      this.wake = resolve;
      await woken;
      this.wake = undefined;
      timer?.dispose();
      signal.removeEventListener('abort', resolve);
    }
  }

  /**
   * Reads on until `pattern` has been read (true) or `until` comes (false). What comes before the
   * pattern is dropped; `onSkipped` sees everything read.
   * @throws BoardError cancelled; port-lost
   */
  async skipPast(
    pattern: Uint8Array,
    until: number,
    signal: AbortSignal,
    onSkipped?: (bytes: Uint8Array) => void,
  ): Promise<boolean> {
    let tail: Buffer = Buffer.alloc(0);
    // Time is looked at on every turn: a board that never stops talking must not hold us here.
    while (await this.ready(until, signal)) {
      const fresh = this.take();
      const text = Buffer.concat([tail, fresh]);
      const at = text.indexOf(pattern);
      if (at >= 0) {
        this.putBack(text.subarray(at + pattern.length));
        onSkipped?.(text.subarray(tail.length, at + pattern.length));
        return true;
      }
      onSkipped?.(fresh);
      tail = Buffer.from(text.subarray(Math.max(0, text.length - pattern.length + 1)));
      if (this.clock.now() >= until) return false;
    }
    return false;
  }

  /**
   * Reads to the next `mark` and drops it with all before it (a timer on the board may print at any
   * time). 'stop' where the byte `stop` comes first: that one and what follows stay unread.
   * @throws BoardError cancelled; port-lost
   */
  async nextMark(
    mark: number,
    stop: number,
    until: number,
    signal: AbortSignal,
    onSkipped?: (bytes: Uint8Array) => void,
  ): Promise<'mark' | 'stop' | 'late'> {
    while (await this.ready(until, signal)) {
      const at = this.bytes.findIndex((byte) => byte === mark || byte === stop);
      if (at < 0) onSkipped?.(this.take());
      else {
        onSkipped?.(this.take(at));
        if (this.bytes[0] === stop) return 'stop';
        this.take(1);
        return 'mark';
      }
      if (this.clock.now() >= until) break;
    }
    return 'late';
  }

  /** Exactly `count` bytes; undefined when they are not there by `until`. @throws as {@link ready} */
  async exactly(count: number, until: number, signal: AbortSignal): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (let left = count; left > 0;) {
      if (!(await this.ready(until, signal))) return undefined;
      const part = this.take(left);
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  dispose(): void {
    for (const subscription of this.subscriptions.splice(0)) subscription.dispose();
  }
}
