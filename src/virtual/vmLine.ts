/**
 * The worker's end of the board's line, and how the VM waits: for bytes, for time, for anything.
 * Below: vmProtocol.ts (shared control words and messages). Above: vmHost.ts and vmBoard.ts.
 */
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { VmEngine } from './vmEngine';
import {
  CONTROL,
  RING_BYTES,
  type FromWorker,
  type SocketEvent,
  type ToWorker,
  type WorkerStart,
} from './vmProtocol';
import { VmShare } from './vmShare';

const CTRL_C = 3;
/** A call that only looks (no data yet?) waits so long, so that a polling loop leaves the core free. */
const GLANCE_MS = 1;
const EARLY_MS = 20;

export class VmLine {
  private readonly control: Int32Array;
  private readonly ring: Uint8Array;
  private input: number[] = [];
  private inputAt = 0;
  private lastPrinted = 0;
  private engine: VmEngine | undefined;
  /** When a Ctrl-C that came before its program is to be raised, in ms of `performance.now()`. */
  earlyAt = Infinity;
  /** Milliseconds until something beside the condition of a wait is due (a timer). */
  dueIn: () => number = () => Infinity;
  onReading: (name: string, value: number | null | undefined) => void = () => undefined;
  onSocket: (event: SocketEvent) => void = () => undefined;
  onFlash: (bytes: Uint8Array) => void = () => undefined;
  onNetworks: (networks: WorkerStart['networks']) => void = () => undefined;
  /** Something that was waited for is over. */
  onResume: () => void = () => undefined;
  readonly share: VmShare;

  constructor(
    private readonly port: MessagePort,
    control: SharedArrayBuffer,
    ring: SharedArrayBuffer,
  ) {
    this.control = new Int32Array(control);
    this.ring = new Uint8Array(ring);
    this.share = new VmShare(
      () => Atomics.load(this.control, CONTROL.share) / 1000,
      () => performance.now(),
    );
  }

  post(message: FromWorker): void {
    this.port.postMessage(message);
  }

  attach(engine: VmEngine): void {
    this.engine = engine;
  }

  set running(value: boolean) {
    Atomics.store(this.control, CONTROL.running, value ? 1 : 0);
  }

  get running(): boolean {
    return Atomics.load(this.control, CONTROL.running) === 1;
  }

