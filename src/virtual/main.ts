/**
 * The process of one virtual board: arguments, state folder, port, life.
 * Below: machine, rfc2217Server, stateDir, runtime. Above: the extension starts it and reads its lines.
 *
 *   node main.js --name machine1 --state DIR [--port 0] [--host 127.0.0.1] [--unpaced] [--no-stub]
 *                [--firmware-version 1.27|1.13] [--secure-download] [--deaf-above BAUD]
 *                [--noisy-above BAUD] [--set dht.4.temperature=30]… [-v]
 *
 * It prints one JSON object a line: first {"event":"listening","host","port","mac"}, then
 * {"event":"state","state"} and {"event":"error","message"}. On its stdin it takes commands (control.ts)
 * and answers {"event":"done","id"} or {"event":"refused","id","message"}. It ends when its stdin does,
 * so that it never outlives the one who started it, or on SIGTERM or SIGINT.
 */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { systemClock } from '../core/clock';
import { BoardError } from '../core/errors';
import { parseCommand, parseSetting } from './control';
import { formatMac } from './efuse';
import { Machine } from './machine';
import { Rfc2217Server } from './rfc2217Server';
import { startRuntime, type RuntimeOptions } from './runtime';
import { openState } from './stateDir';
import type { Readings } from './vmProtocol';

/** A board that hangs at its end is left behind after so many milliseconds. */
const END_MS = 3_000;

interface Options extends Pick<RuntimeOptions, 'name' | 'firmwareVersion'> {
  readonly state: string;
  readonly host: string;
  readonly port: number;
  readonly paced: boolean;
  readonly allowStub: boolean;
  readonly secureDownload: boolean;
  readonly deafAbove?: number;
  readonly noisyAbove?: number;
  readonly readings: Readings;
  readonly verbose: boolean;
}

/** What the air and the network of the board are; read once and taken out of the environment. */
interface Surroundings {
  readonly networks: RuntimeOptions['networks'];
  readonly allowHosts: readonly string[];
}

function tell(event: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function readOptions(args: string[]): Options {
  let values;
  try {
    values = parseArgs({
      args,
      options: {
        name: { type: 'string' },
        state: { type: 'string' },
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '0' },
        unpaced: { type: 'boolean', default: false },
        'no-stub': { type: 'boolean', default: false },
        'secure-download': { type: 'boolean', default: false },
        'deaf-above': { type: 'string' },
        'noisy-above': { type: 'string' },
        'firmware-version': { type: 'string', default: '1.27' },
        set: { type: 'string', multiple: true, default: [] },
        verbose: { type: 'boolean', short: 'v', default: false },
      },
    }).values;
  } catch (error) {
    throw new BoardError('virtual-failed', asText(error), { cause: error });
  }
  const { name, state, host } = values;
  const port = Number(values.port);
  const firmwareVersion = values['firmware-version'];
  const bad = (what: string): BoardError => new BoardError('virtual-failed', what);
  if (!name) throw bad('--name is missing');
  if (!state) throw bad('--state is missing');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw bad('--port is no port number');
  if (firmwareVersion !== '1.27' && firmwareVersion !== '1.13') {
    throw bad('--firmware-version must be 1.27 or 1.13');
  }
  return {
    ...{ name, state, host, port, firmwareVersion },
    paced: !values.unpaced,
    allowStub: !values['no-stub'],
    secureDownload: values['secure-download'],
    ...rateOf('deafAbove', values['deaf-above']),
    ...rateOf('noisyAbove', values['noisy-above']),
    readings: Object.assign({}, ...values.set.map(parseSetting)) as Readings,
    verbose: values.verbose,
  };
}

function rateOf<K extends string>(key: K, text: string | undefined): Partial<Record<K, number>> {
  if (text === undefined) return {};
  const rate = Number(text);
  if (!Number.isInteger(rate) || rate < 300) {
    throw new BoardError('virtual-failed', `${text} is no rate in bits per second`);
  }
  return { [key]: rate } as Record<K, number>;
}

/**
 * Reads PARLEY_VIRTUAL_WIFI and PARLEY_VIRTUAL_ALLOW and deletes them: a password is in there, and
 * nothing that this process starts has any business with it.
 */
