/**
 * Starts and ends the processes of virtual boards and plugs each into the registry as what it is
 * to the rest of Parley: one more RFC 2217 port.
 * Below: node:child_process, registry. Above: the extension and the terminal.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock, type Clock } from '../core/clock';
import { Emitter, type Disposable, type Event } from '../core/event';
import { BoardError } from '../core/errors';
import { silentLog, type Log } from '../core/log';
import type { Board } from './board';
import type { BoardRegistry } from './registry';
import { readAround, writeAround } from './virtualAround';
import { parseWorld, troubles, type Readings, type Trouble, type World } from './virtualWorld';
import { t } from '../core/words';

/** A Wi-Fi network that a virtual board can see. Without a password any is accepted. */
export interface VirtualNetwork {
  readonly ssid: string;
  readonly password?: string;
}

export interface VirtualBoardsOptions {
  /** The bundle to run: dist/virtual/main.js. */
  readonly program: string;
  /** A folder under which each board has its own, with its flash. */
  readonly stateFolder: string;
  readonly registry: BoardRegistry;
  readonly networks: () => readonly VirtualNetwork[];
  /** Hosts a board's sockets may reach beside loopback. */
  readonly allowHosts?: () => readonly string[];
  /** Percent of a core that a board's program may use for long. Default: what its program has. */
  readonly share?: () => number;
  /** Whether another program may watch a board that one has open. Default: not. */
  readonly watchers?: () => boolean;
  /** More of the program's command line, for tests (`--unpaced`). */
  readonly arguments?: readonly string[];
  readonly log?: Log;
  readonly clock?: Clock;
}

/** The chips that a virtual board can be, as its program names them, and as everybody else does. */
export const virtualChips = { esp32: 'ESP32', esp32s3: 'ESP32-S3', esp32c3: 'ESP32-C3' } as const;
export type VirtualChip = keyof typeof virtualChips;

/** What a board that is new begins as. */
export interface NewVirtualBoard {
  /** Default: an ESP32. */
  readonly chip?: VirtualChip;
  /** Name of a board that does not run: the new one begins as its copy, with its chip and what is set around it. */
  readonly like?: string;
}

/** A board's process ended and nobody had asked it to. */
export interface UnexpectedEnd {
  readonly name: string;
  /** virtual-ended; its details say why and whether the board runs again. */
  readonly error: BoardError;
}

/** The longest a board's process may take until it listens, in milliseconds. */
const START_MS = 20_000;
/** How long a process may take to write its flash out before it is killed, in milliseconds. */
const STOP_MS = 3_000;
/** A board that ends by itself is started again, at most so often… */
const AGAIN = 3;
/** …in this time, ms: one that cannot run is not started for ever. */
const AGAIN_MS = 60_000;
/** How much of what a process wrote to its error output is kept, characters. */
const LAST_WORDS = 2000;

