/**
 * The server's side of telnet with the COM port option: bytes in, bytes and events out.
 * Below: nothing. Above: rfc2217Server.ts has the sockets. Written apart from the host's own client,
 * so that one can testify against the other.
 *
 * Sources: RFC 854 (telnet), RFC 856 (BINARY), RFC 857 (ECHO), RFC 858 (SGA), RFC 1143 (no loops in
 * negotiation), RFC 2217 (COM port control).
 */
const SE = 240;
const SB = 250;
const WILL = 251;
const WONT = 252;
const DO = 253;
const DONT = 254;
const IAC = 255;

const BINARY = 0;
const ECHO = 1;
const SGA = 3;
const COM_PORT = 44;

/** Options that this side does when asked, and that it lets the other side do. */
const OURS: ReadonlySet<number> = new Set([BINARY, ECHO, SGA, COM_PORT]);
const THEIRS: ReadonlySet<number> = new Set([BINARY, SGA, COM_PORT]);

/** A subcommand longer than this is none of RFC 2217's (a signature is text of a line). */
const LONGEST_SUBCOMMAND = 1024;
/** RFC 2217: the server's answer bears the client's number and 100. */
const ANSWER = 100;
/** CTS and DSR are on: a board that needs no handshake (RFC 2217, modem state bits). */
const MODEM_STATE = 0x30;
/** Transmit holding and shift register empty (RFC 2217, line state bits). */
const LINE_STATE = 0x60;

const LOWEST_BAUD = 50;
const HIGHEST_BAUD = 5_000_000;

/** What the session asks of the serial port behind it. */
export interface ComPort {
  /** What SIGNATURE answers. */
  readonly signature: string;
  /** Bits per second; 0 never comes. */
  setBaudRate(rate: number): void;
  baudRate(): number;
  setLines(lines: { readonly dtr: boolean; readonly rts: boolean }): void;
  /** True: the line to the board is held low (SET-CONTROL, break). */
  setBreak(on: boolean): void;
  /** Bytes of the client for the board. */
  receive(bytes: Uint8Array): void;
  purge(what: { readonly toHost: boolean; readonly toBoard: boolean }): void;
  /** True: the client asks for silence (FLOWCONTROL-SUSPEND). */
  setSuspended(suspended: boolean): void;
}

type State = 'data' | 'iac' | 'option' | 'sub' | 'sub-iac';

export class TelnetSession {
  private state: State = 'data';
  private verb = 0;
  private sub: number[] = [];
  private afterReturn = false;
  private readonly usOn = new Set<number>();
  private readonly themOn = new Set<number>();
  private readonly usAsked = new Set<number>();
  private readonly themAsked = new Set<number>();
  private dtr = false;
  private rts = false;
  private breaking = false;
  private settings = { data: 8, parity: 1, stop: 1, flowOut: 1, flowIn: 14 };
  private told = false;

  /** @param send takes bytes that go to the client as they are */
  constructor(
    private readonly port: ComPort,
    private readonly send: (bytes: Uint8Array) => void,
  ) {}

  /** Says what this side would like; call once, first. */
  start(): void {
    for (const option of [BINARY, SGA, COM_PORT]) {
      this.usAsked.add(option);
      this.say(WILL, option);
    }
    for (const option of [BINARY, SGA, COM_PORT]) {
      this.themAsked.add(option);
      this.say(DO, option);
    }
  }

