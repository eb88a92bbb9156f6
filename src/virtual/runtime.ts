/**
 * MicroPython on a virtual board, as its owner sees it: bytes in, bytes out, reset, stop.
 * Below: worker.ts (the thread with the VM), runtimeFiles.ts, network.ts (its sockets), the flash. Above: machine.ts.
 */
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';
import { systemClock, type Clock } from '../core/clock';
import { BoardError } from '../core/errors';
import type { Disposable } from '../core/event';
import type { Flash } from './flash';
import { BoardNetwork } from './network';
import { ReceiveRing } from './receiveRing';
import { bundledFiles, loadImage, loadModules, type RuntimeFiles } from './runtimeFiles';
import type { Trouble } from './trouble';
import { BUILD } from './vmImage';
import {
  CONTROL,
  CONTROL_BYTES,
  FILES_LENGTH,
  FILES_OFFSET,
  NVS_LENGTH,
  NVS_OFFSET,
  RING_BYTES,
  type FromWorker,
  type Readings,
  type ToWorker,
  type WorkerStart,
} from './vmProtocol';
import { type Outside, readWorld, worldBuffer, worldVersion } from './world';

export interface RuntimeOptions {
  /** The board's flash; its files live in the partition from 0x200000 to 0x400000. */
  readonly flash: Flash;
  /** As MicroPython calls the chip, and its own build for it. */
  readonly mcu: string;
  readonly build: string;
  /** Six bytes: `machine.unique_id()`. */
  readonly mac: Uint8Array;
  readonly name: string;
  readonly resetCause: 'power-on' | 'hard' | 'software' | 'watchdog' | 'deep-sleep';
  /** Wi-Fi networks in the air; one without a password takes any. */
  readonly networks: readonly { ssid: string; password?: string }[];
  /** Hosts its sockets may reach beside loopback: names or addresses. */
  readonly allowHosts: readonly string[];
  readonly firmwareVersion: '1.27' | '1.13';
  /** Carries output; `done` makes room for more (about 1 KB may wait in all). */
  tx(bytes: Uint8Array, done: () => void): void;
  /** The program has set the rate of UART0, bits per second. */
  onBaudRate?(rate: number): void;
  /** `machine.reset()`, the watchdog, or deep sleep that ends after so many milliseconds. */
  onHardReset(cause: 'software' | 'deep-sleep' | 'watchdog', afterMs?: number): void;
  onFailure(error: Error): void;
  /** What a user has set for the world around its pins. */
  readonly readings?: Readings;
  readonly trouble?: Trouble;
  /** Of a core, what a program may use for long: above 0; 1 and more, and nothing said, is no limit. */
  readonly share?: number;
  readonly clock?: Clock;
}

export interface Runtime {
  /** Bytes from the line. */
  rx(bytes: Uint8Array): void;
  /** A user changes what stands around a pin; see {@link Readings}. */
  setReading(name: string, value: number | null | undefined): void;
  /** What the program does to the outside now. */
  world(): Outside;
  /** Another number after every change of {@link Runtime.world}. */
  worldVersion(): number;
  /** Makes trouble that is not on the line; holds until it is said otherwise. */
  setTrouble(trouble: Trouble): void;
  /** Other networks are in the air from now on. */
  setNetworks(networks: RuntimeOptions['networks']): void;
  /** Another share of a core, from now on. */
  setShare(share: number): void;
  /** Ends the VM and its sockets. What was closed or flushed is in the flash. A second call does nothing. */
  stop(): Promise<void>;
}

const TX_BYTES = 256;
/** A byte at 115200 baud. */
const BYTE_MS = 0.087;
/** How long to wait for a busy scheduler before it is told again. */
const LOCKED_MS = 1;
const INTERRUPT = 3;
/**
 * `machine.reset_cause()` as the ESP32 port has it (ports/esp32/modmachine.c): after `machine.reset()`
 * it is HARD_RESET; SOFT_RESET is Ctrl-D (vmHost.ts).
 */
const RESET_CAUSE = {
  'power-on': 1,
  hard: 2,
  watchdog: 3,
  'deep-sleep': 4,
  software: 2,
} as const;

/**
 * Starts the VM; resolves when it is up, before boot.py has run.
 * @throws BoardError 'virtual-failed' when the VM does not start
 */
export async function startRuntime(
  options: RuntimeOptions,
  files: RuntimeFiles = bundledFiles(),
): Promise<Runtime> {
  const runtime = new WorkerRuntime(options, files);
  await runtime.started;
  return runtime;
}

