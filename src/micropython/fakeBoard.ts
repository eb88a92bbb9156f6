/**
 * For unit tests: a Port with a scripted MicroPython prompt behind it, byte for byte, no time of its
 * own. Below: port.ts. Above: the tests of this folder and of the operations.
 */
import { Emitter } from '../core/event';
import { BoardError } from '../core/errors';
import type { Port, PortInfo } from '../port/port';

export interface FakeAnswer {
  readonly out?: string | Uint8Array;
  readonly error?: string;
  /** Runs for ever (until enough Ctrl-C). */
  readonly hangs?: boolean;
  /** Resets at once, before the code is acknowledged, and says this. */
  readonly restarts?: string;
}

export interface FakeOptions {
  /** 'paste' answers R 01, 'refuse' R 00, 'old' does not know raw paste (before 1.14). */
  readonly firmware?: 'paste' | 'refuse' | 'old';
  /** What code answers. The prompt's own marks are answered before this is asked. */
  readonly run?: (code: string) => FakeAnswer;
  /** What runs when the port opens: nothing, or a program that swallows this many Ctrl-C. */
  readonly swallows?: number;
  /** No prompt at all: every write is answered with this text. */
  readonly noPrompt?: string;
  /** Printed before every answer of the prompt, as a timer on the board would. */
  readonly chatter?: string;
  readonly window?: number;
  /** Cuts what the board says into packets of this many bytes. */
  readonly packet?: number;
  /** The reader stops raw paste with 0x04 after this many bytes of code. */
  readonly stopsAfter?: number;
}

type Mode = 'friendly' | 'raw' | 'paste' | 'running';

export class FakeBoard implements Port {
  readonly info: PortInfo = { scheme: 'serial', address: '/dev/fake', label: 'fake' };
  readonly baudRate = 115_200;
  private readonly data = new Emitter<Uint8Array>();
  private readonly closing = new Emitter<BoardError | undefined>();
  readonly onData = this.data.event;
  readonly onClose = this.closing.event;
  /** Every write, as it came. */
  readonly writes: Buffer[] = [];
  /** Every piece of code that was run, the prompt's own marks left out. */
  readonly programs: string[] = [];
  mode: Mode;
  /** Largest number of bytes of code ever sent beyond the credit; must stay 0. */
  overrun = 0;
  private line: number[] = [];
  private left: number;
  private credit = 0;
  private sinceGrant = 0;
  private stopped = false;
  private lost = false;
  private wasRaw = false;

  constructor(readonly options: FakeOptions = {}) {
    this.left = options.swallows ?? 0;
    this.mode = options.swallows === undefined ? 'friendly' : 'running';
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.lost) throw new BoardError('port-lost', 'fake port lost');
    this.writes.push(Buffer.from(bytes));
    await Promise.resolve();
    if (this.options.noPrompt !== undefined) return this.say(this.options.noPrompt);
    for (const byte of bytes) this.byte(byte);
  }
  setBaudRate = (): Promise<void> => Promise.resolve();
  setSignals = (): Promise<void> => Promise.resolve();
  close = (): Promise<void> => Promise.resolve();

  /** The cable is pulled. */
  lose(): void {
    this.lost = true;
    this.closing.fire(new BoardError('port-lost', 'fake port lost'));
  }

  /** The board says something on its own. */
  say(text: string | Uint8Array): void {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : Buffer.from(text);
    const size = this.options.packet ?? (bytes.length || 1);
    for (let at = 0; at < bytes.length; at += size) this.data.fire(bytes.subarray(at, at + size));
  }

  private byte(byte: number): void {
    if (this.mode === 'running') {
      if (byte === 0x03 && this.left-- <= 0) this.interrupted();
    } else if (this.mode === 'friendly') this.friendly(byte);
    else if (this.mode === 'raw') this.raw(byte);
    else this.pasted(byte);
  }

  private interrupted(): void {
    this.left = 0;
    const traceback = 'Traceback (most recent call last):\r\nKeyboardInterrupt: \r\n';
    this.mode = this.wasRaw ? 'raw' : 'friendly';
    this.say(this.wasRaw ? `\x04${traceback}\x04>` : `${traceback}>>> `);
  }

  private friendly(byte: number): void {
    if (byte === 0x01) this.enterRaw();
    else if (byte === 0x03 || byte === 0x0d) this.say('\r\n>>> ');
    else if (byte === 0x02) this.say('\r\nMicroPython v1.27.0; ESP32\r\n>>> ');
    else this.line.push(byte);
  }

  private enterRaw(): void {
    this.mode = 'raw';
    this.wasRaw = true;
    this.line = [];
    this.say(`${this.options.chatter ?? ''}raw REPL; CTRL-B to exit\r\n>`);
  }

  private raw(byte: number): void {
    const firmware = this.options.firmware ?? 'paste';
    if (byte === 0x01) {
      const asks = this.line[0] === 0x05 && this.line[1] === 0x41;
      if (!asks || firmware === 'old') return this.enterRaw();
      this.line = [];
      this.say(this.options.chatter ?? '');
      if (firmware === 'refuse') return this.say('R\x00');
      this.mode = 'paste';
      const window = this.options.window ?? 128;
      this.credit = 2 * window;
      this.sinceGrant = 0;
      this.stopped = false;
      this.say(Uint8Array.of(0x52, 1, window & 0xff, window >> 8, 1));
    } else if (byte === 0x02) {
      this.mode = 'friendly';
      this.wasRaw = false;
      this.say('\r\nMicroPython v1.27.0; ESP32\r\n>>> ');
    } else if (byte === 0x03) this.line = [];
    else if (byte === 0x04) this.finish('OK');
    else this.line.push(byte);
  }

  private pasted(byte: number): void {
    if (byte === 0x04) return this.finish(this.stopped ? '' : '\x04');
    if (byte === 0x03) {
      this.mode = 'raw';
      return this.say('\x04\x04KeyboardInterrupt: \r\n\x04>');
    }
    if (this.stopped) return;
    this.line.push(byte);
    if (--this.credit < 0) this.overrun = Math.max(this.overrun, -this.credit);
    if (this.line.length === this.options.stopsAfter) {
      this.stopped = true;
      return this.say('\x04');
    }
    if (++this.sinceGrant < (this.options.window ?? 128)) return;
    this.sinceGrant = 0;
    this.credit += this.options.window ?? 128;
    this.say('\x01');
  }

  private finish(prefix: string): void {
    const code = Buffer.from(this.line).toString('utf8');
    this.line = [];
    this.mode = 'raw';
    const mark = /parley %d\.'%(\d+)/.exec(code);
    if (mark) return this.say(`${prefix}parley ${mark[1]}.\x04\x04>`);
    this.programs.push(code);
    const answer = this.options.run?.(code) ?? {};
    if (answer.restarts !== undefined) {
      this.mode = 'running';
      return this.say(answer.restarts);
    }
    this.say(prefix + (this.options.chatter ?? ''));
    this.say(answer.out ?? '');
    if (answer.hangs) this.mode = 'running';
    else this.say(`\x04${answer.error ?? ''}\x04>`);
  }
}
