/**
 * The raw prompt: the one owner of the prompt's mode while a host program works with a board.
 * Below: a Port's bytes. Above: filesystem.ts, transfer.ts and the operations, through `exec` alone.
 * Protocol: MicroPython docs, reference/repl ("Raw mode and raw-paste mode").
 */
import { systemClock, type Clock } from '../core/clock';
import { BoardError, isBoardError, type ErrorDetails } from '../core/errors';
import type { Disposable } from '../core/event';
import { orCancelled, quietJob, throwIfCancelled, type Job } from '../core/job';
import { silentLog, type Log } from '../core/log';
import type { Port } from '../port/port';
import type { Faster } from './fasterLine';
import { Inbox } from './inbox';
import { seekPrompt } from './seekPrompt';
import { damagedAnswer, isException, lastLine } from './traceback';
import { wholeLength } from './utf8';

export interface EnterOptions {
  /** For the whole entry, in ms. Default 10 s. */
  readonly deadlineMs?: number;
  readonly clock?: Clock;
  readonly log?: Log;
  /** A rate that carrying files may try, for as long as it takes. */
  readonly faster?: () => Faster | undefined;
  /** Never: a soft reset runs boot.py, and a boot.py that loops for ever would lock us out. */
  readonly softReset?: false;
}

export interface ExecOptions {
  /** Gets what the code prints as it comes, cut between characters, never inside one. */
  readonly onOutput?: (bytes: Uint8Array) => void;
  /** For the whole call, in ms. Default: no limit; the job cancels. */
  readonly timeoutMs?: number;
  /** Longest silence while the code runs, in ms. Default: no limit. */
  readonly idleMs?: number;
  /** false: do not keep what is printed; `exec` then resolves to ''. Default true. */
  readonly collect?: boolean;
}

/** What a program on the board and {@link RawRepl.converse} have between them. */
export interface Line {
  readonly inbox: Inbox;
  readonly clock: Clock;
  /** Bits per second now. */
  readonly baudRate: number;
  /** For this conversation; the rate before comes back at its end. @throws BoardError as Port's */
  setBaudRate(baudRate: number): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  /** To be shown what came unexpectedly. @throws BoardError prompt-timeout when the board restarted */
  look(bytes: Uint8Array): void;
}

const CTRL_A = 0x01;
const CTRL_C = 0x03;
const CTRL_D = 0x04;
const CTRL_E = 0x05;

/** Time for an answer of the prompt itself (not of user code). */
const HANDSHAKE_MS = 3000;
/** Longest time a board may take no code while it is being sent (it may be compiling or collecting). */
const STALL_MS = 10_000;
/** Time to find the prompt again after a stop. Then 'cancelled' says details.prompt 'lost'. */
const RECOVER_MS = 5000;
/** Plain raw mode has no flow control: mpremote's figures, which a 1.13 board keeps up with. */
const PLAIN_PIECE = 256;
const PLAIN_PAUSE_MS = 10;
/** Time for code to end when its conversation is over: it may still write, or wait out a deadline. */
const END_MS = 15_000;
const RAW_BANNER = Buffer.from('raw REPL; CTRL-B to exit\r\n>');
/** What the ROM says after a reset. No user code survives that. */
const resetLine = /rst:0x[0-9a-f]+ \(\w+\),boot:0x/;

export class RawRepl {
  private readonly inbox: Inbox;
  private paste: boolean | undefined;
  private busy = false;
  /** Code has been sent and has not ended. */
  private running = false;
  private inSync = false;
  /** The last that came while code was sent or ran, to see a restart in. */
  private tail = '';

  private constructor(
    private readonly port: Port,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly rates: () => Faster | undefined,
  ) {
    this.inbox = new Inbox(port, clock);
  }

