/**
 * One virtual board put together: the reset circuit, the serial line, the loader, the boot and the
 * MicroPython that runs once there is an image in the flash.
 * Below: circuit, uart, rom, bootloader, runtime. Above: main.ts gives it a port and a life.
 */
import type { Clock } from '../core/clock';
import { type Disposable, Emitter } from '../core/event';
import { type BootPlan, downloadBanner, planBoot, WATCHDOG_TEXT } from './bootloader';
import type { Chip, ResetReason } from './chips';
import { Circuit, type Lines, type ResetLines } from './circuit';
import { Registers } from './efuse';
import type { Fault } from './faults';
import type { Flash } from './flash';
import { Loader } from './rom';
import type { Runtime, RuntimeOptions } from './runtime';
import { BoardTrouble } from './trouble';
import { Uart } from './uart';
import { UsbReset } from './usbReset';
import type { Outside } from './world';

/** 'blank' stands for everything that does not boot: the board says why, again and again. */
export type MachineState = 'blank' | 'running' | 'bootloader' | 'reset' | 'unplugged';

export interface MachineOptions extends Pick<
  RuntimeOptions,
  'flash' | 'mac' | 'name' | 'networks' | 'allowHosts' | 'firmwareVersion' | 'share'
> {
  readonly clock: Clock;
  readonly chip: Chip;
  /** False: the serial line carries at once. */
  readonly paced: boolean;
  /** False: the loader refuses the flasher stub. */
  readonly allowStub: boolean;
  /** True: its loader is that of a chip in secure download mode. */
  readonly secureDownload?: boolean;
  /** True: with USB in the chip, the port goes away at a reset through RTS too. */
  readonly usbAwayOnRts?: boolean;
  /** False: the flash chip does not say who it is. */
  readonly flashAnswers?: boolean;
  /** Rates above which the line is deaf or noisy: see {@link Uart}. */
  readonly deafAbove?: number;
  readonly noisyAbove?: number;
  /** Starts MicroPython; a test gives its own. */
  readonly startRuntime: (options: RuntimeOptions) => Promise<Runtime>;
}

/** Bytes that the UART keeps for a program that is not up yet (ESP32: a FIFO of 128 bytes). */
const FIFO = 128;
/** Resets from within a program: they take the USB device along, and whoever has the port loses it. */
const TAKES_USB: ReadonlySet<ResetReason> = new Set([
  'software',
  'watchdog',
  'task-watchdog',
  'deep-sleep',
]);
/** A chip with USB in it is gone from the bus for about so long when it resets itself, ms. */
const USB_AWAY_MS = 300;
/** How often the pins are looked at while somebody watches, ms: as often as an eye can follow. */
const WATCH_MS = 50;
const NOTHING_OUTSIDE: Outside = { pins: [], strips: [], asked: [] };
/** A MicroPython that failed is started again after so many milliseconds, as by a watchdog. */
const FAILURE_WAIT = 1000;

/** A program that goes on printing while it resets is not waited for longer than so many pieces. */
const MOST_ROUNDS = 16;

const causes: Readonly<Record<ResetReason, RuntimeOptions['resetCause']>> = {
  'power-on': 'power-on',
  'loader-reboot': 'hard',
  'deep-sleep': 'deep-sleep',
  watchdog: 'watchdog',
  'task-watchdog': 'watchdog',
  software: 'software',
  'boot-watchdog': 'watchdog',
  // The ESP32 port counts it as a start like any other (ports/esp32/modmachine.c).
  'brown-out': 'power-on',
  'brown-out-rtc': 'power-on',
  lines: 'power-on',
};