class WorkerRuntime implements Runtime {
  readonly started: Promise<void>;
  private readonly control: Int32Array;
  private readonly ring: Uint8Array;
  private readonly outside = worldBuffer();
  private readonly asked = new Set<string>();
  private readonly worker: Worker;
  private readonly port;
  private readonly network: BoardNetwork;
  private readonly clock: Clock;
  private readonly input: ReceiveRing;
  private memory: SharedArrayBuffer | undefined;
  private alarm: Disposable | undefined;
  private again: Disposable | undefined;
  private sending = false;
  private stopped: Promise<void> | undefined;
  private ready!: () => void;
  private failed!: (error: Error) => void;

  constructor(
    private readonly options: RuntimeOptions,
    files: RuntimeFiles,
  ) {
    this.clock = options.clock ?? systemClock;
    this.input = new ReceiveRing(this.clock, {
      taken: () => Atomics.load(this.control, CONTROL.inputTaken),
      busy: () => Atomics.load(this.control, CONTROL.running) !== 0,
      want: (on) => void Atomics.store(this.control, CONTROL.inputWanted, on ? 1 : 0),
      deliver: (bytes) => this.post({ type: 'input', bytes }),
    });
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    const ring = new SharedArrayBuffer(RING_BYTES);
    this.control = new Int32Array(control);
    this.ring = new Uint8Array(ring);
    Atomics.store(this.control, CONTROL.ringIdle, 1);
    this.setShare(options.share ?? 1);
    const partition = new SharedArrayBuffer(FILES_LENGTH);
    new Uint8Array(partition).set(options.flash.read(FILES_OFFSET, FILES_LENGTH));
    const nvs = new SharedArrayBuffer(NVS_LENGTH);
    new Uint8Array(nvs).set(options.flash.read(NVS_OFFSET, NVS_LENGTH));
    const start: WorkerStart = {
      control,
      ring,
      files: partition,
      nvs,
      world: this.outside,
      image: loadImage(files.image),
      modules: loadModules(files.modules),
      mcu: options.mcu,
      build: options.build,
      mac: options.mac,
      name: options.name,
      resetCause: RESET_CAUSE[options.resetCause],
      networks: options.networks,
      firmwareVersion: options.firmwareVersion,
      readings: options.readings ?? {},
    };
    this.network = new BoardNetwork(options.allowHosts, (event) =>
      this.post({ type: 'socket', event }),
    );
    this.started = new Promise((resolve, reject) => {
      this.ready = resolve;
      this.failed = (error) => {
        reject(error);
        if (!this.stopped) options.onFailure(error);
      };
    });
    this.started.catch(() => undefined);
    if (options.trouble) this.setTrouble(options.trouble);
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.on('message', (message: FromWorker) => this.handle(message));
    this.worker = new Worker(files.worker, {
      workerData: { start, port: port2 },
      transferList: [port2],
      env: {},
      stdin: false,
    });
    this.worker.on('error', (error) =>
      this.failed(new BoardError('virtual-failed', 'the VM thread failed', { cause: error })),
    );
    this.worker.on('exit', () => {
      if (!this.stopped) this.failed(new BoardError('virtual-failed', 'the VM thread ended'));
    });
  }

  rx(bytes: Uint8Array): void {
    if (this.stopped || bytes.length === 0) return;
    let rest = bytes;
    // A program that never waits sees Ctrl-C only if it is raised from here.
    for (;;) {
      const at = rest.indexOf(INTERRUPT);
      if (at < 0) break;
      this.interruptTaken();
      if (!this.interrupt()) break;
      if (at > 0) this.input.put(rest.slice(0, at));
      rest = rest.subarray(at + 1);
    }
    if (rest.length > 0) this.input.put(rest.slice());
  }

  setReading(name: string, value: number | null | undefined): void {
    this.post({ type: 'reading', name, value });
    // A program that never waits looks at its scheduler for a changed pin.
    this.poke();
  }

  world(): Outside {
    return { ...readWorld(this.outside), asked: [...this.asked] };
  }

  worldVersion(): number {
    return worldVersion(this.outside) + this.asked.size;
  }

  setTrouble({ wifiGone, flashDelayMs }: Trouble): void {
    Atomics.store(this.control, CONTROL.airGone, wifiGone ? 1 : 0);
    Atomics.store(this.control, CONTROL.flashDelay, flashDelayMs);
    this.network.setGone(wifiGone);
    this.wake();
  }

  setNetworks(networks: RuntimeOptions['networks']): void {
    this.post({ type: 'networks', networks });
  }

  setShare(share: number): void {
    Atomics.store(this.control, CONTROL.share, Math.round(Math.min(1, share) * 1000));
    // A program that spins looks at its scheduler, and at its share.
    this.poke();
  }

  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  private async end(): Promise<void> {
    this.alarm?.dispose();
    this.again?.dispose();
    this.input.dispose();
    this.network.closeAll();
    await this.worker.terminate();
    // Files that were closed just before: their messages are still in the port.
    this.drainPort();
    this.port.close();
    this.failed(new BoardError('virtual-failed', 'the VM was stopped'));
  }

