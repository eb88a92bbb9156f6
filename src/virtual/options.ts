/**
 * What a virtual board is started with: its command line, and what is in its environment.
 * Below: control.ts, faults.ts. Above: main.ts.
 */
import { parseArgs } from 'node:util';
import { BoardError } from '../core/errors';
import { type ChipId, chips, isChipId } from './chips';
import { networksOf, parseSetting, shareOf } from './control';
import { type Fault, parseFault } from './faults';
import type { RuntimeOptions } from './runtime';
import type { Readings } from './vmProtocol';

export interface Options extends Pick<RuntimeOptions, 'name' | 'firmwareVersion'> {
  readonly state: string;
  /** What a board that is new is. */
  readonly chip: ChipId;
  /** Folder of a board that does not run; one that is new begins as its copy. */
  readonly like?: string;
  readonly host: string;
  readonly port: number;
  /** Whether a second client may watch. */
  readonly watchers: boolean;
  /** With USB in the chip: its port goes away at a reset through RTS too. */
  readonly usbAwayOnRts: boolean;
  readonly paced: boolean;
  readonly allowStub: boolean;
  readonly secureDownload: boolean;
  /** False: the flash chip does not say who it is, as one whose wires are shorted. */
  readonly flashAnswers: boolean;
  /** A byte of the flash that does not keep what is written. */
  readonly wornAt?: number;
  readonly deafAbove?: number;
  readonly noisyAbove?: number;
  /** Of a core, what its program may use for long; above 0, 1 is all of it. */
  readonly share: number;
  readonly readings: Readings;
  readonly faults: readonly Fault[];
  readonly verbose: boolean;
}

/** What the air and the network of the board are; read once and taken out of the environment. */
export interface Surroundings {
  readonly networks: RuntimeOptions['networks'];
  readonly allowHosts: readonly string[];
}

/**
 * The command line; main.ts describes it.
 * @throws BoardError 'virtual-failed' with what is wrong with it
 */
export function readOptions(args: string[]): Options {
  let values;
  try {
    values = parseArgs({
      args,
      options: {
        name: { type: 'string' },
        state: { type: 'string' },
        chip: { type: 'string', default: 'esp32' },
        like: { type: 'string' },
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '0' },
        watchers: { type: 'boolean', default: false },
        'usb-away-on-rts': { type: 'boolean', default: false },
        unpaced: { type: 'boolean', default: false },
        'no-stub': { type: 'boolean', default: false },
        'secure-download': { type: 'boolean', default: false },
        'dead-flash': { type: 'boolean', default: false },
        'worn-at': { type: 'string' },
        'deaf-above': { type: 'string' },
        'noisy-above': { type: 'string' },
        'firmware-version': { type: 'string', default: '1.27' },
        fault: { type: 'string', multiple: true, default: [] },
        set: { type: 'string', multiple: true, default: [] },
        share: { type: 'string', default: '50' },
        verbose: { type: 'boolean', short: 'v', default: false },
      },
    }).values;
  } catch (error) {
    throw new BoardError('virtual-failed', (error as Error).message, { cause: error });
  }
  const { name, state, host, chip } = values;
  const port = Number(values.port);
  const firmwareVersion = values['firmware-version'];
  const bad = (what: string): BoardError => new BoardError('virtual-failed', what);
  if (!name) throw bad('--name is missing');
  if (!state) throw bad('--state is missing');
  // RFC 2217 knows no password: whoever reaches the port has the board, its files and its Wi-Fi.
  if (!/^(localhost|::1|127(\.\d{1,3}){3})$/.test(host)) {
    throw bad(
      `--host ${host} would give the board to everyone on the network without a password: it must be an address of this computer alone (127.0.0.1). From another computer, come over SSH (ssh -L)`,
    );
  }
  if (!isChipId(chip)) throw bad(`--chip must be ${Object.keys(chips).join(', ')}`);
  if (values['secure-download'] && !chips[chip].securityInfo) {
    throw bad(`a chip of the kind ${chip} has no secure download mode`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw bad('--port is no port number');
  if (firmwareVersion !== '1.27' && firmwareVersion !== '1.13') {
    throw bad('--firmware-version must be 1.27 or 1.13');
  }
  return {
    ...{ name, state, chip, host, port, firmwareVersion },
    watchers: values.watchers,
    usbAwayOnRts: values['usb-away-on-rts'],
    paced: !values.unpaced,
    allowStub: !values['no-stub'],
    secureDownload: values['secure-download'],
    ...(values.like === undefined ? {} : { like: values.like }),
    flashAnswers: !values['dead-flash'],
    ...placeOf('wornAt', values['worn-at']),
    ...rateOf('deafAbove', values['deaf-above']),
    ...rateOf('noisyAbove', values['noisy-above']),
    share: shareOf(Number(values.share)),
    faults: values.fault.map(parseFault),
    readings: Object.assign({}, ...values.set.map(parseSetting)) as Readings,
    verbose: values.verbose,
  };
}

function placeOf<K extends string>(key: K, text: string | undefined): Partial<Record<K, number>> {
  if (text === undefined) return {};
  const place = Number(text);
  if (!Number.isInteger(place) || place < 0) {
    throw new BoardError('virtual-failed', `${text} is no place in the flash`);
  }
  return { [key]: place } as Record<K, number>;
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
export function readSurroundings(): Surroundings {
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
  const networks = networksOf(wifi ?? [{ ssid: 'Parley' }], 'PARLEY_VIRTUAL_WIFI');
  const allowHosts = allow ?? [];
  if (!Array.isArray(allowHosts) || !allowHosts.every((host) => typeof host === 'string')) {
    throw new BoardError('virtual-failed', 'PARLEY_VIRTUAL_ALLOW is no list of hosts');
  }
  return { networks, allowHosts };
}
