/**
 * The process of one virtual board: arguments, state folder, port, life.
 * Below: options, machine, rfc2217Server, stateDir, runtime. Above: the extension starts it and reads its lines.
 *
 *   node main.js --name machine1 --state DIR [--chip esp32|esp32s3|esp32c3] [--like DIR] [--port 0] [--host 127.0.0.1] [--unpaced] [--no-stub]
 *                [--firmware-version 1.27|1.13] [--secure-download] [--dead-flash] [--worn-at PLACE]
 *                [--deaf-above BAUD] [--noisy-above BAUD] [--set dht.4.temperature=30]…
 *                [--watchers] [--usb-away-on-rts] [--share PERCENT] [--fault drop:3@1000]… [-v]
 *
 * It prints one JSON object a line: first {"event":"listening","host","port","mac","chip"}, then
 * {"event":"state","state"} and {"event":"error","message"}. On its stdin it takes commands (control.ts)
 * and answers {"event":"done","id"} or {"event":"refused","id","message"}. It ends when its stdin does,
 * so that it never outlives the one who started it, or on SIGTERM or SIGINT.
 */
import { createInterface } from 'node:readline';
import { systemClock } from '../core/clock';
import { parseCommand } from './control';
import { formatMac } from './efuse';
import { Machine } from './machine';
import { Rfc2217Server } from './rfc2217Server';
import { type Options, readOptions, readSurroundings, type Surroundings } from './options';
import { startRuntime } from './runtime';
import { openState } from './stateDir';
import type { Readings } from './vmProtocol';
import { wornFlash } from './wornFlash';

/** A board that hangs at its end is left behind after so many milliseconds. */
const END_MS = 3_000;

function tell(event: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

interface RunningBoard {
  /** Does what a line of stdin says, and answers. */
  command(line: string): void;
  /** Ends it, with everything in its files. */
  end(): Promise<void>;
}

async function start(options: Options, around: Surroundings): Promise<RunningBoard> {
  const state = openState(options.state, options.chip, options.like);
  const log = (text: string): void => {
    if (options.verbose) process.stderr.write(`[${options.name}] ${text}\n`);
  };
  const {
    state: _state,
    host: _host,
    port: _port,
    watchers: _watchers,
    verbose: _verbose,
    chip: _chip,
    like: _like,
    ...rest
  } = options;
  const { chip } = state;
  const machine = new Machine({
    ...around,
    ...rest,
    chip,
    flash: options.wornAt === undefined ? state.flash : wornFlash(state.flash, options.wornAt),
    mac: state.mac,
    clock: systemClock,
    startRuntime,
  });
  let server: Rfc2217Server;
  try {
    server = await Rfc2217Server.listen(options, {
      signature: `Parley virtual ${chip.name} ${options.name}`,
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
  machine.onHostData((bytes) => server.write(bytes));
  machine.onState((now) => {
    log(now);
    tell({ event: 'state', state: now });
    server.setAway(now === 'unplugged');
  });
  machine.onError((error) => tell({ event: 'error', message: error.message }));
  server.onClient((here) => {
    log(here ? 'a client came' : 'the client went');
    machine.setListening(here);
  });
  const { address, port } = server.address;
  tell({ event: 'listening', host: address, port, mac: formatMac(state.mac), chip: chip.name });
  const set = (readings: Readings): void => {
    for (const [name, value] of Object.entries(readings)) machine.setReading(name, value);
  };
  set(options.readings);
  machine.powerOn();
  for (const fault of options.faults) machine.arm(fault);
  return {
    command: (line) => {
      const { id, set: readings, unset, fault, clear, watch, ...more } = parseCommand(line);
      const { share, watchers, wifi } = more;
      if (readings) set(readings);
      for (const name of unset ?? []) machine.setReading(name, undefined);
      if (clear) machine.clearFaults();
      if (fault) machine.arm(fault);
      if (share !== undefined) machine.setShare(share);
      if (wifi) machine.setNetworks(wifi);
      if (watchers !== undefined) server.setWatchers(watchers);
      if (watch !== undefined) {
        machine.watch(watch ? (outside) => tell({ event: 'world', ...outside }) : undefined);
      }
      tell({ event: 'done', id });
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