  private post(message: ToWorker): void {
    if (this.stopped) return;
    this.port.postMessage(message);
    this.wake();
  }

  private wake(): void {
    Atomics.add(this.control, CONTROL.wake, 1);
    Atomics.notify(this.control, CONTROL.wake);
  }

  /** Raises KeyboardInterrupt in a program that runs; false when Ctrl-C is a character now. */
  private interrupt(): boolean {
    if (!this.memory || Atomics.load(this.control, CONTROL.running) === 0) return false;
    const words = new Int32Array(this.memory);
    if (Atomics.load(words, BUILD.interruptChar >> 2) !== INTERRUPT) return false;
    // What mp_sched_keyboard_interrupt does, from the other thread.
    Atomics.store(words, BUILD.keyboardInterruptTraceback >> 2, 0);
    Atomics.store(words, BUILD.pendingException >> 2, BUILD.keyboardInterrupt);
    this.poke();
    return true;
  }

  /**
   * Waits for the Ctrl-C before to be taken, as long as one byte of a line takes: on a wire they
   * come one after the other, and a burst reaches programs that catch the first ones.
   */
  private interruptTaken(): void {
    if (!this.memory) return;
    const words = new Int32Array(this.memory);
    const end = performance.now() + BYTE_MS;
    while (
      Atomics.load(words, BUILD.pendingException >> 2) === BUILD.keyboardInterrupt &&
      performance.now() < end
    );
  }

  /**
   * Makes a running VM look at its scheduler. While that is locked (a callback runs) or pending (it
   * may have looked just before), it goes back to idle by itself and the word would be lost: then it
   * is said again.
   */
  private poke(): void {
    if (this.memory) {
      const halves = new Int16Array(this.memory);
      const was = Atomics.compareExchange(halves, BUILD.schedulerState >> 1, 1, 0);
      this.again?.dispose();
      const busy = was !== 1 && Atomics.load(this.control, CONTROL.running) !== 0;
      this.again = busy ? this.clock.after(LOCKED_MS, () => this.poke()) : undefined;
    }
    this.wake();
  }

  private drainPort(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.port) as { message: FromWorker } | undefined;
      if (!received) return;
      this.handle(received.message);
    }
  }

  private handle(message: FromWorker): void {
    const { flash } = this.options;
    switch (message.type) {
      case 'program':
        return flash.program(message.offset, message.bytes);
      case 'erase':
        return flash.erase(message.offset, message.length);
      case 'memory':
        this.memory = message.memory;
        return;
      case 'ready':
        return this.ready();
    }
    if (this.stopped) return;
    switch (message.type) {
      case 'output':
        return this.send();
      case 'room':
        return this.input.roomMade();
      case 'readFlash':
        return this.post({ type: 'flash', bytes: flash.read(message.offset, message.length) });
      case 'socket':
        return this.network.handle(message.request);
      case 'asked':
        return void this.asked.add(message.name);
      case 'baudRate':
        return this.options.onBaudRate?.(message.rate);
      case 'closeSockets':
        return this.network.closeAll();
      case 'alarm':
        this.alarm?.dispose();
        this.alarm = this.clock.after(message.afterMs, () => this.poke());
        return;
      case 'reset':
        return this.options.onHardReset(message.cause, message.afterMs);
      case 'failure':
        return this.failed(new BoardError('virtual-failed', message.message));
    }
  }

  /** Carries what is in the ring, a piece at a time, each when the line has taken the one before. */
  private send(): void {
    if (this.sending) return;
    for (;;) {
      if (this.stopped) return;
      // Files first: nobody may read on the line of a file that is not in the flash yet.
      this.drainPort();
      const taken = Atomics.load(this.control, CONTROL.taken);
      const waiting = (Atomics.load(this.control, CONTROL.written) - taken) | 0;
      if (waiting === 0) {
        Atomics.store(this.control, CONTROL.ringIdle, 1);
        if (Atomics.load(this.control, CONTROL.written) === taken) return;
        if (Atomics.compareExchange(this.control, CONTROL.ringIdle, 1, 0) === 0) return;
        continue;
      }
      const count = Math.min(waiting, TX_BYTES);
      const bytes = new Uint8Array(count);
      for (let n = 0; n < count; n++) bytes[n] = this.ring[((taken >>> 0) + n) % RING_BYTES]!;
      this.sending = true;
      let carriedAtOnce = false;
      let called = false;
      this.options.tx(bytes, () => {
        if (called) return;
        called = true;
        Atomics.store(this.control, CONTROL.taken, (taken + count) | 0);
        this.wake();
        this.sending = false;
        if (!carriedAtOnce) carriedAtOnce = true;
        else this.send();
      });
      if (!carriedAtOnce) {
        carriedAtOnce = true;
        return;
      }
    }
  }
}
