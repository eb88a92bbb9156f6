/**
 * The client's half of RFC 2217 as bytes in, bytes out: negotiates, sends settings, waits for the
 * server's word. Below: telnet.ts. Above: rfc2217.ts, which owns the socket.
 */
import { systemClock, type Clock } from '../core/clock';
import { BoardError } from '../core/errors';
import { Emitter } from '../core/event';
import type { ControlSignals } from './port';
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
import { t } from '../core/words';

/** How long the server may take to acknowledge a setting, ms. */
export const ACKNOWLEDGE_MS = 3000;
/** How long the first change of a line is waited for before the server counts as a silent one, ms. */
const FIRST_LINE_ACKNOWLEDGE_MS = 1000;
/** What a line change on a silent server is given, ms (pyserial's `ign_set_control` waits as long). */
const SILENT_SERVER_MS = 100;
/** A rate the server reports back may differ by this share: a divider cannot hit every rate. */
const BAUD_TOLERANCE = 0.03;

/** Commands of RFC 2217 section 3; the server's answer to each is its number + 100. */
const SET_BAUDRATE = 1;
const SET_DATASIZE = 2;
const SET_PARITY = 3;
const SET_STOPSIZE = 4;
const SET_CONTROL = 5;
const SET_LINESTATE_MASK = 10;
const SET_MODEMSTATE_MASK = 11;
const ANSWER = 100;

/** Values of SET_CONTROL, RFC 2217 section 3. */
const NO_FLOW_CONTROL = 1;
const LINES = { dtr: { on: 8, off: 9 }, rts: { on: 11, off: 12 } } as const;

type Line = keyof typeof LINES;

interface Waiter {
  /** Which answer ends it: the command, or the line for SET_CONTROL. */
  readonly key: number | Line;
  readonly settle: (outcome: { value: number } | { error: BoardError }) => void;
}

export class ComPortClient {
  private readonly decoder = new TelnetDecoder();
  private readonly options: TelnetOptions;
  private readonly data = new Emitter<Uint8Array>();
  private readonly negotiated = new Emitter<void>();
  private waiters: Waiter[] = [];
  private queue: Promise<unknown> = Promise.resolve();
  private ended: BoardError | undefined;
  private answersLines: boolean | undefined;
  private telnet = false;

  /** Bytes from the board, unescaped. */
  readonly onData = this.data.event;

  constructor(
    private readonly send: (bytes: Uint8Array) => void,
    private readonly clock: Clock = systemClock,
  ) {
    const both = [BINARY, SUPPRESS_GO_AHEAD, COM_PORT_OPTION];
    this.options = new TelnetOptions({ us: both, them: [...both, ECHO] }, (bytes) => send(bytes));
  }

  /** True once the server has said anything in telnet. */
  get speaksTelnet(): boolean {
    return this.telnet;
  }

  /** True once COM-PORT-OPTION is agreed on: rates and lines can be set. */
  get hasComPort(): boolean {
    return this.options.isOn(COM_PORT_OPTION);
  }

  /**
   * Asks for binary lines and COM-PORT-OPTION. Resolves true when the server agrees, false when it
   * refuses or has not agreed after `ms`.
   */
  negotiate(ms: number): Promise<boolean> {
    for (const option of [BINARY, SUPPRESS_GO_AHEAD]) {
      this.options.ask('us', option);
      this.options.ask('them', option);
    }
    // RFC 2217 section 2: the client sends WILL; some servers (pyserial's) offer it themselves.
    this.options.ask('us', COM_PORT_OPTION);
    return new Promise((resolve) => {
      const timer = this.clock.after(ms, () => finish(false));
      const heard = this.negotiated.event(() => {
        if (this.hasComPort) finish(true);
        else if (this.options.isRefused(COM_PORT_OPTION)) finish(false);
      });
      const finish = (agreed: boolean): void => {
        timer.dispose();
        heard.dispose();
        resolve(agreed);
      };
    });
  }

  /** Takes in bytes from the socket. */
  received(chunk: Uint8Array): void {
    for (const event of this.decoder.decode(chunk)) {
      if (event.kind === 'data') {
        this.data.fire(event.bytes);
        continue;
      }
      this.telnet = true;
      if (event.kind === 'verb') {
        this.options.heard(event.verb, event.option);
        this.negotiated.fire();
      } else if (event.option === COM_PORT_OPTION) {
        this.answered(event.payload);
      }
    }
  }

  /** `bytes` as they go on the wire: escaped, unless the server turned out to be plain TCP. */
  encode(bytes: Uint8Array): Uint8Array {
    return this.telnet ? escapeData(bytes) : bytes;
  }

  /** 8 data bits, no parity, 1 stop bit, no flow control, `baudRate`; no news about modem lines. */
  async configure(baudRate: number): Promise<void> {
    this.command(SET_DATASIZE, [8]);
    this.command(SET_PARITY, [1]);
    this.command(SET_STOPSIZE, [1]);
    this.command(SET_CONTROL, [NO_FLOW_CONTROL]);
    this.command(SET_LINESTATE_MASK, [0]);
    this.command(SET_MODEMSTATE_MASK, [0]);
    await this.setBaudRate(baudRate);
  }