export class Machine {
  readonly uart: Uart;
  private readonly chip: Chip;
  private readonly circuit: ResetLines;
  private readonly loader: Loader;
  private readonly flash: Flash;
  private readonly trouble: BoardTrouble;
  private readonly clock: Clock;
  private currentState: MachineState = 'reset';
  /** Goes up at every reset; whatever was begun in a life before has no effect any more. */
  private life = 0;
  private timer: Disposable | undefined;
  private runtime: Runtime | undefined;
  private starting: Promise<void> = Promise.resolve();
  private fifo: Uint8Array[] = [];
  /** Pieces of output that the program has handed over in its life. */
  private pieces = 0;
  private listening = false;
  private onListening: (() => void) | undefined;
  private readings: Record<string, number | null> = {};
  private share: number;
  private networks: RuntimeOptions['networks'];
  private watching: Disposable | undefined;
  private shown: { runtime: Runtime | undefined; version: number } | undefined;
  private readonly states = new Emitter<MachineState>();
  private readonly errors = new Emitter<Error>();
  private readonly hostData = new Emitter<Uint8Array>();

  /** Fires when the state becomes another. */
  readonly onState = this.states.event;
  /** Something of the board itself failed; a program's own errors stay on its prompt. */
  readonly onError = this.errors.event;
  /** What arrives at the USB bridge, faults and all. */
  readonly onHostData = this.hostData.event;

  constructor(private readonly options: MachineOptions) {
    this.flash = options.flash;
    this.clock = options.clock;
    this.share = options.share ?? 1;
    this.networks = options.networks;
    const { chip } = options;
    this.chip = chip;
    this.uart = new Uart({ ...options, nativeUsb: chip.nativeUsb });
    this.circuit = chip.nativeUsb ? new UsbReset(options.clock) : new Circuit(options.clock);
    this.loader = new Loader({
      chip,
      flash: options.flash,
      registers: new Registers(
        chip,
        options.mac,
        () => this.uart.boardBaudRate,
        options.flashAnswers,
      ),
      allowStub: options.allowStub,
      secureDownload: options.secureDownload ?? false,
      send: (bytes, done) => this.uart.transmit(bytes, done),
      setBaudRate: (rate) => void (this.uart.boardBaudRate = rate),
      flashTime: (bytes) => this.trouble.flashTime(bytes),
      reboot: () => this.restart('loader-reboot'),
    });
    const gone = options.usbAwayOnRts === true && chip.nativeUsb;
    this.circuit.onReset(() => {
      this.halt();
      this.enter(gone ? 'unplugged' : 'reset');
    });
    this.circuit.onRelease((strap) =>
      this.later(gone ? USB_AWAY_MS : 0, () => {
        if (gone) this.enter('reset');
        if (strap === 'download') this.enterLoader();
        else this.boot('lines');
      }),
    );
    this.trouble = new BoardTrouble(options.clock, {
      powerOff: () => this.powerOff(),
      powerOn: () => this.powerOn(),
      brownOut: () => this.brownOut(),
      arrive: (way, bytes) => (way === 'to-host' ? this.hostData.fire(bytes) : this.receive(bytes)),
      changed: (trouble) => this.runtime?.setTrouble(trouble),
    });
    this.uart.onHostData((bytes) => this.trouble.carry('to-host', bytes));
    this.uart.onBoardData((bytes) => this.trouble.carry('to-board', bytes));
  }

  get state(): MachineState {
    return this.currentState;
  }

  /** Plugs it in. */
  powerOn(): void {
    this.enter('reset');
    this.restart('power-on');
  }

  /** Makes trouble, now or when it is due. */
  arm(fault: Fault): void {
    this.trouble.arm(fault);
  }

  /** Ends all trouble, past and to come. */
  clearFaults(): void {
    this.trouble.clear();
  }

  /** DTR and RTS of the bridge, true is asserted. */
  setLines(lines: Lines): void {
    if (!this.trouble.unplugged) this.circuit.setLines(lines);
  }

  /** Whether a client is there: without one a board that does not boot keeps its complaints. */
  setListening(listening: boolean): void {
    this.listening = listening;
    if (!listening) return;
    const go = this.onListening;
    this.onListening = undefined;
    go?.();
  }