  /**
   * Stops whatever runs on the board and takes the prompt, without a reset.
   * @throws BoardError prompt-timeout; no-micropython (the ROM's boot loop, or nothing at all);
   *   both with details { seen, reason }; cancelled; port-lost
   */
  static async enter(port: Port, options: EnterOptions, job: Job): Promise<RawRepl> {
    const { clock = systemClock, log = silentLog, faster = () => undefined } = options;
    const repl = new RawRepl(port, clock, log, faster);
    try {
      await repl.synchronise(options.deadlineMs ?? 10_000, job.signal);
      return repl;
    } catch (error) {
      // A Ctrl-A may still be on its way to a busy board: do not leave it in raw mode.
      if (!isBoardError(error, 'port-lost')) await repl.leave();
      repl.inbox.dispose();
      throw error;
    }
  }

  /** True when the board takes code with flow control (1.14 and later). Known after the first exec. */
  get rawPaste(): boolean {
    return this.paste ?? false;
  }

  /** Bits per second of the line below; what a transfer may be measured against. */
  get baudRate(): number {
    return this.port.baudRate;
  }

  /** A faster rate that may be tried now; undefined where there is none. */
  get faster(): Faster | undefined {
    const faster = this.rates();
    return faster && faster.baudRate > this.port.baudRate ? faster : undefined;
  }

  /**
   * Runs `code` and resolves to what it printed. Reports bytes of code sent to the job's progress.
   * Cancelling the job stops the code and finds the prompt again before it rejects.
   * @throws BoardError python-error details { traceback }; cancelled details { prompt: 'back' or
   *   'lost' }; prompt-timeout details { seen, reason: 'reset' when the board restarted }; port-lost;
   *   board-busy when another exec is still running; unsupported when the code holds control
   *   characters that the prompt takes as commands
   */
  async exec(code: string, job: Job, options: ExecOptions = {}): Promise<string> {
    return this.alone(code, job, (bytes) => this.run(bytes, job, options));
  }

  /** `work` with the prompt to itself, and in step. Finds the prompt again after a stop. */
  private async alone<T>(code: string, job: Job, work: (bytes: Buffer) => Promise<T>): Promise<T> {
    if (this.busy) throw new BoardError('board-busy', 'the prompt is already running code');
    // Nothing and a Ctrl-D is a soft reset in plain raw mode (MicroPython, shared/runtime/pyexec.c).
    const bytes = Buffer.from(code.trim() === '' ? 'pass' : code, 'utf8');
    if (bytes.some((byte) => byte >= CTRL_A && byte <= CTRL_E)) {
      throw new BoardError('unsupported', 'code with a control character (0x01 to 0x05) in it');
    }
    throwIfCancelled(job);
    this.busy = true;
    try {
      if (!this.inSync) await this.synchronise(RECOVER_MS, job.signal);
      return await work(bytes).catch(async (error: unknown) => {
        const restarted = isBoardError(error, 'prompt-timeout') && error.details.reason === 'reset';
        const stoppable = isBoardError(error, 'cancelled') || isBoardError(error, 'prompt-timeout');
        throw stoppable && !restarted ? await this.recovered(error) : error;
      });
    } finally {
      this.busy = false;
    }
  }

  /**
   * Runs `code`, which speaks with `talk` over the line itself, byte for byte. `talk` has to bring
   * the code to its end whatever happens, a cancelled job too: Ctrl-C may be off meanwhile. Where it
   * does not, the prompt is looked for.
   * @throws BoardError what `talk` throws, but python-error details { traceback } where the code
   *   raised; port-lost; prompt-timeout
   */
  async converse<T>(code: string, job: Job, talk: (line: Line) => Promise<T>): Promise<T> {
    return this.alone(code, job, async (bytes) => {
      this.tail = '';
      const quiet = quietJob();
      await this.send(bytes, { ...quiet, signal: job.signal });
      const { inbox, clock, port } = this;
      const usual = port.baudRate;
      const line: Line = {
        inbox,
        clock,
        get baudRate() {
          return port.baudRate;
        },
        setBaudRate: (rate) => port.setBaudRate(rate),
        write: (data) => port.write(data),
        look: (seen) => this.noticeReset(seen),
      };
      const outcome = await talk(line).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      const lost = 'error' in outcome && isBoardError(outcome.error, 'port-lost');
      if (!lost && port.baudRate !== usual) await port.setBaudRate(usual);
      try {
        if (!lost && this.inSync) {
          await this.receive(clock.now() + END_MS, quiet, { collect: false });
        }
      } finally {
        // What was said to end it may lie half-read at the prompt.
        if ('error' in outcome) this.inSync = false;
      }
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    });
  }