  /** `bytes` of the board as the client must get them: 0xFF doubled. */
  encode(bytes: Uint8Array): Uint8Array {
    if (!bytes.includes(IAC)) return bytes;
    return Uint8Array.from([...bytes].flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte])));
  }

  /** Bytes from the client. Data before a command takes effect before it. */
  receive(bytes: Uint8Array): void {
    let data: number[] = [];
    const flush = (): void => {
      if (data.length > 0) this.port.receive(Uint8Array.from(data));
      data = [];
    };
    for (const byte of bytes) {
      switch (this.state) {
        case 'data':
          if (byte === IAC) this.state = 'iac';
          else if (!this.isFiller(byte)) data.push(byte);
          break;
        case 'iac':
          this.state = 'data';
          if (byte === IAC) data.push(IAC);
          else if (byte === SB) {
            this.sub = [];
            this.state = 'sub';
          } else if (byte >= WILL && byte <= DONT) {
            this.verb = byte;
            this.state = 'option';
          }
          break;
        case 'option':
          this.state = 'data';
          this.negotiate(this.verb, byte);
          break;
        case 'sub':
          if (byte === IAC) this.state = 'sub-iac';
          else if (this.sub.length < LONGEST_SUBCOMMAND) this.sub.push(byte);
          break;
        case 'sub-iac':
          if (byte === IAC) {
            this.state = 'sub';
            this.sub.push(IAC);
          } else {
            this.state = 'data';
            flush();
            if (byte === SE && this.sub[0] === COM_PORT) {
              // pyserial takes an offer that comes while it is about to make its own for the answer
              // to it, and says nothing: its first subcommand is then the sign that it understands.
              this.tellModemState();
              this.command(this.sub[1], this.sub.slice(2));
            }
          }
          break;
      }
    }
    flush();
  }

  /** The client is gone: both lines are let go in the same moment, the break ends. */
  end(): void {
    if (this.breaking) this.port.setBreak(false);
    this.dtr = this.rts = this.breaking = false;
    this.port.setLines({ dtr: false, rts: false });
  }

  /** Without BINARY a client writes CR as CR NUL (RFC 854); the NUL is no data. */
  private isFiller(byte: number): boolean {
    const filler = byte === 0 && this.afterReturn && !this.themOn.has(BINARY);
    this.afterReturn = byte === 13;
    return filler;
  }

  private say(verb: number, option: number): void {
    this.send(Uint8Array.of(IAC, verb, option));
  }

  /** Answers only what changes something, so that two sides never answer each other for ever. */
  private negotiate(verb: number, option: number): void {
    const us = verb === DO || verb === DONT;
    const [on, asked, may] = us
      ? [this.usOn, this.usAsked, OURS]
      : [this.themOn, this.themAsked, THEIRS];
    const [yes, no] = us ? [WILL, WONT] : [DO, DONT];
    const waited = asked.delete(option);
    if (verb === DO || verb === WILL) {
      if (on.has(option)) return;
      if (!may.has(option)) return this.say(no, option);
      on.add(option);
      if (!waited) this.say(yes, option);
      if (option === COM_PORT) this.tellModemState();
    } else if (on.delete(option)) this.say(no, option);
  }

  /** Once, when the client is known to understand: some never ask, and wait for it. */
  private tellModemState(): void {
    if (this.told) return;
    this.told = true;
    this.answer(7, [MODEM_STATE]);
  }

  private answer(command: number, value: readonly number[]): void {
    const escaped = value.flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte]));
    this.send(Uint8Array.from([IAC, SB, COM_PORT, command + ANSWER, ...escaped, IAC, SE]));
  }

  private command(command: number | undefined, value: number[]): void {
    const byte = value[0] ?? 0;
    switch (command) {
      case 0: // SIGNATURE: a text is the client's own, none asks for ours
        if (value.length === 0) this.answer(0, [...Buffer.from(this.port.signature)]);
        return;
      case 1:
        return this.setBaudRate(value);
      case 2: // SET-DATASIZE; 0 asks
        if (byte >= 5 && byte <= 8) this.settings.data = byte;
        return this.answer(2, [this.settings.data]);
      case 3: // SET-PARITY
        if (byte >= 1 && byte <= 5) this.settings.parity = byte;
        return this.answer(3, [this.settings.parity]);
      case 4: // SET-STOPSIZE
        if (byte >= 1 && byte <= 3) this.settings.stop = byte;
        return this.answer(4, [this.settings.stop]);
      case 5:
        return this.answer(5, [this.control(byte)]);
      case 6: // NOTIFY-LINESTATE as a question
        return this.answer(6, [LINE_STATE]);
      case 7: // NOTIFY-MODEMSTATE as a question
        return this.answer(7, [MODEM_STATE]);
      case 8:
        return this.port.setSuspended(true);
      case 9:
        return this.port.setSuspended(false);
      case 10: // SET-LINESTATE-MASK, SET-MODEMSTATE-MASK: nothing changes that could be told
      case 11:
        return this.answer(command, [byte]);
      case 12:
        this.port.purge({ toHost: (byte & 1) !== 0, toBoard: (byte & 2) !== 0 });
        return this.answer(12, [byte]);
    }
  }

  /** SET-BAUDRATE, four bytes, the highest first; 0 asks. What is impossible changes nothing. */
  private setBaudRate(value: number[]): void {
    if (value.length < 4) return;
    const rate = Buffer.from(value).readUInt32BE(0);
    if (rate >= LOWEST_BAUD && rate <= HIGHEST_BAUD) this.port.setBaudRate(rate);
    const now = Buffer.alloc(4);
    now.writeUInt32BE(this.port.baudRate());
    this.answer(1, [...now]);
  }

  /** SET-CONTROL: does it, and says what holds now. */
  private control(value: number): number {
    switch (value) {
      case 4: // break state?
        return this.breaking ? 5 : 6;
      case 5:
      case 6:
        this.breaking = value === 5;
        this.port.setBreak(this.breaking);
        return value;
      case 7: // DTR?
        return this.dtr ? 8 : 9;
      case 8:
      case 9:
        this.dtr = value === 8;
        break;
      case 10: // RTS?
        return this.rts ? 11 : 12;
      case 11:
      case 12:
        this.rts = value === 11;
        break;
      case 13: // inbound flow control?
        return this.settings.flowIn;
      case 14:
      case 15:
      case 16:
      case 18:
        this.settings.flowIn = value;
        return value;
      case 1:
      case 2:
      case 3:
      case 17:
      case 19:
        this.settings.flowOut = value;
        return value;
      default: // 0, outbound flow control?, and what RFC 2217 does not know
        return this.settings.flowOut;
    }
    this.port.setLines({ dtr: this.dtr, rts: this.rts });
    return value;
  }
}