function readSurroundings(): Surroundings {
  const take = (name: string): unknown => {
    const text = process.env[name];
    delete process.env[name];
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // The text itself is not told: it may hold a password.
      throw new BoardError('virtual-failed', `${name} is no JSON`);
    }
  };
  const [wifi, allow] = [take('PARLEY_VIRTUAL_WIFI'), take('PARLEY_VIRTUAL_ALLOW')];
  const networks = wifi ?? [{ ssid: 'Parley' }];
  const allowHosts = allow ?? [];
  if (!Array.isArray(networks) || !networks.every(isNetwork)) {
    throw new BoardError('virtual-failed', 'PARLEY_VIRTUAL_WIFI is no list of networks');
  }
  if (!Array.isArray(allowHosts) || !allowHosts.every((host) => typeof host === 'string')) {
    throw new BoardError('virtual-failed', 'PARLEY_VIRTUAL_ALLOW is no list of hosts');
  }
  return { networks, allowHosts };
}

function isNetwork(value: unknown): value is RuntimeOptions['networks'][number] {
  const { ssid, password } = (value ?? {}) as { ssid?: unknown; password?: unknown };
  return typeof ssid === 'string' && (password === undefined || typeof password === 'string');
}

interface RunningBoard {
  /** Does what a line of stdin says, and answers. */
  command(line: string): void;
  /** Ends it, with everything in its files. */
  end(): Promise<void>;
}

async function start(options: Options, around: Surroundings): Promise<RunningBoard> {
  const state = openState(options.state);
  const log = (text: string): void => {
    if (options.verbose) process.stderr.write(`[${options.name}] ${text}\n`);
  };
  const { state: _state, host: _host, port: _port, verbose: _verbose, ...chip } = options;
  const machine = new Machine({
    ...around,
    ...chip,
    flash: state.flash,
    mac: state.mac,
    clock: systemClock,
    startRuntime,
  });
  let server: Rfc2217Server;
  try {
    server = await Rfc2217Server.listen(options, {
      signature: `Parley virtual ESP32 ${options.name}`,
      setBaudRate: (rate) => {
        log(`client's rate ${rate}`);
        machine.uart.hostBaudRate = rate;
      },
      baudRate: () => machine.uart.hostBaudRate,
      setLines: (lines) => {
        log(`DTR ${+lines.dtr} RTS ${+lines.rts}`);
        machine.setLines(lines);
      },
      setBreak: (on) => machine.uart.setBreak(on),
      receive: (bytes) => machine.uart.receive(bytes),
      purge: ({ toHost, toBoard }) => {
        if (toHost) machine.uart.purgeToHost();
        if (toBoard) machine.uart.purgeToBoard();
      },
    });
  } catch (error) {
    await machine.stop();
    await state.close();
    throw error;
  }
  machine.uart.onHostData((bytes) => server.write(bytes));
  machine.onState((now) => {
    log(now);
    tell({ event: 'state', state: now });
  });
  machine.onError((error) => tell({ event: 'error', message: error.message }));
  server.onClient((here) => {
    log(here ? 'a client came' : 'the client went');
    machine.setListening(here);
  });
  const { address, port } = server.address;
  tell({ event: 'listening', host: address, port, mac: formatMac(state.mac) });
  const set = (readings: Readings): void => {
    for (const [name, value] of Object.entries(readings)) machine.setReading(name, value);
  };
  set(options.readings);
  machine.powerOn();
  return {
    command: (line) => {
      const { set: readings, ...rest } = parseCommand(line);
      if (readings) set(readings);
      tell({ event: 'done', ...rest });
    },
    end: async () => {
      await server.close();
      await machine.stop();
      await state.close();
    },
  };
}

function asText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : '';
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}

/** Says what is wrong and goes; the line is out before the process is. */
function fail(error: unknown): void {
  process.stdout.write(`${JSON.stringify({ event: 'error', message: asText(error) })}\n`, () =>
    process.exit(1),
  );
}

function obey(board: RunningBoard, line: string): void {
  try {
    board.command(line);
  } catch (error) {
    tell({ event: 'refused', message: asText(error) });
  }
}

function main(): void {
  const around = readSurroundings();
  const board = start(readOptions(process.argv.slice(2)), around);
  let ending = false;
  const leave = (): void => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), END_MS).unref();
    board.then((running) => running.end()).then(() => process.exit(0), fail);
  };
  board.catch(fail);
  // Whoever read our lines may be gone before we are.
  process.stdout.on('error', leave);
  process.on('SIGTERM', leave);
  process.on('SIGINT', leave);
  process.stdin.on('end', leave).on('close', leave).on('error', leave);
  createInterface({ input: process.stdin }).on('line', (line) => {
    void board.then(
      (running) => obey(running, line),
      () => undefined,
    );
  });
}

try {
  main();
} catch (error) {
  fail(error);
}
