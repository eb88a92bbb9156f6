/**
 * What a board's Python can ask of this side: time, the line, Wi-Fi, sockets, timers, reset.
 * Below: vmLine.ts, vmSockets.ts. Above: vmBoard.ts gives the table to the VM; firmware/virtual/*.py
 * makes MicroPython's modules of it. Every function takes and gives numbers and text; memory is the VM's own.
 */
import { createHash, randomFillSync } from 'node:crypto';
import type { Region } from './fileStore';
import type { HostFunctions, HostValue, VmEngine } from './vmEngine';
import type { VmLine } from './vmLine';
import type { VmMemory } from './vmMemory';
import { CONTROL, type WorkerStart } from './vmProtocol';
import { flashFunctions } from './vmFlash';
import { nvsFunctions } from './vmNvs';
import { VmSockets } from './vmSockets';
import { VmTls } from './vmTls';
import { VmWifi } from './vmWifi';
import { WorldWriter } from './world';

/** What MicroPython says it runs on; the banner, `os.uname()` and `sys.implementation` agree. */
export function machineName(mcu: string): string {
  return `Parley virtual board with ${mcu}`;
}

interface Timer {
  readonly id: number;
  readonly period: number;
  readonly periodic: boolean;
  at: number;
}

/** `machine.SOFT_RESET`: after Ctrl-D, whatever the chip started from. */
const SOFT_RESET = 5;
/** Clock of the UARTs while the chip runs (ESP32 Technical Reference Manual, UART: APB_CLK). */
const APB_HZ = 80_000_000;
/** A VM that spins is made to wait a moment every so many looks at the clock. */
const LOOKS_BEFORE_REST = 256;

export class VmHost {
  readonly sockets: VmSockets;
  readonly wifi: VmWifi;
  private divider = Math.floor((APB_HZ * 16) / 115_200);
  private readonly nvs: HostFunctions;
  private readonly readings: Map<string, number | null>;
  private readonly asked = new Set<string>();
  private readonly world: WorldWriter;
  /** Inputs that a user has changed and Python was not told of. */
  private changedPins: number[] = [];
  private starts = 0;
  private timers: Timer[] = [];
  private tick = 0;
  private watchdog = Infinity;
  /** When the owner will make the VM look at its scheduler. */
  private alarmAt = Infinity;
  private looks = 0;
  private engine: VmEngine | undefined;

  constructor(
    private readonly line: VmLine,
    private readonly start: WorkerStart,
    nvs: Region,
  ) {
    this.nvs = nvsFunctions(nvs, () => this.memory());
    this.readings = new Map(Object.entries(start.readings));
    this.world = new WorldWriter(start.world);
    line.onReading = (name, value) => this.read(name, value);
    const control = new Int32Array(start.control);
    this.wifi = new VmWifi(
      start.networks,
      () => performance.now(),
      () => Atomics.load(control, CONTROL.airGone) === 1,
    );
    this.sockets = new VmSockets(
      line,
      () => this.memory(),
      () => this.wifi.connected(performance.now()),
    );
    line.onNetworks = (networks) => this.wifi.setNetworks(networks);
    line.onSocket = (event) => this.sockets.handle(event);
    line.dueIn = () => this.dueIn();
    line.onResume = () => this.keepAlarm();
  }

  /** A new VM has started: timers and sockets of the one before are gone, Wi-Fi stays. */
  attach(engine: VmEngine): void {
    this.engine = engine;
    this.starts++;
    this.changedPins = [];
    this.timers = [];
    this.tick = 0;
    this.sockets.clear();
    this.line.post({ type: 'closeSockets' });
  }

  private memory(): VmMemory {
    return this.engine!.memory;
  }

  private tellAsked(name: string): void {
    if (this.asked.has(name)) return;
    this.asked.add(name);
    this.line.post({ type: 'asked', name });
  }

  private read(name: string, value: number | null | undefined): void {
    if (value === undefined) this.readings.delete(name);
    else this.readings.set(name, value);
    const pin = /^pin\.(\d+)$/.exec(name)?.[1];
    if (pin === undefined || this.changedPins.includes(Number(pin))) return;
    this.changedPins.push(Number(pin));
  }

  /** Milliseconds until the next timer or the watchdog. */
  private dueIn(): number {
    if (this.changedPins.length > 0 && this.tick) return 0;
    let at = Math.min(this.watchdog, this.line.earlyAt);
    for (const timer of this.timers) at = Math.min(at, timer.at);
    return at - performance.now();
  }

  /** Asks to be woken when something is next due, even out of a tight loop. */
  setAlarm(): void {
    const ms = Math.max(0, Math.min(this.dueIn(), this.line.share.left));
    this.alarmAt = performance.now() + ms;
    if (ms !== Infinity) this.line.post({ type: 'alarm', afterMs: ms });
  }

  /** Asks for it where none is to come before the program has used up its share. */
  keepAlarm(): void {
    if (this.alarmAt > performance.now() + this.line.share.left + 1) this.setAlarm();
  }

  /** A program that has used up its share rests; Ctrl-C and what is due end that early. */
  private rest(): void {
    const ms = this.line.share.rest;
    if (ms > 0) this.line.waitFor(() => false, ms);
  }