/** Names that make a folder name without surprises. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9 _-]{0,39}$/;

export class VirtualBoards implements Disposable {
  private readonly running = new Map<string, ChildProcessWithoutNullStreams>();
  private readonly starting = new Map<string, Promise<Board>>();
  /** Processes that we are ending. */
  private readonly leaving = new Set<ChildProcessWithoutNullStreams>();
  /** Boards that were started and not stopped since: these, and no others, are started again. */
  private readonly wanted = new Set<string>();
  /** What a person has set around each board, as far as it was asked for; its folder has it too. */
  private readonly set = new Map<string, Readings>();
  /** The network that a board can see, where it has one of its own. */
  private readonly airs = new Map<string, VirtualNetwork>();
  private readonly watchers = new Map<string, Set<(world: World) => void>>();
  /** When each board ended by itself. */
  private readonly ends = new Map<string, number[]>();
  private readonly ended = new Emitter<UnexpectedEnd>();
  /** Fires when a board ended by itself and was started again, or was not. */
  readonly onUnexpectedEnd: Event<UnexpectedEnd> = this.ended.event;
  private readonly log: Log;
  private readonly clock: Clock;

  constructor(private readonly options: VirtualBoardsOptions) {
    this.log = options.log ?? silentLog;
    this.clock = options.clock ?? systemClock;
  }

  /** The id a virtual board of this name has in the registry. */
  static idOf(name: string): string {
    return `virtual:${name}`;
  }

  /** What keeps `name` from being a board's name, or undefined. */
  static nameProblem(name: string): string | undefined {
    return NAME.test(name)
      ? undefined
      : t('Use 1 to 40 letters, digits, spaces, - or _, starting with a letter or digit.');
  }

  /** File name of the built-in firmware for a virtual board of this chip (scripts/makeVirtualImage.mjs). */
  static imageName(chip = 'ESP32'): string {
    return `parley-virtual-${chip.toLowerCase().replace('-', '')}.bin`;
  }

  /**
   * Starts the board's process unless it runs; its flash is as it was left.
   * @param as what a board that is new is; one that is there stays what it is
   * @throws BoardError virtual-failed
   */
  start(name: string, as?: NewVirtualBoard): Promise<Board> {
    const problem = VirtualBoards.nameProblem(name);
    if (problem) return Promise.reject(new BoardError('virtual-failed', problem));
    this.wanted.add(name);
    return this.begin(name, as);
  }

  /** The board's one process: the one that runs, the one that is being started, or a new one. */
  private begin(name: string, as?: NewVirtualBoard): Promise<Board> {
    const running = this.options.registry.find(VirtualBoards.idOf(name));
    if (running?.where && this.running.has(name)) return Promise.resolve(running);
    const begun = this.starting.get(name);
    if (begun) return begun;
    const starting = this.spawn(name, as);
    this.starting.set(name, starting);
    void starting.catch(() => undefined).finally(() => this.starting.delete(name));
    return starting;
  }

  /** After a board ended by itself: starts it again unless it does so all the time, and tells. */
  private async again(name: string, why: string): Promise<void> {
    this.log.error(`virtual board ${name} ended by itself: ${why}`);
    const now = this.clock.now();
    const lately = (this.ends.get(name) ?? []).filter((at) => now - at < AGAIN_MS);
    this.ends.set(name, [...lately, now]);
    const runs =
      lately.length < AGAIN &&
      this.wanted.has(name) &&
      (await this.begin(name).then(
        () => true,
        () => false,
      ));
    const details = { board: name, why, again: runs ? 'yes' : 'no' };
    const error = new BoardError('virtual-ended', `virtual board ${name} ended`, { details });
    this.ended.fire({ name, error });
  }

  /** What a person has set around `name`. */
  readings(name: string): Readings {
    let readings = this.set.get(name);
    if (!readings) this.set.set(name, (readings = readAround(this.folder(name))));
    return readings;
  }

  /**
   * Sets what stands around a pin: a sensor's value, a button, null for "nothing is wired"; undefined
   * takes back what was set. Kept with the board's flash, so it holds over restarts and windows.
   * @param reading as in {@link isReading}
   */
  setReading(name: string, reading: string, value: number | null | undefined): void {
    const { [reading]: _old, ...rest } = this.readings(name);
    const readings = value === undefined ? rest : { ...rest, [reading]: value };
    this.set.set(name, readings);
    try {
      writeAround(this.folder(name), readings);
    } catch (error) {
      // It holds all the same, as long as this window lives.
      this.log.warn(`what is set around ${name} cannot be kept: ${String(error)}`);
    }
    this.command(name, value === undefined ? { unset: [reading] } : { set: { [reading]: value } });
  }

  /** The network that `name` can see, where it is not the one of all. */
  air(name: string): VirtualNetwork | undefined {
    return this.airs.get(name);
  }

  /** Gives `name` a network of its own, at once and when it starts again; undefined: that of all. */
  setAir(name: string, network: VirtualNetwork | undefined): void {
    if (network) this.airs.set(name, network);
    else this.airs.delete(name);
    this.command(name, { wifi: this.networksOf(name) });
  }

  private networksOf(name: string): readonly VirtualNetwork[] {
    const own = this.airs.get(name);
    return own ? [own] : this.options.networks();
  }

  /** Every board that runs goes on with the share of a core that the options have now. */
  shareAgain(): void {
    const share = this.options.share?.();
    if (share !== undefined) for (const name of this.running.keys()) this.command(name, { share });
  }

  /** At every board that runs others may watch, or may not, as the options have it now. */
  watchersAgain(): void {
    const watchers = this.options.watchers?.() ?? false;
    for (const name of this.running.keys()) this.command(name, { watchers });
  }

  /** Makes trouble for `name`, to see what comes of it. */
  makeTrouble(name: string, trouble: Trouble): void {
    this.command(name, { fault: troubles[trouble] });
  }

  /** Ends all trouble of `name`. */
  endTrouble(name: string): void {
    this.command(name, { clear: true });
  }

  /** Shows what the program of `name` does to the outside, until disposed; also after a restart. */
  watch(name: string, show: (world: World) => void): Disposable {
    const watchers = this.watchers.get(name) ?? new Set();
    this.watchers.set(name, watchers.add(show));
    this.command(name, { watch: true });
    return {
      dispose: () => {
        watchers.delete(show);
        if (watchers.size === 0) this.command(name, { watch: false });
      },
    };
  }

  /** To a board that does not run nothing is said; it is told what holds when it starts. */
  private command(name: string, command: object): void {
    const child = this.running.get(name);
    if (child?.stdin.writable) child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  /** Ends the board's process, as unplugging it would; its flash stays. */
  async stop(name: string): Promise<void> {
    this.wanted.delete(name);
    const child = this.running.get(name);
    if (child) this.leaving.add(child);
    const board = this.options.registry.find(VirtualBoards.idOf(name));
    await board?.close();
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      child.stdin.end();
    });
  }

  /** Ends the board and throws its flash away. */
  async remove(name: string): Promise<void> {
    await this.stop(name);
    this.set.delete(name);
    this.airs.delete(name);
    this.options.registry.forget(VirtualBoards.idOf(name));
    await rm(this.folder(name), { recursive: true, force: true });
  }

  /** Ends every board's process and waits. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.running.keys()].map((name) => this.stop(name)));
  }

  dispose(): void {
    void this.stopAll();
    this.ended.dispose();
  }

  private folder(name: string): string {
    return path.join(this.options.stateFolder, name);
  }

  private spawn(name: string, as: NewVirtualBoard = {}): Promise<Board> {
    const { program, registry, allowHosts, share, watchers } = this.options;
    const args = [program, '--name', name, '--state', this.folder(name)];
    if (as.chip) args.push('--chip', as.chip);
    if (as.like) {
      args.push('--like', this.folder(as.like));
      // What stands around the one stands around its copy; one that is there keeps its own.
      const around = this.readings(as.like);
      if (Object.keys(around).length > 0 && !existsSync(this.folder(name))) {
        writeAround(this.folder(name), around);
        this.set.set(name, around);
      }
    }
    for (const [reading, value] of Object.entries(this.readings(name))) {
      args.push('--set', `${reading}=${value ?? 'none'}`);
    }
    if (share) args.push('--share', String(share()));
    if (watchers?.()) args.push('--watchers');
    args.push(...(this.options.arguments ?? []));
    const child = spawn(process.execPath, args, {
      stdio: 'pipe',
      // A board needs nothing of this computer's environment; Electron needs to be told it is Node.
      env: {
        ELECTRON_RUN_AS_NODE: '1',
        PARLEY_VIRTUAL_WIFI: JSON.stringify(this.networksOf(name)),
        PARLEY_VIRTUAL_ALLOW: JSON.stringify(allowHosts?.() ?? []),
        ...(process.env['SystemRoot'] ? { SystemRoot: process.env['SystemRoot'] } : {}),
      },
    });
    this.running.set(name, child);
    let said = '';
    child.stderr.on('data', (text: Buffer) => {
      said = (said + text.toString()).slice(-LAST_WORDS);
      this.log.debug(`virtual board ${name}: ${text.toString().trimEnd()}`);
    });
    child.stdin.on('error', () => undefined);
    let up = false;
    return new Promise<Board>((resolve, reject) => {
      const fail = (why: string): void => {
        child.kill('SIGKILL');
        reject(
          new BoardError('virtual-failed', `virtual board ${name}: ${why}`, { details: { why } }),
        );
      };
      const timer = setTimeout(
        () => fail(t('did not start within {seconds} s', { seconds: START_MS / 1000 })),
        START_MS,
      );
      child.once('error', (error) => fail(error.message));
      child.once('exit', () => {
        if (this.running.get(name) !== child) return;
        this.running.delete(name);
        registry.unplug(VirtualBoards.idOf(name));
      });
      // Not at 'exit': what it said last may still be on its way.
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        const how = signal
          ? t('ended by {signal}', { signal })
          : t('ended with code {code}', { code });
        const why = said.trim().split('\n').at(-1) || how;
        if (said.trim()) this.log.debug(`virtual board ${name}, its last words: ${said.trim()}`);
        const asked = this.leaving.delete(child);
        if (up && !asked) void this.again(name, why);
        else fail(why);
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        const event = parseEvent(line);
        if (event?.event === 'listening' && event.host && event.port) {
          clearTimeout(timer);
          up = true;
          if (this.watchers.get(name)?.size) this.command(name, { watch: true });
          const address = `${event.host}:${event.port}`;
          resolve(
            registry.plug(
              { id: VirtualBoards.idOf(name), name, virtual: true },
              { scheme: 'rfc2217', address, label: name },
              {
                chip: event.chip ?? 'ESP32',
                ...(event.mac ? { mac: event.mac.toLowerCase() } : {}),
              },
            ),
          );
        } else if (event?.event === 'world') {
          const world = parseWorld(event);
          for (const show of [...(this.watchers.get(name) ?? [])]) show(world);
        } else if (event?.event === 'refused') {
          this.log.warn(`virtual board ${name} refused: ${event.message ?? line}`);
        } else if (event?.event === 'error') {
          said = event.message ?? said;
          this.log.warn(`virtual board ${name}: ${event.message ?? line}`);
        }
      });
    });
  }
}

interface ProcessEvent {
  readonly event: string;
  readonly host?: string;
  readonly port?: number;
  readonly mac?: string;
  readonly chip?: string;
  readonly message?: string;
}

function parseEvent(line: string): ProcessEvent | undefined {
  try {
    return JSON.parse(line) as ProcessEvent;
  } catch {
    return undefined;
  }
}
