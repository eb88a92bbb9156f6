/**
 * The serial line between the board and its USB bridge: bytes take the time that ten bits take, and
 * arrive as noise when the two ends are not set to the same rate.
 * Below: core. Above: machine.ts joins it to the chip, the RFC 2217 server to the client.
 */
import type { Clock } from '../core/clock';
import { Emitter, type Disposable } from '../core/event';

/** A start bit, eight data bits, a stop bit. */
const BITS_PER_BYTE = 10;
/** Longest wait between two deliveries of a busy line, in milliseconds. */
const TICK_MS = 3;
/** Ends may differ by this much: a receiver samples the last bit half a bit off at 5 %. */
const TOLERANCE = 0.05;
/** The rate of the ESP32 ROM's UART after reset (ESP32 Technical Reference Manual, boot mode). */
export const RESET_BAUD_RATE = 115_200;

const NUL = Uint8Array.of(0);

interface Waiting {
  readonly bytes: Uint8Array;
  readonly done: (() => void) | undefined;
  sent: number;
}

/** One direction. Its speed is that of the end that sends. */
class Wire implements Disposable {
  private readonly queue: Waiting[] = [];
  private timer: Disposable | undefined;
  private delivering = false;
  /** When the first byte of the queue began, and how many bytes went since. */
  private since = 0;
  private sentSince = 0;
  private currentRate: number;
  private readonly out = new Emitter<Uint8Array>();
  readonly onBytes = this.out.event;

  constructor(
    private readonly clock: Clock,
    private readonly paced: boolean,
    rate: number,
  ) {
    this.currentRate = rate;
  }

  set rate(rate: number) {
    this.currentRate = rate;
    this.since = this.clock.now();
    this.sentSince = 0;
  }

  send(bytes: Uint8Array, done?: () => void): void {
    const idle = this.queue.length === 0;
    this.queue.push({ bytes, done, sent: 0 });
    if (!this.paced) return this.deliver(Infinity);
    if (idle && !this.delivering) {
      this.since = this.clock.now();
      this.sentSince = 0;
    }
    this.schedule();
  }

  /** Forgets what waits; nobody is told that it was carried, because it was not. */
  drop(): void {
    this.queue.length = 0;
    this.timer?.dispose();
    this.timer = undefined;
  }

  dispose(): void {
    this.drop();
    this.out.dispose();
  }

  private schedule(): void {
    if (this.timer || this.queue.length === 0) return;
    const waiting = this.queue.reduce((sum, w) => sum + w.bytes.length - w.sent, 0);
    const end = this.since + ((this.sentSince + waiting) * BITS_PER_BYTE * 1000) / this.currentRate;
    const wait = Math.max(0, Math.min(TICK_MS, end - this.clock.now()));
    this.timer = this.clock.after(wait, () => {
      this.timer = undefined;
      const elapsed = this.clock.now() - this.since;
      // A millionth of slack, or rounding would leave a byte for a tick of its own.
      const due = Math.floor((elapsed * this.currentRate) / 1000 / BITS_PER_BYTE + 1e-6);
      this.deliver(due - this.sentSince);
      this.schedule();
    });
  }

  private deliver(room: number): void {
    // What is sent from inside a listener waits its turn in the outer loop, in order.
    if (this.delivering) return;
    this.delivering = true;
    try {
      let left = room;
      for (let first = this.queue[0]; first; first = this.queue[0]) {
        const part = first.bytes.subarray(first.sent, first.sent + Math.max(0, left));
        if (part.length === 0 && first.bytes.length > first.sent) break;
        first.sent += part.length;
        left -= part.length;
        this.sentSince += part.length;
        const whole = first.sent === first.bytes.length;
        if (whole) this.queue.shift();
        if (part.length > 0) this.out.fire(part.slice());
        if (whole) first.done?.();
      }
    } finally {
      this.delivering = false;
    }
  }
}

export interface UartOptions {
  readonly clock: Clock;
  /** False: bytes are carried at once, for tests that measure something else. */
  readonly paced: boolean;
  /** Bits per second above which this line carries noise alone. Default: none. */
  readonly deafAbove?: number;
  /** Bits per second above which this line spoils a byte now and then, as a bad cable does. */
  readonly noisyAbove?: number;
  /** True: there is no line, but USB in the chip; a rate is taken note of and changes nothing. */
  readonly nativeUsb?: boolean;
}