  /** Inside the VM, between two instructions: hands over what is due. */
  onPending(): void {
    this.line.pump();
    this.line.raiseEarly();
    const now = performance.now();
    if (now >= this.watchdog) {
      this.line.post({ type: 'reset', cause: 'watchdog' });
      this.line.halt();
    }
    // A number below zero is a pin's (machine.py).
    while (this.changedPins.length > 0 && this.tick) {
      if (!this.engine?.schedule(this.tick, -1 - this.changedPins[0]!)) break;
      this.changedPins.shift();
    }
    for (const timer of [...this.timers]) {
      if (timer.at > now || !this.tick || !this.engine?.schedule(this.tick, timer.id)) continue;
      if (timer.periodic) timer.at = Math.max(timer.at + timer.period, now);
      else this.timers.splice(this.timers.indexOf(timer), 1);
    }
    this.rest();
    this.setAlarm();
  }

  /** True when a timer is due at the prompt, where no VM runs that could see it. */
  get timerDue(): boolean {
    return this.dueIn() <= 0;
  }

  private look(): void {
    if (++this.looks < LOOKS_BEFORE_REST) return;
    this.looks = 0;
    this.line.glance();
  }

  private setTimer(id: number, period: number, periodic: boolean): void {
    this.timers = this.timers.filter((timer) => timer.id !== id);
    if (period >= 0) {
      const rhythm = Math.max(1, period);
      this.timers.push({ id, period: rhythm, periodic, at: performance.now() + rhythm });
    }
    this.setAlarm();
  }

  functions(): HostFunctions {
    const n = (value: HostValue | undefined): number => Number(value ?? 0);
    const { line, start, wifi } = this;
    return {
      ...this.sockets.functions(),
      ...new VmTls(this.sockets, () => this.memory()).functions(),
      ...wifi.functions(),
      ...this.nvs,
      ...flashFunctions(line, () => this.memory()),
      now: () => {
        this.look();
        return performance.now();
      },
      unix: () => Date.now() / 1000,
      /** 1 when the time is over, 0 when Python must run first. */
      sleep: (ms) => {
        const end = performance.now() + n(ms);
        line.waitFor(() => false, Math.max(0, n(ms)));
        return performance.now() >= end ? 1 : 0;
      },
      glance: () => line.glance(),
      rx_any: () => {
        line.pump();
        if (line.available === 0) this.look();
        return line.available;
      },
      /** The next byte, or -1: the time is over, or Python must run first. */
      rx_get: (ms) => {
        line.waitFor(() => line.available > 0, n(ms));
        return line.next();
      },
      /** Waits for a byte, a socket or a timer. */
      wait: (ms) => {
        let first = true;
        line.waitFor(() => !first || ((first = false), line.available > 0), n(ms));
      },
      tx: (at, length) => line.write(this.memory().copy(n(at), n(length))),
      mac: (index) => start.mac[n(index)] ?? 0,
      name: () => start.name,
      machine: () => machineName(start.mcu),
      build: () => start.build,
      version: () => start.firmwareVersion,
      reset_cause: () => (this.starts > 1 ? SOFT_RESET : start.resetCause),
      /** What a user set: a number, "none" where nothing is wired, "" where nothing was said. */
      reading: (name) => {
        this.tellAsked(String(name));
        const value = this.readings.get(String(name));
        return value === undefined ? '' : (value ?? 'none');
      },
      pin: (pin, mode, level) => this.world.pin(n(pin), n(mode), n(level)),
      pwm: (pin, frequency, duty) => this.world.pwm(n(pin), n(frequency), n(duty)),
      /** UART0's divider in sixteenths; what is written, 0 to read. */
      uart_divider: (sixteenths) => {
        if (n(sixteenths) > 0) {
          this.divider = n(sixteenths);
          line.post({ type: 'baudRate', rate: (APB_HZ * 16) / this.divider });
        }
        return this.divider;
      },
      lights: (pin, size, at, length) =>
        this.world.lights(n(pin), n(size), this.memory().copy(n(at), n(length))),
      reset: (cause, ms) => {
        const deep = n(cause) === 1;
        line.post(
          deep
            ? { type: 'reset', cause: 'deep-sleep', afterMs: n(ms) }
            : { type: 'reset', cause: 'software' },
        );
        line.halt();
      },
      watchdog: (ms) => {
        this.watchdog = performance.now() + n(ms);
        this.setAlarm();
      },
      timer: (id, period, periodic) => this.setTimer(n(id), n(period), n(periodic) === 1),
      /** The callback that `micropython.schedule` was just given is the one for all timers. */
      adopt_tick: () => {
        this.tick = this.engine!.lastScheduled();
      },
      random: (at, length) => {
        const bytes = new Uint8Array(Math.min(n(length), 65536));
        randomFillSync(bytes);
        this.memory().bytes.set(bytes, n(at));
      },
      /** Hash of VM memory into VM memory; the number of bytes of the digest, 0 for an unknown name. */
      digest: (name, at, length, result) => {
        if (name !== 'md5' && name !== 'sha1') return 0;
        const hash = createHash(name)
          .update(this.memory().copy(n(at), n(length)))
          .digest();
        this.memory().bytes.set(hash, n(result));
        return hash.length;
      },
    };
  }
}
