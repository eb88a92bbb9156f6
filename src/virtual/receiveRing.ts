/**
 * The bytes that have come in and no program has read: 260 bytes of memory, of which 259 can be full,
 * and what does not fit is lost, as on the chip.
 * Below: core. Above: runtime.ts, whose worker takes the bytes.
 *
 * Source: MicroPython, ports/esp32/mphalport.c (`stdin_ringbuf_array[260]`) and uart.c (its interrupt
 * puts what comes into the ring and does not look whether it fitted).
 */
import type { Clock } from '../core/clock';
import type { Disposable } from '../core/event';

/** A ring of 260 bytes tells full from empty by keeping one place free (py/ringbuf.h). */
export const RING_HOLDS = 259;
/**
 * A chip reads its line in microseconds; a thread of this computer may be kept waiting by others. Bytes
 * that do not fit are lost only when a program runs and took none for so long, in milliseconds.
 */
export const GRACE_MS = 100;
/** Even so nobody may fill this computer's memory. */
const MOST_WAITING = 256 * 1024;

export interface RingReader {
  /** Bytes that the program has taken since it started, modulo 2^32. */
  taken(): number;
  /** Whether a program runs. Without one the prompt reads, however late this computer lets it. */
  busy(): boolean;
  /** Asks for {@link ReceiveRing.roomMade} as soon as bytes are taken. */
  want(on: boolean): void;
  /** Hands bytes over; they count as in the ring until they are taken. */
  deliver(bytes: Uint8Array): void;
}

export class ReceiveRing implements Disposable {
  private given = 0;
  private waiting: Uint8Array[] = [];
  private timer: Disposable | undefined;
  /** Bytes that were lost because nobody read. */
  lost = 0;

  constructor(
    private readonly clock: Clock,
    private readonly reader: RingReader,
  ) {}

  /** Bytes from the line. */
  put(bytes: Uint8Array): void {
    if (this.waiting.reduce((sum, part) => sum + part.length, bytes.length) > MOST_WAITING) {
      this.lost += bytes.length;
      return;
    }
    this.waiting.push(bytes);
    this.pour();
  }

  /** The program has taken some. */
  roomMade(): void {
    this.pour();
  }

  dispose(): void {
    this.timer?.dispose();
    this.waiting = [];
  }

  private pour(): void {
    for (;;) {
      const room = RING_HOLDS - ((this.given - this.reader.taken()) | 0);
      const first = this.waiting[0];
      if (!first) {
        this.reader.want(false);
        this.timer?.dispose();
        this.timer = undefined;
        return;
      }
      if (room <= 0) break;
      const part = first.subarray(0, room);
      if (part.length === first.length) this.waiting.shift();
      else this.waiting[0] = first.subarray(part.length);
      this.given = (this.given + part.length) | 0;
      this.reader.deliver(part.slice());
    }
    this.reader.want(true);
    // Taken just before it was asked to tell.
    if (((this.given - this.reader.taken()) | 0) < RING_HOLDS) return this.pour();
    this.watch();
  }

  private watch(): void {
    if (this.timer) return;
    const before = this.reader.taken();
    this.timer = this.clock.after(GRACE_MS, () => {
      this.timer = undefined;
      if (this.waiting.length === 0) return;
      if (this.reader.taken() !== before || !this.reader.busy()) return this.pour();
      for (const part of this.waiting.splice(0)) this.lost += part.length;
      this.reader.want(false);
    });
  }
}
