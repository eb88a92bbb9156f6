/**
 * Packets over a port, framed by SLIP (RFC 1055). Below: port. Above: webSerialPort.ts, flasher.ts.
 * It can be ended with a reason at any moment, and then every wait ends with that reason: that is
 * how a cancelled job or a lost port stops a protocol that has no word for it.
 */
import { systemClock, type Clock } from '../core/clock';
import { BoardError } from '../core/errors';
import { DisposableStore } from '../core/event';
import type { Port } from '../port/port';

const END = 0xc0;
const ESC = 0xdb;
const ESC_END = 0xdc;
const ESC_ESC = 0xdd;

/** The longest packet a loader sends is a 4 KiB block; more than this is noise. */
const MAX_PACKET = 0x10000;
/** How much of what the board printed is kept, characters. */
const MAX_TEXT = 4000;

/** A timer that comes later than this says that the computer has too much to do, ms. */
const LATE_MS = 100;
/** How many times its own lateness a busy computer waits for an answer. */
const PATIENCE = 10;

/**
 * So many bytes that are no answer say that what talks is no loader any more: the board has reset in
 * the middle. A loader says nothing of its own accord.
 */
const NOISE_BYTES = 64;
/** Then a longer wait ends so soon, ms: a chip may have a minute and more to erase or write. */
const NOISE_MS = 3000;
/** First byte of an answer; esptool's "Serial Protocol". */
const ANSWER = 0x01;
/** Packets that nobody takes: more are noise, and the oldest go. */
const MOST_PACKETS = 1000;

/** No packet came in time. */
export class SlipTimeout extends Error {}

export class SlipLink {
  private readonly subscriptions = new DisposableStore();
  private packets: Uint8Array[] = [];
  private partial: number[] | undefined;
  private escaped = false;
  private raw: number[] = [];
  private waiting: (() => void) | undefined;
  private reason: BoardError | undefined;
  private readonly abort: Promise<never>;
  private reject: (error: BoardError) => void = () => undefined;
  private heard = '';
  private noise = 0;
  private noisySince: number | undefined;

  constructor(
    private readonly port: Port,
    private readonly clock: Clock = systemClock,
  ) {
    this.abort = new Promise<never>((_, reject) => (this.reject = reject));
    this.abort.catch(() => undefined);
    this.subscriptions.add(port.onData((bytes) => this.received(bytes)));
    this.subscriptions.add(
      port.onClose((error) =>
        this.end(error ?? new BoardError('port-lost', 'the port was closed')),
      ),
    );
  }

  /** Why it ended, if it did. */
  get ended(): BoardError | undefined {
    return this.reason;
  }

  /** The last of what the board printed, as text: boot messages, before it speaks SLIP. */
  get text(): string {
    return this.heard;
  }

  /** Ends every wait, now and later, with `reason`; listens to the port no more. */
  end(reason: BoardError): void {
    if (this.reason) return;
    this.reason = reason;
    this.subscriptions.dispose();
    this.reject(reason);
    this.waiting?.();
  }

  /** Sends one packet. @throws BoardError the reason of the end, port-lost */
  async send(packet: Uint8Array): Promise<void> {
    await this.orEnded(this.port.write(slipEncode(packet)));
  }

  /** `work`, or the reason of the end as soon as there is one. */
  orEnded<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.abort]);
  }

  /** A packet that was taken too early: the next that is received. */
  putBack(packet: Uint8Array): void {
    this.packets.unshift(packet);
  }

  /**
   * The next packet.
   * @param ms deadline for the whole packet. Where this computer itself was late it is put off by as
   *   much, once: what came meanwhile has not been looked at, and a virtual board was late as well.
   *   A long one is cut short where the line talks and does not answer.
   * @throws SlipTimeout, or BoardError the reason of the end
   */
  async receive(ms: number): Promise<Uint8Array> {
    let deadline = this.clock.now() + ms;
    let late = 0;
    for (;;) {
      if (this.reason) throw this.reason;
      const packet = this.packets.shift();
      if (packet) return packet;
      if (ms > NOISE_MS && this.noisySince !== undefined) {
        deadline = Math.min(deadline, this.noisySince + NOISE_MS);
      }
      const left = deadline - this.clock.now();
      if (left <= 0 && late === 0 && left < -LATE_MS) {
        late = Math.min(-left, ms) * PATIENCE;
        deadline = this.clock.now() + late;
        continue;
      }
      if (left <= 0) throw new SlipTimeout(`no packet in ${ms} ms`);
      await new Promise<void>((resolve) => {
        const timer = this.clock.after(left, resolve);
        this.waiting = () => {
          timer.dispose();
          resolve();
        };
      });
      this.waiting = undefined;
    }
  }

  /** Forgets what has come and was not taken. */
  flush(): void {
    this.packets = [];
    this.raw = [];
    this.partial = undefined;
    this.escaped = false;
    this.noise = 0;
    this.noisySince = undefined;
  }

  /** Bytes that came since the last flush, as they were (at most the last few thousand). */
  peek(): Uint8Array {
    return Uint8Array.from(this.raw);
  }

  private received(bytes: Uint8Array): void {
    this.noise += bytes.length;
    for (const byte of bytes) this.take(byte);
    if (this.noise >= NOISE_BYTES && this.noisySince === undefined) {
      this.noisySince = this.clock.now();
      this.waiting?.();
    }
    for (const byte of bytes) this.raw.push(byte);
    if (this.raw.length > MAX_TEXT) this.raw = this.raw.slice(-MAX_TEXT);
    this.heard = (this.heard + Buffer.from(bytes).toString('latin1')).slice(-MAX_TEXT);
    if (this.packets.length > 0) this.waiting?.();
  }

  private take(byte: number): void {
    if (byte === END) {
      // Two ENDs in a row enclose nothing: then the second one begins a packet, and a stream that
      // was cut in the middle is in step again.
      if (this.partial && this.partial.length > 0) {
        this.packets.push(Uint8Array.from(this.partial));
        if (this.packets.length > MOST_PACKETS) this.packets.shift();
        if (this.partial[0] === ANSWER) {
          this.noise = 0;
          this.noisySince = undefined;
        }
        this.partial = undefined;
      } else {
        this.partial = [];
      }
      this.escaped = false;
    } else if (this.partial) {
      if (this.escaped) {
        this.partial.push(byte === ESC_END ? END : byte === ESC_ESC ? ESC : byte);
        this.escaped = false;
      } else if (byte === ESC) {
        this.escaped = true;
      } else {
        this.partial.push(byte);
      }
      if (this.partial.length > MAX_PACKET) this.partial = undefined;
    }
  }
}

/** `packet` between two ENDs, with END and ESC in it replaced. */
export function slipEncode(packet: Uint8Array): Uint8Array {
  let extra = 2;
  for (const byte of packet) if (byte === END || byte === ESC) extra++;
  const out = new Uint8Array(packet.length + extra);
  let at = 0;
  out[at++] = END;
  for (const byte of packet) {
    if (byte === END || byte === ESC) {
      out[at++] = ESC;
      out[at++] = byte === END ? ESC_END : ESC_ESC;
    } else {
      out[at++] = byte;
    }
  }
  out[at] = END;
  return out;
}