  /**
   * Sends Ctrl-C to the code that runs; its `exec` then rejects with python-error
   * (KeyboardInterrupt), unless the code catches it.
   * @throws BoardError port-lost
   */
  async interrupt(): Promise<void> {
    await this.port.write(Uint8Array.of(CTRL_C));
  }

  /**
   * Hands bytes to the code that runs, as its input: what a person types. Dropped where none runs.
   * @throws BoardError port-lost
   */
  async type(bytes: Uint8Array): Promise<void> {
    if (this.running) await this.port.write(bytes);
  }

  /** Back to the friendly prompt. Never a soft reset, never throws; waits 1 s at the most. */
  async leave(): Promise<void> {
    try {
      this.inbox.take();
      await this.port.write(Uint8Array.of(0x0d, 0x02));
      const { signal } = quietJob();
      if (this.inSync) {
        await this.inbox.skipPast(Buffer.from('>>> '), this.clock.now() + 1000, signal);
      }
    } catch (error) {
      this.log.debug(`leaving the raw prompt: ${String(error)}`);
    } finally {
      this.inSync = false;
      this.inbox.dispose();
    }
  }

  private async synchronise(deadlineMs: number, signal: AbortSignal): Promise<void> {
    this.inSync = false;
    const end = this.clock.now() + deadlineMs;
    const write = (bytes: Uint8Array): Promise<void> => this.writeBefore(end, bytes, signal);
    await seekPrompt({ inbox: this.inbox, clock: this.clock, write, deadlineMs, signal });
    this.inSync = true;
  }

  /** After a stop or a timeout: the prompt again if it can be had, and the error says whether. */
  private async recovered(error: BoardError): Promise<BoardError> {
    const say = (prompt: 'back' | 'lost', cause?: unknown): BoardError => {
      const details: ErrorDetails = { ...error.details, prompt };
      return new BoardError(error.code, error.message, { details, cause });
    };
    try {
      await this.synchronise(RECOVER_MS, quietJob().signal);
      return say('back');
    } catch (cause) {
      if (isBoardError(cause, 'port-lost')) return cause;
      this.log.warn(`the prompt did not come back: ${String(cause)}`);
      return say('lost', cause);
    }
  }

  private async run(code: Buffer, job: Job, options: ExecOptions): Promise<string> {
    this.tail = '';
    try {
      const end = this.clock.now() + (options.timeoutMs ?? Infinity);
      await this.send(code, job);
      this.running = true;
      return await this.receive(end, job, options);
    } catch (error) {
      this.running = false;
      const restarted = isBoardError(error, 'prompt-timeout') && error.details.reason === 'reset';
      const stoppable = isBoardError(error, 'cancelled') || isBoardError(error, 'prompt-timeout');
      throw stoppable && !restarted ? await this.recovered(error) : error;
    }
  }

  /** Sends code and starts it, with flow control where the board has it. */
  private async send(code: Buffer, job: Job): Promise<void> {
    if (this.paste !== false) {
      const window = await this.askForRawPaste(job.signal);
      if (this.paste === undefined) this.log.debug(`raw paste window: ${window ?? 'none'}`);
      this.paste = window !== undefined;
      if (window !== undefined) return this.sendPasted(code, window, job);
    }
    return this.sendPlain(code, job);
  }