/**
 * What USB-Serial-JTAG carries at full speed, as bits of a line: somewhat under the 64 byte packets
 * of USB full speed, 19 a frame (USB 2.0, 5.8.4).
 */
const USB_RATE = 8_000_000;

/** Bytes from one spoiled byte of a noisy line to the next: commands pass, most blocks do not. */
const NOISE_EVERY = 9973;

export class Uart implements Disposable {
  private readonly toHost: Wire;
  private readonly toBoard: Wire;
  private readonly hostData = new Emitter<Uint8Array>();
  private readonly boardData = new Emitter<Uint8Array>();
  private boardRate = RESET_BAUD_RATE;
  private hostRate = RESET_BAUD_RATE;
  private readonly deafAbove: number;
  private readonly noisyAbove: number;
  private readonly nativeUsb: boolean;
  private carried = 0;
  private breaking = false;

  /** What arrives at the USB bridge. */
  readonly onHostData = this.hostData.event;
  /** What arrives at the chip. */
  readonly onBoardData = this.boardData.event;

  constructor(options: UartOptions) {
    this.deafAbove = options.deafAbove ?? Infinity;
    this.noisyAbove = options.noisyAbove ?? Infinity;
    this.nativeUsb = options.nativeUsb ?? false;
    const rate = this.nativeUsb ? USB_RATE : RESET_BAUD_RATE;
    this.toHost = new Wire(options.clock, options.paced, rate);
    this.toBoard = new Wire(options.clock, options.paced, rate);
    this.toHost.onBytes((bytes) => this.hostData.fire(this.heard(bytes)));
    this.toBoard.onBytes((bytes) => this.boardData.fire(this.heard(bytes)));
  }

  /** Bits per second at the chip's end. */
  get boardBaudRate(): number {
    return this.boardRate;
  }

  set boardBaudRate(rate: number) {
    this.boardRate = rate;
    if (!this.nativeUsb) this.toHost.rate = rate;
  }

  /** Bits per second at the bridge's end. */
  get hostBaudRate(): number {
    return this.hostRate;
  }

  set hostBaudRate(rate: number) {
    this.hostRate = rate;
    if (!this.nativeUsb) this.toBoard.rate = rate;
  }

  /** The chip sends; `done` is called when the line has carried the last byte. */
  transmit(bytes: Uint8Array, done?: () => void): void {
    this.toHost.send(bytes.slice(), done);
  }

  /** The bridge sends. */
  receive(bytes: Uint8Array): void {
    if (this.breaking) return;
    this.toBoard.send(bytes.slice());
  }

  /**
   * The bridge holds the line to the chip low. The chip hears a byte of zeros with no stop bit, stored
   * as 0x00 (ESP32 Technical Reference Manual, UART, `UART_BRK_DET_INT`); nothing else gets through.
   */
  setBreak(on: boolean): void {
    if (on && !this.breaking) this.toBoard.send(new Uint8Array(0), () => this.boardData.fire(NUL));
    this.breaking = on;
  }

  /** The chip was reset: what it had not sent yet is lost, and its rate is that of the ROM. */
  resetBoard(): void {
    this.toHost.drop();
    this.boardBaudRate = RESET_BAUD_RATE;
  }

  /** RFC 2217 PURGE-DATA: what waits on its way to the client. */
  purgeToHost(): void {
    this.toHost.drop();
  }

  /** RFC 2217 PURGE-DATA: what waits on its way to the chip. */
  purgeToBoard(): void {
    this.toBoard.drop();
  }

  dispose(): void {
    this.toHost.dispose();
    this.toBoard.dispose();
    this.hostData.dispose();
    this.boardData.dispose();
  }

  /** Bytes as the far end hears them: themselves, or noise with the top bit set. */
  private heard(bytes: Uint8Array): Uint8Array {
    if (this.nativeUsb) return bytes;
    const ratio = this.boardRate / this.hostRate;
    const agreed = ratio <= 1 + TOLERANCE && ratio >= 1 - TOLERANCE;
    if (!agreed || this.hostRate > this.deafAbove) {
      return bytes.map((byte) => ((byte * 0x4d) ^ 0x36) | 0x80);
    }
    if (this.hostRate <= this.noisyAbove) return bytes;
    return bytes.map((byte) => (++this.carried % NOISE_EVERY === 0 ? byte ^ 0x10 : byte));
  }
}