  /** @throws BoardError port-failed (refused, or no answer in 3 s), port-lost */
  setBaudRate(baudRate: number): Promise<void> {
    return this.inTurn(async () => {
      this.mustHaveComPort(t('baud rate'));
      const answer = this.answerTo(SET_BAUDRATE, ACKNOWLEDGE_MS);
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, baudRate);
      this.command(SET_BAUDRATE, bytes);
      const set = await answer;
      if (Math.abs(set - baudRate) > baudRate * BAUD_TOLERANCE) {
        throw new BoardError('port-failed', `asked for ${baudRate} baud, the server set ${set}`);
      }
    });
  }

  /**
   * Sets the lines named, both in one segment so that they change close together.
   *
   * The order matters on a DevKit, where EN is low while RTS is asserted and DTR is not. When both
   * are cleared, RTS goes first: the other way round passes through (DTR off, RTS on) and resets a
   * running board. In every other change DTR goes first: setting both does not pass through reset
   * either, and on the way from "in reset" to "GPIO0 low" DTR is already there when EN rises.
   * @throws BoardError port-failed (refused, or no answer in 3 s), port-lost
   */
  setSignals(signals: ControlSignals): Promise<void> {
    return this.inTurn(async () => {
      this.mustHaveComPort(t('control lines'));
      const order = lineOrder(signals);
      if (order.length === 0) return;
      const wanted = order.map((line) => LINES[line][signals[line] ? 'on' : 'off']);
      const patience = this.answersLines ? ACKNOWLEDGE_MS : FIRST_LINE_ACKNOWLEDGE_MS;
      const answers =
        this.answersLines === false ? [] : order.map((l) => this.answerTo(l, patience));
      this.send(concat(wanted.map((value) => encodeSub(COM_PORT_OPTION, [SET_CONTROL, value]))));
      if (this.answersLines === false) {
        await this.clock.sleep(SILENT_SERVER_MS);
        return;
      }
      const results = await Promise.allSettled(answers);
      if (this.ended) throw this.ended;
      if (this.answersLines === undefined && results.every((r) => r.status === 'rejected')) {
        // esptool's esp_rfc2217_server runs resets itself and never answers DTR and RTS messages.
        this.answersLines = false;
        return;
      }
      this.answersLines = true;
      results.forEach((result, i) => {
        if (result.status === 'rejected') throw result.reason;
        if (result.value !== wanted[i]) {
          throw new BoardError('port-failed', `the server refused to set ${order[i]}`);
        }
      });
    });
  }

  /** The messages that let go of both lines, for a farewell that waits for nothing. */
  releaseLines(): Uint8Array {
    if (!this.hasComPort) return new Uint8Array(0);
    const off = lineOrder({ dtr: false, rts: false }).map((line) => LINES[line].off);
    return concat(off.map((value) => encodeSub(COM_PORT_OPTION, [SET_CONTROL, value])));
  }

  /** The connection is gone: whoever waits gets `error`. */
  end(error: BoardError): void {
    this.ended ??= error;
    for (const waiter of this.waiters.splice(0)) waiter.settle({ error });
    this.negotiated.fire();
  }

  private answered(payload: Uint8Array): void {
    const command = (payload[0] ?? 0) - ANSWER;
    let key: number | Line = command;
    let value = payload[1] ?? 0;
    if (command === SET_BAUDRATE && payload.length >= 5) {
      value = new DataView(payload.buffer, payload.byteOffset).getUint32(1);
    } else if (command === SET_CONTROL) {
      if (value === LINES.dtr.on || value === LINES.dtr.off) key = 'dtr';
      else if (value === LINES.rts.on || value === LINES.rts.off) key = 'rts';
    }
    const index = this.waiters.findIndex((waiter) => waiter.key === key);
    if (index >= 0) this.waiters.splice(index, 1)[0]?.settle({ value });
  }

  private answerTo(key: number | Line, ms: number): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.ended) {
        reject(this.ended);
        return;
      }
      const timer = this.clock.after(ms, () => {
        this.waiters = this.waiters.filter((other) => other !== waiter);
        reject(new BoardError('port-failed', `the server did not answer "${key}" in ${ms} ms`));
      });
      const waiter: Waiter = {
        key,
        settle: (outcome) => {
          timer.dispose();
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.value);
        },
      };
      this.waiters.push(waiter);
    });
  }

  private command(command: number, payload: ArrayLike<number>): void {
    this.send(encodeSub(COM_PORT_OPTION, [command, ...Array.from(payload)]));
  }

  private mustHaveComPort(what: string): void {
    if (this.ended) throw this.ended;
    if (!this.hasComPort) {
      throw new BoardError('port-failed', `the server has no COM-PORT-OPTION: no ${what}`);
    }
  }

  /** One setting at a time, so that an answer belongs to the question before it. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.queue.then(work);
    this.queue = mine.catch(() => undefined);
    return mine;
  }
}

/** The lines named in `signals`, in the order they are to be sent. */
function lineOrder(signals: ControlSignals): Line[] {
  const clearsBoth = signals.dtr === false && signals.rts === false;
  const order: Line[] = clearsBoth ? ['rts', 'dtr'] : ['dtr', 'rts'];
  return order.filter((line) => signals[line] !== undefined);
}

function concat(parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