  /** The window of raw paste in bytes, or undefined when the firmware does not know it. */
  private async askForRawPaste(signal: AbortSignal): Promise<number | undefined> {
    this.inbox.take();
    await this.write(Uint8Array.of(CTRL_E, 0x41, CTRL_A), signal);
    const end = this.clock.now() + HANDSHAKE_MS;
    // Searched for, not expected at the first byte: a timer on the board may print in between.
    let answer = Buffer.alloc(0);
    while (await this.inbox.ready(end, signal)) {
      answer = Buffer.concat([answer, this.inbox.take()]);
      const yes = answer.indexOf('R\x01', 0, 'latin1');
      if (yes >= 0 && answer.length >= yes + 4) {
        this.inbox.putBack(answer.subarray(yes + 4));
        return answer.readUInt16LE(yes + 2);
      }
      const no = answer.indexOf('R\x00', 0, 'latin1');
      const old = answer.indexOf(RAW_BANNER);
      if (yes < 0 && (no >= 0 || old >= 0)) {
        this.inbox.putBack(answer.subarray(no >= 0 ? no + 2 : old + RAW_BANNER.length));
        return undefined;
      }
      if (this.clock.now() >= end) break;
    }
    throw this.timeout('the prompt did not answer', answer);
  }

  /** Raw paste: the board grants credit, a window for each 0x01; 0x04 from it means stop. */
  private async sendPasted(code: Buffer, window: number, job: Job): Promise<void> {
    let credit = window;
    let sent = 0;
    let stopped = false;
    const readCredit = (): void => {
      const answer = this.inbox.take();
      this.noticeReset(answer);
      for (let i = 0; i < answer.length && !stopped; i++) {
        if (answer[i] === CTRL_A) credit += window;
        if (answer[i] !== CTRL_D) continue;
        stopped = true;
        this.inbox.putBack(answer.subarray(i + 1));
      }
    };
    while (sent < code.length) {
      readCredit();
      if (stopped) break;
      if (credit > 0) {
        const piece = code.subarray(sent, sent + credit);
        await this.write(piece, job.signal);
        sent += piece.length;
        credit -= piece.length;
        job.progress.report({ doneBytes: sent, totalBytes: code.length });
      } else if (!(await this.inbox.ready(this.clock.now() + STALL_MS, job.signal))) {
        throw this.timeout('the board takes no more code');
      }
    }
    // One 0x04 each way, whoever says it first: the board's stops us (a syntax error, say).
    await this.write(Uint8Array.of(CTRL_D), job.signal);
    const end = this.clock.now() + STALL_MS;
    while (!stopped) {
      if (!(await this.inbox.ready(end, job.signal))) throw this.timeout('the code was not taken');
      readCredit();
    }
  }

  /** Plain raw mode: small pieces, each given the time it needs on the wire and a pause. */
  private async sendPlain(code: Buffer, job: Job): Promise<void> {
    this.inbox.take();
    for (let sent = 0; sent < code.length;) {
      const piece = code.subarray(sent, sent + PLAIN_PIECE);
      await this.write(piece, job.signal);
      sent += piece.length;
      job.progress.report({ doneBytes: sent, totalBytes: code.length });
      const end = this.clock.now() + (piece.length * 10_000) / this.port.baudRate + PLAIN_PAUSE_MS;
      // The board is silent here; what comes is a timer's chatter, or the end of the port.
      const early: Buffer[] = [];
      while (await this.inbox.ready(end, job.signal)) {
        early.push(this.inbox.take());
        if (this.clock.now() >= end) break;
      }
      if (sent >= code.length) for (const bytes of early.reverse()) this.inbox.putBack(bytes);
    }
    await this.write(Uint8Array.of(CTRL_D), job.signal);
    const end = this.clock.now() + HANDSHAKE_MS;
    const look = (bytes: Uint8Array): void => this.noticeReset(bytes);
    if (!(await this.inbox.skipPast(Buffer.from('OK'), end, job.signal, look))) {
      throw this.timeout('the code was not taken');
    }
  }