  /** Takes what the owner has sent. */
  pump(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.port) as { message: ToWorker } | undefined;
      if (!received) return;
      const { message } = received;
      if (message.type === 'socket') this.onSocket(message.event);
      else if (message.type === 'flash') this.onFlash(message.bytes);
      else if (message.type === 'networks') this.onNetworks(message.networks);
      else if (message.type === 'reading') this.onReading(message.name, message.value);
      else this.accept(message.bytes);
    }
  }

  private accept(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === CTRL_C && this.running && this.engine?.interruptChar === CTRL_C)
        this.interruptTaken();
      else this.input.push(byte);
    }
  }

  /** A Ctrl-C that is an interrupt takes no place. */
  private interruptTaken(): void {
    this.engine?.interrupt();
    this.took(1);
  }

  /** The owner, which keeps no more than the chip's ring, may give so many more. */
  private took(count: number): void {
    Atomics.add(this.control, CONTROL.inputTaken, count);
    if (Atomics.compareExchange(this.control, CONTROL.inputWanted, 1, 0) === 1)
      this.post({ type: 'room' });
  }

  get available(): number {
    return this.input.length - this.inputAt;
  }

  /** The next byte, or -1 where there is none. */
  next(): number {
    if (this.available === 0) return -1;
    const byte = this.input[this.inputAt++]!;
    this.took(1);
    if (this.inputAt >= 4096 || this.inputAt === this.input.length) {
      this.input = this.input.slice(this.inputAt);
      this.inputAt = 0;
    }
    return byte;
  }

  /** Puts a byte in front of what waits. */
  unread(byte: number): void {
    Atomics.sub(this.control, CONTROL.inputTaken, 1);
    this.input = [byte, ...this.input.slice(this.inputAt)];
    this.inputAt = 0;
  }

  /**
   * A program starts. A Ctrl-C that already waits behind its text may be meant for it: a program that
   * still runs after a moment is interrupted by it, a short one leaves it to the prompt.
   */
  programStarts(): void {
    this.running = true;
    this.pump();
    this.earlyAt = this.input.includes(CTRL_C, this.inputAt)
      ? performance.now() + EARLY_MS
      : Infinity;
  }

  programEnded(): void {
    this.running = false;
    this.earlyAt = Infinity;
  }

  /** Raises what {@link programStarts} has seen, when its moment is over. */
  raiseEarly(): void {
    if (performance.now() < this.earlyAt) return;
    this.earlyAt = Infinity;
    const at = this.input.indexOf(CTRL_C, this.inputAt);
    if (at < 0 || this.engine?.interruptChar !== CTRL_C) return;
    this.input.splice(at, 1);
    this.interruptTaken();
  }

  /**
   * Blocks until `condition`, for `ms` at the most (for ever when negative). False when the time is
   * over or when Python must run first (Ctrl-C, a timer): then the caller returns to the VM.
   */
  waitFor(condition: () => boolean, ms = -1): boolean {
    const end = ms < 0 ? Infinity : performance.now() + ms;
    for (;;) {
      const seen = Atomics.load(this.control, CONTROL.wake);
      this.pump();
      if (condition()) return true;
      if (performance.now() >= this.earlyAt) this.raiseEarly();
      if (this.engine?.interrupted) return false;
      // Inside a callback the scheduler is locked: what is due has to wait for its end.
      const due = this.engine?.schedulerLocked ? Infinity : this.dueIn();
      if (due <= 0) {
        this.engine?.poke();
        return false;
      }
      const rest = end - performance.now();
      if (rest <= 0) return false;
      const left = Math.min(rest, due);
      this.sleep(seen, left);
    }
  }

  /** Blocks until the owner has answered, which it does at once; Ctrl-C waits for that. */
  waitForAnswer(condition: () => boolean): void {
    for (;;) {
      const seen = Atomics.load(this.control, CONTROL.wake);
      this.pump();
      if (condition()) return;
      this.sleep(seen, Infinity);
    }
  }

  /** Until the owner has something more than `seen`. */
  private sleep(seen: number, ms: number): void {
    this.share.waits();
    Atomics.wait(this.control, CONTROL.wake, seen, ms === Infinity ? undefined : ms);
    this.share.works();
    this.onResume();
  }

  /** A look at the line for a program that polls. */
  glance(): void {
    this.waitFor(() => false, GLANCE_MS);
  }

  /** Blocks for ever: the owner is about to end this worker. */
  halt(): never {
    for (;;) {
      const seen = Atomics.load(this.control, CONTROL.wake);
      Atomics.wait(this.control, CONTROL.wake, seen, 1000);
    }
  }

  /** Text: LF becomes CR LF, as the ESP32 port's stdout has it. */
  print(bytes: Uint8Array): void {
    const cooked: number[] = [];
    for (const byte of bytes) {
      if (byte === 10 && this.lastPrinted !== 13) cooked.push(13);
      cooked.push(byte);
      this.lastPrinted = byte;
    }
    this.write(Uint8Array.from(cooked));
  }

  /** Bytes as they are. Waits for the line; what is left when Ctrl-C comes is dropped. */
  write(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const written = Atomics.load(this.control, CONTROL.written);
      const space = (): number =>
        RING_BYTES - ((written - Atomics.load(this.control, CONTROL.taken)) | 0);
      if (space() === 0 && !this.waitForRoom(() => space() > 0)) return;
      const count = Math.min(space(), bytes.length - at);
      for (let n = 0; n < count; n++)
        this.ring[((written >>> 0) + n) % RING_BYTES] = bytes[at + n]!;
      at += count;
      Atomics.store(this.control, CONTROL.written, (written + count) | 0);
      if (Atomics.compareExchange(this.control, CONTROL.ringIdle, 1, 0) === 1)
        this.post({ type: 'output' });
    }
  }

  private waitForRoom(condition: () => boolean): boolean {
    for (;;) {
      const seen = Atomics.load(this.control, CONTROL.wake);
      this.pump();
      if (condition()) return true;
      if (this.running && this.engine?.interrupted) return false;
      this.sleep(seen, Infinity);
    }
  }
}
