/**
 * One board: who it is, where it is plugged in, and the only place that opens its port.
 * Below: port, esp, micropython. Above: the registry holds boards, operations use the brackets.
 * An operation has the board alone; a console sees what the board prints the rest of the time.
 */
import { systemClock, type Clock } from '../core/clock';
import type { BoardColour } from '../core/colours';
import { Emitter, type Disposable, type Event } from '../core/event';
import { BoardError, isBoardError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import { named, silentLog, type Log } from '../core/log';
import type { OperationTimes } from '../core/operationTimes';
import type { RateMemory } from '../esp/baudRates';
import { Bootloader, type EnterOptions } from '../esp/flasher';
import { hardReset } from '../esp/reset';
import { waitInLoader } from '../esp/waitInLoader';
import { isAtPrompt } from '../micropython/atPrompt';
import { RawRepl, type EnterOptions as PromptOptions } from '../micropython/rawRepl';
import type { Port, PortInfo } from '../port/port';
import { factsOfChip, sameFacts, withNews, type BoardFacts } from './facts';
import { fileRate } from './fileRate';
import type { Faster } from '../micropython/fasterLine';
import { Link, type LinkOwner } from './link';
import { PromptWatch, type Activity } from './promptWatch';
import { TroubleWatch, withTrouble } from './troubleWatch';
import { retype, type TypedLine } from './typedLine';

export interface BoardIdentity {
  /** Stable across ports and windows: `virtual:machine1`, `usb:10c4:ea60:0001`, `rfc2217:host:port`. */
  readonly id: string;
  readonly name: string;
  readonly virtual: boolean;
}

/**
 * unplugged: no port. idle: plugged in, the port is free for other programs.
 * open: a console holds the port. busy: an operation has the board.
 */
export type BoardStatus = 'unplugged' | 'idle' | 'open' | 'busy';

export interface BoardRates {
  /** Prompt's rate in bits per second (the ESP32 port's is 115200). */
  readonly repl: number;
  /** Rate for flashing in bits per second. */
  readonly flash: number;
  /** Rate to try while files are carried, in bits per second; none where it is not above `repl`. */
  readonly files?: number;
}

export interface BoardServices {
  /** Opens a port of the registry's providers. */
  open(info: PortInfo, baudRate: number): Promise<Port>;
  rates(): BoardRates;
  /** At which rate each board can be flashed, as far as it was tried. */
  readonly rateMemory?: RateMemory;
  /** The same for files. */
  readonly fileRates?: RateMemory;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Where each operation is written down, with its time and its end. */
  readonly times?: OperationTimes;
}

/** A reader and writer of what the board prints. Dispose it to let go of the port. */
export interface Console extends Disposable {
  /**
   * Sends bytes to the board, or to the program that Run has there. Bytes typed while another
   * operation has the board are dropped: they would land in the middle of its protocol.
   */
  write(bytes: Uint8Array): Promise<void>;
}

/** A board that resets again and again is told of once in this time, ms. */
const TROUBLE_MS = 60_000;
/** How much of a boot log is kept while the loader is entered, characters: seven attempts' worth. */
const HEARD = 8000;
/** Time for a line that is typed again to be echoed, beside its own time on the line. */
const ECHO_MS = 150;
export class Board implements Disposable {
  private promptDue: Disposable | undefined;
  private consoles = 0;
  private operation: string | undefined;
  private program: ((bytes: Uint8Array) => Promise<void>) | undefined;
  /** The operation is over in a moment: others wait for it instead of being refused. */
  private brief = false;
  private info: PortInfo | undefined;
  private known: BoardFacts = {};
  private painted: BoardColour | undefined;
  private seenAt: string | undefined;

  private readonly changed = new Emitter<void>();
  private readonly printed = new Emitter<Uint8Array>();
  private readonly noted = new Emitter<string>();
  /** Fires when status, place, name or facts change. */
  readonly onDidChange: Event<void> = this.changed.event;
  /** What the board prints while no operation has it, and what an operation shows of a program. */
  readonly onConsole: Event<Uint8Array> = this.printed.event;
  /** One line for a person watching the console: port lost, back again, an operation ran. */
  readonly onConsoleNote: Event<string> = this.noted.event;

  private readonly troubled = new Emitter<BoardError>();
  /** What the board says of its own state that a person should know, at most once a minute. */
  readonly onTrouble: Event<BoardError> = this.troubled.event;
  private readonly troubles = new TroubleWatch();
  private troubleAt = -Infinity;

  private readonly clock: Clock;
  private readonly log: Log;
  private readonly watch: PromptWatch;
  private readonly link: Link;

  constructor(
    private identity: BoardIdentity,
    private readonly services: BoardServices,
  ) {
    this.clock = services.clock ?? systemClock;
    this.log = named(services.log ?? silentLog, () => this.name);
    this.watch = new PromptWatch(this.clock, () => this.changed.fire());
    this.link = new Link(this.linkOwner());
  }

  get id(): string {
    return this.identity.id;
  }

  get name(): string {
    return this.identity.name;
  }

  get virtual(): boolean {
    return this.identity.virtual;
  }

  /** Where it is plugged in now. */
  get where(): PortInfo | undefined {
    return this.info;
  }

  get facts(): BoardFacts {
    return this.known;
  }

  /** What has the board now ("Flash"), for the one who is told to wait. */
  get busyWith(): string | undefined {
    return this.brief ? undefined : this.operation;
  }

  /** Whether it waits at its prompt or runs a program, as far as anyone has seen. */
  get activity(): Activity {
    if (!this.info) return undefined;
    return this.operation === 'Run' ? 'running' : this.watch.activity;
  }

  get status(): BoardStatus {
    if (this.busyWith) return 'busy';
    if (!this.info) return 'unplugged';
    return this.link.port ? 'open' : 'idle';
  }

  /** Its address in the Wi-Fi, once a broker or the board itself has told; until it resets or goes. */
  get address(): string | undefined {
    return this.seenAt;
  }

  /** @param address dotted, or as a socket says it (::ffff:192.168.1.5); '' is none */
  learnAddress(address: string): void {
    const plain = address.replace(/^::ffff:/i, '') || undefined;
    if (plain === this.seenAt) return;
    this.seenAt = plain;
    this.changed.fire();
  }

  /** The colour a person gave it. */
  get colour(): BoardColour | undefined {
    return this.painted;
  }

  paint(colour: BoardColour | undefined): void {
    if (colour === this.painted) return;
    this.painted = colour;
    this.changed.fire();
  }

  rename(name: string): void {
    this.identity = { ...this.identity, name };
    this.changed.fire();
  }

  /** Adds what was learned; a field that is not given stays, but for another MAC address. */
  learn(facts: BoardFacts): void {
    const next = withNews(this.known, facts);
    if (sameFacts(next, this.known)) return;
    this.known = next;
    this.changed.fire();
  }

  /** The registry tells where the board is; undefined when it is gone. */
  plug(info: PortInfo | undefined): void {
    const moved = info?.address !== this.info?.address || info?.label !== this.info?.label;
    this.info = info;
    if (!moved) return;
    this.seenAt = undefined;
    this.watch.set(undefined);
    if (info && this.consoles > 0 && !this.link.port) this.link.tryAgain();
    this.changed.fire();
  }

  /**
   * Opens the port for a person to read and write; the port stays open until disposed and is
   * opened again by itself when it was lost.
   * @throws BoardError port-not-found, port-busy, port-permission, port-failed
   */
  async openConsole(): Promise<Console> {
    this.consoles++;
    try {
      if (!this.operation) await this.link.ensure();
    } catch (error) {
      this.consoles--;
      throw error;
    }
    this.changed.fire();
    let open = true;
    return {
      write: async (bytes) => {
        if (this.brief) await this.freed();
        if (open && this.operation && this.program) return this.program(bytes);
        if (!open || this.operation) return;
        this.watch.typed(bytes);
        await this.showPromptNow();
        await this.link.port?.write(bytes);
      },
      dispose: () => {
        if (!open) return;
        open = false;
        this.consoles--;
        if (this.consoles === 0) this.link.giveUp();
        void this.release();
      },
    };
  }

  /** Until disposed, what is typed goes to `type`: an operation runs a program that may ask. */
  typeInto(type: (bytes: Uint8Array) => Promise<void>): Disposable {
    this.program = type;
    return {
      dispose: () => {
        if (this.program === type) this.program = undefined;
      },
    };
  }

  /** Shows bytes on the board's console as if it had printed them (a program that is run). */
  show(bytes: Uint8Array): void {
    this.watch.printed(bytes);
    this.printed.fire(bytes);
  }

  /** Shows a line to whoever watches the console. */
  note(line: string): void {
    this.watch.printed(Buffer.from('\n'));
    this.noted.fire(line);
  }

  /**
   * Has the board to itself while `work` runs: consoles see nothing and write nothing. A `brief`
   * one does not count as busy: what is typed and what is begun meanwhile waits for its end.
   * @throws BoardError board-busy when another operation has it; and what opening the port throws
   */
  async exclusive<T>(
    operation: string,
    job: Job,
    work: (port: Port) => Promise<T>,
    options: { brief?: boolean } = {},
  ): Promise<T> {
    while (this.operation && this.brief) await this.freed();
    if (this.operation) {
      throw new BoardError('board-busy', `${this.name} is busy with ${this.operation}`, {
        details: { operation: this.operation },
      });
    }
    throwIfCancelled(job);
    this.operation = operation;
    this.brief = options.brief ?? false;
    this.changed.fire();
    const ended = this.services.times?.begin(this.name, operation);
    try {
      const result = await work(await this.link.ensure());
      ended?.();
      return result;
    } catch (error) {
      ended?.(error);
      throw error;
    } finally {
      this.operation = undefined;
      this.brief = false;
      await this.release();
      this.changed.fire();
    }
  }

  /**
   * The ROM loader (and stub) while `work` runs; afterwards the board is reset into its program
   * and the port is back at the prompt's rate, whatever happened.
   * @throws BoardError no-bootloader and what `work` throws
   */
  withBootloader<T>(
    operation: string,
    job: Job,
    work: (loader: Bootloader) => Promise<T>,
  ): Promise<T> {
    return this.exclusive(operation, job, async (port) => {
      const options = {
        baudRate: this.services.rates().flash,
        rates: this.services.rateMemory,
        clock: this.clock,
        log: this.log,
      };
      const loader = await this.enterLoader(port, options, job);
      this.learn(factsOfChip(loader.facts));
      try {
        return await work(loader);
      } finally {
        await loader.leave();
        this.watch.set(undefined);
      }
    });
  }

  /**
   * The raw REPL while `work` runs; afterwards the friendly prompt. A running program is stopped,
   * but with `onlyAtPrompt`, where it is left alone.
   * @throws BoardError no-micropython, prompt-timeout, program-running and what `work` throws
   */
  withRawRepl<T>(
    operation: string,
    job: Job,
    work: (repl: RawRepl) => Promise<T>,
    options: {
      deadlineMs?: number;
      onlyAtPrompt?: boolean;
      brief?: boolean;
      /** Another way to the raw prompt than {@link RawRepl.enter}. */
      enter?: (port: Port, options: PromptOptions) => Promise<RawRepl>;
    } = {},
  ): Promise<T> {
    const { onlyAtPrompt, brief, enter, ...rest } = options;
    const bracket = async (port: Port): Promise<T> => {
      if (onlyAtPrompt) await this.demandPrompt(port, job).catch((e: unknown) => this.bootLoops(e));
      const typed = this.consoles > 0 ? this.watch.typedLine : undefined;
      const who = this.known.mac ?? this.id;
      const faster = (): Faster | undefined => fileRate(port.info, who, this.services, this.log);
      const settings = { clock: this.clock, log: this.log, faster, ...rest };
      const entering = (enter ?? RawRepl.enter)(port, settings, job);
      const repl = await entering.catch((error: unknown) => this.bootLoops(error));
      try {
        return await work(repl);
      } finally {
        await repl.leave();
        this.watch.set('prompt');
        // A console that shows the prompt still does, and it is true again: nothing to print. What
        // was typed behind it is typed again; its echo is there already.
        if (typed && this.watch.typedLine?.text === typed.text) await this.typeAgain(port, typed);
        else if (this.consoles > 0) this.showPromptSoon();
      }
    };
    return this.exclusive(operation, job, bracket, { brief: brief ?? false });
  }

  /**
   * Leaves the board in its ROM loader, for another program to flash it; a reset ends that.
   * @throws BoardError no-bootloader where it does not say that it waits there
   */
  enterBootloader(job: Job): Promise<void> {
    return this.exclusive('Bootloader', job, async (port) => {
      await waitInLoader(port, this.clock, job);
      this.seenAt = undefined;
      this.watch.set('loader');
    });
  }

  /** Pulses EN: the board starts again as after a press of its button. */
  reset(job: Job): Promise<void> {
    return this.exclusive('Reset', job, async (port) => {
      await hardReset(port, this.clock);
      this.seenAt = undefined;
      this.watch.set(undefined);
    });
  }

  dispose(): void {
    this.watch.dispose();
    this.consoles = 0;
    this.link.dispose();
    const { changed, printed, noted, troubled } = this;
    for (const emitter of [changed, printed, noted, troubled]) emitter.dispose();
  }

  /** Closes the port and waits for it, so that another program or process can have it. */
  async close(): Promise<void> {
    this.consoles = 0;
    await this.link.close();
  }

  /** @throws BoardError program-running */
  private async demandPrompt(port: Port, job: Job): Promise<void> {
    // A half-typed line would not answer; Ctrl-C, which comes next, only clears it.
    if (this.consoles > 0 && this.watch.promptShows) return;
    // Only a program that is known to run is believed at the first silence.
    const patient = this.watch.activity !== 'running';
    if (await isAtPrompt(port, this.clock, job, patient)) return;
    // A console would have heard it leave; without one it may have been reset by hand meanwhile.
    if (this.watch.activity === 'loader') {
      throw new BoardError('in-loader', `${this.name} waits in its loader`);
    }
    this.watch.set('running');
    throw new BoardError('program-running', `${this.name} runs a program`);
  }

  /** Keeps what a failure tells of the board, and throws it again. */
  private bootLoops(error: unknown): never {
    if (isBoardError(error, 'no-micropython') && error.details['reason'] === 'boot-loop') {
      this.watch.set(undefined);
      this.learn({ micropython: '' });
    }
    throw error;
  }

  /** Resolves when an operation has ended. */
  private freed(): Promise<void> {
    return new Promise((resolve) => {
      const subscription = this.onDidChange(() => {
        if (this.operation) return;
        subscription.dispose();
        resolve();
      });
    });
  }

  /** @throws BoardError as {@link Bootloader.enter}; brown-out where the board said so meanwhile */
  private async enterLoader(port: Port, options: EnterOptions, job: Job): Promise<Bootloader> {
    let heard = '';
    const listening = port.onData((bytes) => {
      heard = (heard + Buffer.from(bytes).toString('latin1')).slice(-HEARD);
    });
    try {
      return await Bootloader.enter(port, options, job);
    } catch (error) {
      throw withTrouble(error, heard, this.name);
    } finally {
      listening.dispose();
    }
  }

  private lookForTrouble(bytes: Uint8Array): void {
    const now = this.clock.now();
    if (!this.troubles.printed(bytes) || now - this.troubleAt < TROUBLE_MS) return;
    this.troubleAt = now;
    this.log.warn('brown-out in its boot log');
    this.troubled.fire(
      new BoardError('brown-out', `${this.name} says that its voltage broke down`),
    );
  }

  /** What the link may know of this board. */
  private linkOwner(): LinkOwner {
    return {
      clock: this.clock,
      log: this.log,
      name: () => this.name,
      where: () => this.info,
      watched: () => this.consoles > 0,
      taken: () => this.operation !== undefined,
      open: (info) => this.services.open(info, this.services.rates().repl),
      received: (bytes) => {
        if (this.operation) return;
        this.watch.printed(bytes);
        this.lookForTrouble(bytes);
        this.printed.fire(bytes);
      },
      noted: (line) => this.noted.fire(line),
      changed: () => this.changed.fire(),
    };
  }

  private async typeAgain(port: Port, typed: TypedLine): Promise<void> {
    if (!typed.text) return;
    await port.write(Buffer.from(retype(typed))).catch(() => undefined);
    // The echo comes at the pace of the line and is not shown.
    const ms = ECHO_MS + (typed.text.length * 10_000) / port.baudRate;
    await this.clock.sleep(ms);
  }

  /** A carriage return at the friendly prompt makes it visible again after an operation. */
  private showPromptSoon(): void {
    this.promptDue?.dispose();
    this.promptDue = this.clock.after(0, () => void this.showPromptNow());
  }

  /** Before what is typed, not into the middle of it. */
  private async showPromptNow(): Promise<void> {
    if (!this.promptDue) return;
    this.promptDue.dispose();
    this.promptDue = undefined;
    if (!this.operation) await this.link.port?.write(Uint8Array.of(13)).catch(() => undefined);
  }

  private async release(): Promise<void> {
    if (this.consoles > 0) {
      if (!this.link.port && this.info) this.link.tryAgain();
      return;
    }
    if (!this.operation) await this.link.close();
  }
}
