/**
 * Virtual boards for integration tests: the real process, reached through our own port, flashed
 * through our own flasher. Below: dist/virtual/main.js, dist/firmware. Above: prompt, put.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Board } from '../../src/board/board';
import { quietJob } from '../../src/core/job';
import { Bootloader } from '../../src/esp/flasher';
import { RawRepl } from '../../src/micropython/rawRepl';
import type { Port } from '../../src/port/port';
import { Rfc2217Provider } from '../../src/port/rfc2217';

const program = process.env['PARLEY_VIRTUAL_MAIN'] ?? 'dist/virtual/main.js';
const image = 'dist/firmware/parley-virtual-esp32.bin';
/** Where the ESP32's ROM looks for a program. */
const IMAGE_OFFSET = 0x1000;

/** Why these tests cannot run here, or undefined. For `describe(name, { skip: notBuilt }, …)`. */
export const notBuilt = [program, image].every((file) => existsSync(file))
  ? undefined
  : `${program} or ${image} has not been built (npm run build)`;

export interface VirtualBoardOptions {
  /** Writes MicroPython through the ROM loader first. Default true. */
  readonly flashed?: boolean;
  /** As fast as the machine can, not as a line of 115200 baud. Default true. */
  readonly unpaced?: boolean;
  /** '1.13' knows no raw paste. Default '1.27'. */
  readonly firmwareVersion?: '1.27' | '1.13';
  /** What is in the air. Default: one open network, "Parley". */
  readonly networks?: readonly { ssid: string; password?: string }[];
  /** More of its command line: a bad cable, `['--deaf-above', '200000']`. */
  readonly more?: readonly string[];
}

export interface VirtualBoard {
  readonly port: Port;
  /** "host:port" of its RFC 2217 server. */
  readonly address: string;
  /** All that it has printed since it was flashed. */
  printed(): string;
  /** Resolves once it has printed `pattern` after `from` characters. Rejects after `limitMs`. */
  prints(pattern: RegExp, limitMs?: number, from?: number): Promise<string>;
  /** Pulls the plug: SIGKILL. */
  kill(): Promise<void>;
  /** Ends the process, and its files unless `keep`. */
  stop(keep?: { state: true }): Promise<void>;
  /** Where its flash lies; for {@link startVirtualBoard}'s second argument. */
  readonly state: string;
}

/** Starts a board; `state` is the folder of one that was stopped with its state kept. */
export async function startVirtualBoard(
  options: VirtualBoardOptions = {},
  state?: string,
): Promise<VirtualBoard> {
  const { flashed = true, unpaced = true, firmwareVersion = '1.27', networks } = options;
  const folder = state ?? (await mkdtemp(join(tmpdir(), 'parley-board-')));
  const args = ['--name', 'test', '--state', folder, '--firmware-version', firmwareVersion];
  args.push(...(options.more ?? []));
  const air = networks ? { PARLEY_VIRTUAL_WIFI: JSON.stringify(networks) } : {};
  const child = spawn(process.execPath, [program, ...args, ...(unpaced ? ['--unpaced'] : [])], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...air },
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exit;
  };
  try {
    const address = await addressOf(child);
    const provider = new Rfc2217Provider();
    const port = await provider.open(provider.add(address), { baudRate: 115_200 });
    if (flashed && state === undefined) await flash(port);
    let text = '';
    const decoder = new TextDecoder();
    port.onData((bytes) => (text += decoder.decode(bytes, { stream: true })));
    // Under load the boot takes longer than an operation that must not stop a program waits.
    if (flashed && state === undefined)
      await waitFor(
        port,
        () => /^>>> /m.exec(text)?.[0],
        20_000,
        () => text,
      );
    return {
      port,
      address,
      state: folder,
      printed: () => text,
      prints: (pattern, limitMs = 20_000, from = 0) =>
        waitFor(
          port,
          () => pattern.exec(text.slice(from))?.[0],
          limitMs,
          () => text,
        ),
      kill: () => end('SIGKILL'),
      stop: async (keep) => {
        await port.close();
        await end('SIGTERM');
        if (!keep) await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
}

/** A board for the length of `body`. */
export async function withVirtualBoard(
  options: VirtualBoardOptions,
  body: (board: VirtualBoard) => Promise<void>,
): Promise<void> {
  const board = await startVirtualBoard(options);
  try {
    await body(board);
  } finally {
    await board.stop();
  }
}

/** `port`, which nobody who closes it closes: the one who opened it does. */
export function keptOpen(port: Port): Port {
  return new Proxy(port, {
    get: (target, name) => {
      if (name === 'close') return () => Promise.resolve();
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}

/** `virtual` as the rest of Parley holds it; its port stays open when the board lets go of it. */
export function boardOn(virtual: Pick<VirtualBoard, 'port'>, name = 'machine1'): Board {
  const { port } = virtual;
  const shared = keptOpen(port);
  const board = new Board(
    { id: `virtual:${name}`, name, virtual: true },
    {
      open: () => Promise.resolve(shared),
      rates: () => ({ repl: 115_200, flash: 460_800 }),
    },
  );
  board.plug(port.info);
  return board;
}

/** The raw prompt of `board` for the length of `body`. */
export async function withPrompt<T>(
  board: Pick<VirtualBoard, 'port'>,
  body: (repl: RawRepl) => Promise<T>,
): Promise<T> {
  const repl = await RawRepl.enter(board.port, {}, quietJob());
  try {
    return await body(repl);
  } finally {
    await repl.leave();
  }
}

async function flash(port: Port): Promise<void> {
  const job = quietJob();
  const loader = await Bootloader.enter(port, { baudRate: 460_800 }, job);
  try {
    await loader.writeFlash(new Uint8Array(await readFile(image)), IMAGE_OFFSET, job);
  } finally {
    await loader.leave();
  }
}

/** "host:port" as a virtual board says it when it listens. */
export function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the virtual board ended with ${code}`)));
    if (!child.stdout) throw new Error('no stdout');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { event: string; host: string; port: number };
      if (said.event === 'listening') resolve(`${said.host}:${said.port}`);
    });
  });
}

/** Looks again after every packet; no polling, no sleeping. */
function waitFor(
  port: Port,
  look: () => string | undefined,
  limitMs: number,
  text: () => string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const found = look();
    if (found !== undefined) return resolve(found);
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      listening.dispose();
      settle();
    };
    const timer = setTimeout(() => {
      finish(() => reject(new Error(`not printed in ${limitMs} ms: ${text().slice(-500)}`)));
    }, limitMs);
    const listening = port.onData(() => {
      const match = look();
      if (match !== undefined) finish(() => resolve(match));
    });
  });
}