  /** Sets what stands around a pin, over every reset (undefined: as nobody had); see vmProtocol.ts, `Readings`. */
  setReading(name: string, value: number | null | undefined): void {
    if (value === undefined) delete this.readings[name];
    else this.readings[name] = value;
    this.runtime?.setReading(name, value);
  }

  /** Other networks are in the air from now on. */
  setNetworks(networks: RuntimeOptions['networks']): void {
    this.networks = networks;
    this.runtime?.setNetworks(networks);
  }

  /** What its program may use of a core, from now on; see {@link RuntimeOptions.share}. */
  setShare(share: number): void {
    this.share = share;
    this.runtime?.setShare(share);
  }

  /**
   * Tells what the program does to the outside, now and after every change, {@link WATCH_MS} apart at
   * least; undefined ends it.
   */
  watch(show: ((outside: Outside) => void) | undefined): void {
    this.watching?.dispose();
    this.watching = undefined;
    this.shown = undefined;
    if (!show) return;
    const look = (): void => {
      const { runtime } = this;
      const version = runtime?.worldVersion() ?? 0;
      if (!this.shown || this.shown.runtime !== runtime || this.shown.version !== version) {
        this.shown = { runtime, version };
        show(runtime?.world() ?? NOTHING_OUTSIDE);
      }
      this.watching = this.clock.after(WATCH_MS, look);
    };
    look();
  }

  /** Pulls the plug; resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.watch(undefined);
    this.trouble.dispose();
    this.circuit.dispose();
    this.halt();
    await this.starting;
    this.uart.dispose();
    this.states.dispose();
    this.errors.dispose();
    this.hostData.dispose();
  }

  /** The cable is out; whoever has the port hears of it by the state. */
  private powerOff(): void {
    this.circuit.letGo();
    this.halt();
    this.uart.purgeToBoard();
    this.enter('unplugged');
  }

  /** A program is told by ESP-IDF's handler, which restarts; the loader has none, and the chip resets. */
  private brownOut(): void {
    const running = this.currentState === 'running';
    this.halt();
    if (running) this.print('\r\nBrownout detector was triggered\r\n\r\n');
    this.boot(running ? 'brown-out' : 'brown-out-rtc');
  }

  /** Stops everything at once, as EN does. */
  private halt(): void {
    this.life++;
    this.timer?.dispose();
    this.timer = undefined;
    this.onListening = undefined;
    this.fifo = [];
    this.uart.resetBoard();
    this.loader.reset();
    this.stopRuntime();
  }

  /** The next start waits until the last program is gone: both would write the same flash. */
  private stopRuntime(): void {
    const runtime = this.runtime;
    this.runtime = undefined;
    if (!runtime) return;
    this.starting = this.starting
      .then(() => runtime.stop())
      .catch((error: unknown) => this.errors.fire(asError(error)));
  }

  private restart(reason: ResetReason): void {
    this.halt();
    if (!this.chip.nativeUsb || !TAKES_USB.has(reason)) return this.boot(reason);
    this.enter('unplugged');
    this.later(USB_AWAY_MS, () => {
      this.enter('reset');
      this.boot(reason);
    });
  }

  private enter(state: MachineState): void {
    if (state === this.currentState) return;
    this.currentState = state;
    this.states.fire(state);
  }

  private enterLoader(): void {
    this.enter('bootloader');
    this.print(downloadBanner(this.chip, 'lines'));
  }

  private boot(reason: ResetReason): void {
    this.play(planBoot(this.chip, this.flash, reason), 0, reason);
  }

  /** Prints a plan from its `index`th step, then does what it comes to. */
  private play(plan: BootPlan, index: number, reason: ResetReason): void {
    const step = plan.steps[index];
    if (step) {
      this.later(step.wait, () => {
        this.print(step.text);
        this.play(plan, index + 1, reason);
      });
      return;
    }
    const { outcome } = plan;
    if (outcome === 'micropython') return this.startMicroPython(reason);
    this.enter('blank');
    if (outcome === 'halt') return;
    this.whileListening(() => this.later(outcome.wait, () => this.restart(outcome.reset)));
  }

