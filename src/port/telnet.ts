/**
 * Telnet as bytes in, bytes out (RFC 854): takes a stream apart and puts messages together.
 * Below: nothing. Above: rfc2217.ts. It knows no socket, no time and no meaning of an option.
 */

const SE = 240;
const SB = 250;
const IAC = 255;

/** The four verbs of option negotiation, RFC 854. */
export const WILL = 251;
export const WONT = 252;
export const DO = 253;
export const DONT = 254;

export type TelnetVerb = typeof WILL | typeof WONT | typeof DO | typeof DONT;

/** Telnet options this project speaks: RFC 856, RFC 857, RFC 858, RFC 2217. */
export const BINARY = 0;
export const ECHO = 1;
export const SUPPRESS_GO_AHEAD = 3;
export const COM_PORT_OPTION = 44;

export type TelnetEvent =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'verb'; readonly verb: TelnetVerb; readonly option: number }
  | { readonly kind: 'sub'; readonly option: number; readonly payload: Uint8Array };

/** Longest subnegotiation kept, in bytes; what is longer is a broken peer and is cut. */
const MAX_SUBNEGOTIATION = 4096;

type State = 'data' | 'iac' | 'verb' | 'sub' | 'sub-iac';

/** Takes a telnet byte stream apart; remembers what is unfinished between two chunks. */
export class TelnetDecoder {
  private state: State = 'data';
  private verb: TelnetVerb = WILL;
  private sub: number[] = [];

  /** The events of `chunk`, in order. Data of one run comes as one event, never empty. */
  decode(chunk: Uint8Array): TelnetEvent[] {
    const events: TelnetEvent[] = [];
    let data = new Uint8Array(chunk.length);
    let length = 0;
    const endData = (): void => {
      if (length > 0) events.push({ kind: 'data', bytes: data.slice(0, length) });
      data = new Uint8Array(chunk.length);
      length = 0;
    };
    for (const byte of chunk) {
      switch (this.state) {
        case 'data':
          if (byte === IAC) this.state = 'iac';
          else data[length++] = byte;
          break;
        case 'iac':
          if (byte === IAC) {
            data[length++] = IAC;
            this.state = 'data';
          } else if (byte >= WILL && byte <= DONT) {
            this.verb = byte as TelnetVerb;
            this.state = 'verb';
          } else {
            // NOP, AYT and the like carry nothing for a serial line.
            this.sub = [];
            this.state = byte === SB ? 'sub' : 'data';
          }
          break;
        case 'verb':
          endData();
          events.push({ kind: 'verb', verb: this.verb, option: byte });
          this.state = 'data';
          break;
        case 'sub':
          if (byte === IAC) this.state = 'sub-iac';
          else this.keep(byte);
          break;
        case 'sub-iac':
          if (byte === IAC) {
            this.keep(IAC);
            this.state = 'sub';
          } else {
            // SE ends it; anything else is a protocol error and ends it too.
            if (byte === SE && this.sub.length > 0) {
              endData();
              const [option = 0, ...payload] = this.sub;
              events.push({ kind: 'sub', option, payload: Uint8Array.from(payload) });
            }
            this.sub = [];
            this.state = 'data';
          }
          break;
      }
    }
    endData();
    return events;
  }

  private keep(byte: number): void {
    if (this.sub.length < MAX_SUBNEGOTIATION) this.sub.push(byte);
  }
}

/** `bytes` with every 0xFF doubled, as data travels over telnet; the same array if there is none. */
export function escapeData(bytes: Uint8Array): Uint8Array {
  let count = 0;
  for (const byte of bytes) if (byte === IAC) count++;
  if (count === 0) return bytes;
  const out = new Uint8Array(bytes.length + count);
  let at = 0;
  for (const byte of bytes) {
    out[at++] = byte;
    if (byte === IAC) out[at++] = IAC;
  }
  return out;
}

/** `IAC verb option`. */
export function encodeVerb(verb: TelnetVerb, option: number): Uint8Array {
  return Uint8Array.of(IAC, verb, option);
}

/** `IAC SB option payload IAC SE`, with 0xFF in the payload doubled. */
export function encodeSub(option: number, payload: ArrayLike<number>): Uint8Array {
  return Uint8Array.of(IAC, SB, option, ...escapeData(Uint8Array.from(payload)), IAC, SE);
}

/**
 * The options of one connection, both directions. Asks once, answers what the peer asks, and never
 * answers an answer, so that two polite peers cannot loop (RFC 854; the idea of RFC 1143).
 */
export class TelnetOptions {
  private readonly us = new Map<number, 'asked' | 'on' | 'off'>();
  private readonly them = new Map<number, 'asked' | 'on' | 'off'>();

  /**
   * @param willing options we do when asked, and let the peer do
   * @param send puts a message on the wire
   */
  constructor(
    private readonly willing: { us: readonly number[]; them: readonly number[] },
    private readonly send: (bytes: Uint8Array) => void,
  ) {}

  /** Offers to do, or asks the peer to do, `option`; once. */
  ask(side: 'us' | 'them', option: number): void {
    const table = this[side];
    if (table.has(option)) return;
    table.set(option, 'asked');
    this.send(encodeVerb(side === 'us' ? WILL : DO, option));
  }

  /** Takes in what the peer said and answers where an answer is due. */
  heard(verb: TelnetVerb, option: number): void {
    // DO and DONT speak of our side, WILL and WONT of theirs.
    const side = verb === DO || verb === DONT ? 'us' : 'them';
    const table = this[side];
    const before = table.get(option);
    if (verb === DO || verb === WILL) {
      if (before === 'on') return;
      const agree = before === 'asked' || this.willing[side].includes(option);
      if (agree) table.set(option, 'on');
      if (before === 'asked') return;
      if (side === 'us') this.send(encodeVerb(agree ? WILL : WONT, option));
      else this.send(encodeVerb(agree ? DO : DONT, option));
    } else {
      table.set(option, 'off');
      if (before === 'on') this.send(encodeVerb(side === 'us' ? WONT : DONT, option));
    }
  }

  /** True when either side has agreed to `option`. */
  isOn(option: number): boolean {
    return this.us.get(option) === 'on' || this.them.get(option) === 'on';
  }

  /** True when every side that was asked for `option` has said no. */
  isRefused(option: number): boolean {
    const said = [this.us.get(option), this.them.get(option)].filter((s) => s !== undefined);
    return said.length > 0 && said.every((s) => s === 'off');
  }
}