  /** Reads stdout, 0x04, stderr, 0x04, `>`. */
  private async receive(end: number, job: Job, options: ExecOptions): Promise<string> {
    const output: Buffer[] = [];
    let held: Buffer = Buffer.alloc(0);
    const print = (bytes: Buffer, last: boolean): void => {
      if (options.collect !== false) output.push(bytes);
      const all = Buffer.concat([held, bytes]);
      const whole = last ? all.length : wholeLength(all);
      held = all.subarray(whole);
      if (whole > 0) options.onOutput?.(all.subarray(0, whole));
    };
    for (;;) {
      const bytes = await this.readSome(end, job.signal, options.idleMs);
      const stop = bytes.indexOf(CTRL_D);
      print(stop < 0 ? bytes : bytes.subarray(0, stop), stop >= 0);
      if (stop >= 0) {
        this.inbox.putBack(bytes.subarray(stop + 1));
        this.running = false;
        break;
      }
      this.noticeReset(bytes);
    }
    const failure = await this.readError(end, job.signal);
    await this.readPrompt(job.signal);
    if (failure.length > 0) {
      const traceback = failure.toString('utf8').replaceAll('\r\n', '\n').trim();
      // What no exception begins or ends with was said on a line that is disturbed.
      if (!isException(traceback)) throw damagedAnswer(traceback);
      throw new BoardError('python-error', lastLine(traceback), { details: { traceback } });
    }
    return Buffer.concat(output).toString('utf8');
  }

  private async readError(end: number, signal: AbortSignal): Promise<Buffer> {
    let failure: Buffer = Buffer.alloc(0);
    for (;;) {
      const bytes = await this.readSome(end, signal, STALL_MS);
      const stop = bytes.indexOf(CTRL_D);
      failure = Buffer.concat([failure, stop < 0 ? bytes : bytes.subarray(0, stop)]);
      if (stop < 0) continue;
      this.inbox.putBack(bytes.subarray(stop + 1));
      return failure;
    }
  }

  /**
   * The `>` that ends it all. Something else there means SystemExit (the board resets itself
   * softly) or a program that printed 0x04: then the prompt is looked for before the next code.
   */
  private async readPrompt(signal: AbortSignal): Promise<void> {
    const answered = await this.inbox.ready(this.clock.now() + HANDSHAKE_MS, signal);
    this.inSync = answered && this.inbox.take(1)[0] === 0x3e;
    if (!this.inSync) this.log.debug('no prompt at the end of the code');
  }

  private async readSome(end: number, signal: AbortSignal, idleMs = Infinity): Promise<Buffer> {
    const until = Math.min(end, this.clock.now() + idleMs);
    if (this.clock.now() < end && (await this.inbox.ready(until, signal))) return this.inbox.take();
    throw this.timeout('the code did not end in time');
  }

  /** A reset may swallow the end of what was being said: its own words are the only sign. */
  private noticeReset(bytes: Uint8Array): void {
    const text = this.tail + Buffer.from(bytes).toString('latin1');
    this.tail = text.slice(-200);
    const [seen] = resetLine.exec(text) ?? [];
    if (seen === undefined) return;
    this.inSync = false;
    const details = { seen, reason: 'reset' };
    throw new BoardError('prompt-timeout', 'the board restarted while code ran', { details });
  }

  /** Writes, and gives up waiting (not the bytes) when the job is cancelled. */
  private async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await orCancelled({ signal }, this.port.write(bytes));
  }

  /** A driver that takes nothing any more must not hold us past the deadline. */
  private async writeBefore(end: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    let timer: Disposable | undefined;
    const late = new Promise<never>((_, reject) => {
      const ms = Math.max(0, end - this.clock.now()) + HANDSHAKE_MS;
      timer = this.clock.after(ms, () => reject(this.timeout('the port takes no more bytes')));
    });
    try {
      await Promise.race([this.write(bytes, signal), late]);
    } finally {
      timer?.dispose();
    }
  }

  private timeout(message: string, seen: Uint8Array = this.inbox.take()): BoardError {
    this.inSync = false;
    const said = Buffer.from(seen).toString('utf8').slice(-200);
    const details = { seen: said, reason: 'no-answer' };
    return new BoardError('prompt-timeout', message, { details });
  }
}
