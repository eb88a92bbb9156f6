/**
 * The server's half of RFC 2217 as bytes in, bytes out: what a client asks of a line is done to a port
 * that is open here, and answered with what is so then. Frames are 8 data bits, no parity, 1 stop bit.
 * Below: telnet.ts, a Port. Above: shareServer.ts, which owns the socket.
 */
import type { ControlSignals, Port } from './port';
import {
  BINARY,
  COM_PORT_OPTION,
  ECHO,
  SUPPRESS_GO_AHEAD,
  TelnetDecoder,
  TelnetOptions,
  encodeSub,
  escapeData,
} from './telnet';

/** Commands of RFC 2217 section 3; the answer to each is its number + 100. */
const SIGNATURE = 0;
const SET_BAUDRATE = 1;
const SET_DATASIZE = 2;
const SET_PARITY = 3;
const SET_STOPSIZE = 4;
const SET_CONTROL = 5;
const FLOWCONTROL_SUSPEND = 8;
const FLOWCONTROL_RESUME = 9;
const SET_LINESTATE_MASK = 10;
const SET_MODEMSTATE_MASK = 11;
const PURGE_DATA = 12;
const ANSWER = 100;

/** What a line is, whatever is asked for: 8 bits, no parity, 1 stop bit (RFC 2217's numbers). */
const FRAME: Readonly<Record<number, number>> = {
  [SET_DATASIZE]: 8,
  [SET_PARITY]: 1,
  [SET_STOPSIZE]: 1,
};

/** Values of SET_CONTROL for a line: [asked for, on, off]. */
const LINES = { dtr: [7, 8, 9], rts: [10, 11, 12] } as const;
/** No flow control; break is off. */
const NO_FLOW_CONTROL = 1;
const BREAK_OFF = 6;
const BREAK = [4, 5, 6];

/** What a client that reads nothing may leave unsent, bytes; the oldest goes then. */
const MOST_HELD = 1024 * 1024;

export class ComPortServer {
  private readonly decoder = new TelnetDecoder();
  private readonly options: TelnetOptions;
  private readonly lines = { dtr: false, rts: false };
  private queue: Promise<void> = Promise.resolve();
  private held: Uint8Array[] | undefined;
  private heldBytes = 0;

  /**
   * @param port what is asked is done to it; its rate is left as the client set it
   * @param failed hears of a port that is gone
   */
  constructor(
    private readonly port: Port,
    private readonly send: (bytes: Uint8Array) => void,
    private readonly failed: (error: unknown) => void,
  ) {
    const both = [BINARY, SUPPRESS_GO_AHEAD, COM_PORT_OPTION];
    this.options = new TelnetOptions({ us: [...both, ECHO], them: both }, send);
  }

  /** Bytes of the board, for the client. */
  fromPort(bytes: Uint8Array): void {
    if (!this.held) return this.send(escapeData(bytes));
    this.held.push(bytes);
    this.heldBytes += bytes.length;
    while (this.heldBytes > MOST_HELD) this.heldBytes -= this.held.shift()?.length ?? Infinity;
  }

  /** Bytes from the socket. What they ask for happens in their order. */
  received(chunk: Uint8Array): void {
    let signals: { -readonly [K in keyof ControlSignals]: boolean } | undefined;
    let answers: number[] = [];
    // Lines that change in one message change together: a reset depends on it.
    const flush = (): void => {
      if (!signals) return;
      const [wanted, told] = [signals, answers];
      [signals, answers] = [undefined, []];
      this.then(async () => {
        await this.port.setSignals(wanted);
        Object.assign(this.lines, wanted);
        for (const value of told) this.answer(SET_CONTROL, [value]);
      });
    };
    for (const event of this.decoder.decode(chunk)) {
      const line = event.kind === 'sub' ? lineOf(event.option, event.payload) : undefined;
      if (line) {
        // The same line twice is two changes.
        if (signals && line.name in signals) flush();
        signals = { ...signals, [line.name]: line.on };
        answers.push(line.value);
        continue;
      }
      flush();
      if (event.kind === 'data') this.then(() => this.port.write(event.bytes));
      else if (event.kind === 'verb') this.options.heard(event.verb, event.option);
      else if (event.option === COM_PORT_OPTION) this.asked(event.payload);
    }
    flush();
  }

  private asked(payload: Uint8Array): void {
    const [command = -1, value = 0] = payload;
    switch (command) {
      case SIGNATURE:
        return this.answer(SIGNATURE, [...Buffer.from('Parley')]);
      case SET_BAUDRATE: {
        const [, a = 0, b = 0, c = 0, d = 0] = payload;
        const rate = a * 2 ** 24 + (b << 16) + (c << 8) + d;
        return this.then(async () => {
          // A rate that is refused is answered with the one that stays; 0 only asks.
          if (rate > 0) await this.port.setBaudRate(rate).catch(() => undefined);
          const now = Buffer.alloc(4);
          now.writeUInt32BE(this.port.baudRate);
          this.answer(SET_BAUDRATE, now);
        });
      }
      case SET_DATASIZE:
      case SET_PARITY:
      case SET_STOPSIZE:
        return this.answer(command, [FRAME[command]!]);
      case SET_CONTROL: {
        const line = Object.entries(LINES).find(([, [ask]]) => ask === value);
        if (!line)
          return this.answer(command, [BREAK.includes(value) ? BREAK_OFF : NO_FLOW_CONTROL]);
        const [name, [, on, off]] = line;
        return this.then(() =>
          this.answer(command, [this.lines[name as 'dtr' | 'rts'] ? on : off]),
        );
      }
      case FLOWCONTROL_SUSPEND:
        this.held ??= [];
        return;
      case FLOWCONTROL_RESUME: {
        const held = this.held ?? [];
        [this.held, this.heldBytes] = [undefined, 0];
        return held.forEach((bytes) => this.fromPort(bytes));
      }
      case PURGE_DATA:
        if (value !== 2 && this.held) [this.held, this.heldBytes] = [[], 0];
        return this.answer(command, [value]);
      case SET_LINESTATE_MASK:
      case SET_MODEMSTATE_MASK:
        // Nothing of these is ever told.
        return this.answer(command, [0]);
    }
  }

  private answer(command: number, value: ArrayLike<number>): void {
    this.send(encodeSub(COM_PORT_OPTION, [command + ANSWER, ...Array.from(value)]));
  }

  private then(work: () => Promise<void> | void): void {
    this.queue = this.queue.then(work).catch(this.failed);
  }
}

/** A change of a line, or undefined for anything else. */
function lineOf(option: number, [command, value = -1]: Uint8Array) {
  if (option !== COM_PORT_OPTION || command !== SET_CONTROL) return undefined;
  for (const [name, [, on, off]] of Object.entries(LINES)) {
    if (value === on || value === off)
      return { name: name as 'dtr' | 'rts', on: value === on, value };
  }
  return undefined;
}