  private startMicroPython(reason: ResetReason): void {
    this.enter('running');
    const life = this.life;
    const now = (): boolean => life === this.life;
    const { chip, flash, mac, name, allowHosts, firmwareVersion, clock } = this.options;
    const { networks } = this;
    let readings = this.readings;
    this.starting = this.starting.then(async () => {
      if (!now()) return;
      readings = { ...this.readings };
      const trouble = this.trouble.now;
      try {
        const runtime = await this.options.startRuntime({
          flash,
          mcu: chip.mcu,
          build: chip.build,
          mac,
          name,
          networks,
          allowHosts,
          firmwareVersion,
          clock,
          readings,
          trouble,
          share: this.share,
          resetCause: causes[reason],
          tx: (bytes, done) => {
            if (!now()) return;
            this.pieces++;
            this.uart.transmit(bytes, done);
          },
          onBaudRate: (rate) => void (now() && (this.uart.boardBaudRate = rate)),
          onHardReset: (cause, afterMs) => void (now() && this.hardReset(cause, afterMs)),
          onFailure: (error) => void (now() && this.failed(error)),
        });
        if (!now()) return await runtime.stop();
        this.runtime = runtime;
        for (const [what, value] of Object.entries(this.readings)) {
          if (readings[what] !== value) runtime.setReading(what, value);
        }
        runtime.setShare(this.share);
        if (networks !== this.networks) runtime.setNetworks(this.networks);
        if (trouble !== this.trouble.now) runtime.setTrouble(this.trouble.now);
        for (const bytes of this.fifo.splice(0)) runtime.rx(bytes);
      } catch (error) {
        if (now()) this.failed(asError(error), 'could not start');
      }
    });
  }

  /**
   * The program resets its own chip. What it printed before still goes out: the runtime hands the
   * next piece over when the line has carried the last, so the end is a round without a new piece.
   */
  private hardReset(
    cause: 'software' | 'deep-sleep' | 'watchdog',
    afterMs?: number,
    round = 0,
  ): void {
    if (cause === 'watchdog' && round === 0) this.print(WATCHDOG_TEXT);
    const life = this.life;
    const pieces = this.pieces;
    this.uart.transmit(new Uint8Array(0), () => {
      if (life !== this.life) return;
      if (pieces !== this.pieces && round < MOST_ROUNDS) {
        return this.hardReset(cause, afterMs, round + 1);
      }
      if (cause === 'software') return this.restart('software');
      if (cause === 'watchdog') return this.restart('task-watchdog');
      this.stopRuntime();
      if (this.chip.nativeUsb) this.enter('unplugged');
      if (afterMs !== undefined) this.later(afterMs, () => this.restart('deep-sleep'));
    });
  }

  private failed(error: Error, what = 'stopped'): void {
    this.stopRuntime();
    this.print(`\r\nParley: the virtual board's MicroPython ${what}: ${error.message}\r\n`);
    this.whileListening(() => this.later(FAILURE_WAIT, () => this.restart('watchdog')));
    this.errors.fire(error);
  }

  private receive(bytes: Uint8Array): void {
    if (this.currentState === 'bootloader') {
      this.loader.receive(bytes).catch((error: unknown) => this.errors.fire(asError(error)));
    } else if (this.runtime) {
      this.runtime.rx(bytes);
    } else if (this.currentState === 'running') {
      const held = this.fifo.reduce((sum, part) => sum + part.length, 0);
      if (held < FIFO) this.fifo.push(bytes.subarray(0, FIFO - held));
    }
  }

  private print(text: string): void {
    this.uart.transmit(Buffer.from(text, 'latin1'));
  }

  private later(ms: number, action: () => void): void {
    this.timer?.dispose();
    this.timer = undefined;
    if (ms <= 0) return action();
    this.timer = this.clock.after(ms, action);
  }

  /** Now, or as soon as somebody listens. */
  private whileListening(action: () => void): void {
    if (this.listening) action();
    else this.onListening = action;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
