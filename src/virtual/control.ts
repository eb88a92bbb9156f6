/**
 * What the one who started a board may tell it while it runs: one JSON object a line on its stdin. Who
 * can write there is the parent process alone, so no password is needed.
 * Below: vmProtocol.ts (readings). Above: main.ts.
 *
 *   {"id":2,"fault":{"kind":"drop","bytes":3,"way":"to-host","after":1000}}   {"clear":true}
 *   {"watchers":true}   {"share":20}   {"wifi":[{"ssid":"Lab","password":"…"}]}
 *   {"id":1,"set":{"dht.4.temperature":30,"adc.34":1200,"pin.5":1,"ds18x20.4.0":null}}   {"watch":true}
 */
import { BoardError } from '../core/errors';
import { checkFault, type Fault } from './faults';
import type { Readings } from './vmProtocol';

export interface Command {
  /** Comes back in the answer. */
  readonly id?: number;
  readonly set?: Readings;
  /** Names whose readings are as nobody had set them. */
  readonly unset?: readonly string[];
  readonly fault?: Fault;
  /** Ends all faults. */
  readonly clear?: boolean;
  /** Whether to tell what the program does to the outside: {"event":"world",…} (world.ts). */
  readonly watch?: boolean;
  /** What its program may use of a core from now on, as {@link shareOf} has it. */
  readonly share?: number;
  /** Whether a second client may watch, from now on. */
  readonly watchers?: boolean;
  /** The networks in the air from now on. */
  readonly wifi?: readonly Network[];
}

/** A Wi-Fi network; one without a password takes any. */
export interface Network {
  readonly ssid: string;
  readonly password?: string;
}

/** Names of readings: what kind, which pin, and what of it. */
const NAMES =
  /^(dht\.\d{1,2}\.(temperature|humidity)|ds18x20\.\d{1,2}\.[0-7]|adc\.\d{1,2}|rfid\.\d{1,2}|pin\.\d{1,2})$/;

/**
 * A line of the control channel.
 * @throws BoardError 'virtual-failed' with what is wrong with it
 */
export function parseCommand(line: string): Command {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new BoardError('virtual-failed', 'a command is no JSON', { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BoardError('virtual-failed', 'a command is no object');
  }
  const { id, set, unset, fault, clear, watch, share, watchers, wifi } = value as Record<
    string,
    unknown
  >;
  return {
    ...(typeof id === 'number' ? { id } : {}),
    ...(set === undefined ? {} : { set: readings(set) }),
    ...(unset === undefined ? {} : { unset: names(unset) }),
    ...(fault === undefined ? {} : { fault: checkFault(fault) }),
    ...(clear === true ? { clear } : {}),
    ...(typeof watch === 'boolean' ? { watch } : {}),
    ...(share === undefined ? {} : { share: shareOf(share) }),
    ...(typeof watchers === 'boolean' ? { watchers } : {}),
    ...(wifi === undefined ? {} : { wifi: networksOf(wifi, 'wifi') }),
  };
}

/**
 * A list of networks; `what` is what the error calls it, which tells nothing else: a password may be
 * in there.
 * @throws BoardError 'virtual-failed' where it is none
 */
export function networksOf(value: unknown, what: string): readonly Network[] {
  if (Array.isArray(value) && value.every(isNetwork)) return value;
  throw new BoardError('virtual-failed', `${what} is no list of networks`);
}

function isNetwork(value: unknown): value is Network {
  const { ssid, password } = (value ?? {}) as { ssid?: unknown; password?: unknown };
  return typeof ssid === 'string' && (password === undefined || typeof password === 'string');
}

/**
 * Percent of a core as a part of one.
 * @throws BoardError 'virtual-failed' where it is not 1 to 100
 */
export function shareOf(percent: unknown): number {
  if (typeof percent === 'number' && percent >= 1 && percent <= 100) return percent / 100;
  throw new BoardError('virtual-failed', 'the share of a core is not 1 to 100 percent');
}

/**
 * `dht.4.temperature=30`, as on the command line; "none" takes the sensor away.
 * @throws BoardError 'virtual-failed' with what is wrong with it
 */
export function parseSetting(text: string): Readings {
  const at = text.indexOf('=');
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  return readings({ [at < 0 ? text : name]: value === 'none' ? null : Number(value || 'NaN') });
}

function names(value: unknown): string[] {
  if (!Array.isArray(value) || !value.every((name) => NAMES.test(String(name)))) {
    throw new BoardError('virtual-failed', 'unset is no list of readings');
  }
  return value.map(String);
}

function readings(value: unknown): Readings {
  const all: Record<string, number | null> = {};
  for (const [name, one] of Object.entries((value ?? {}) as Record<string, unknown>)) {
    if (!NAMES.test(name)) {
      throw new BoardError('virtual-failed', `there is no reading called ${name}`);
    }
    const right = one === null || (typeof one === 'number' && Number.isFinite(one));
    if (!right) throw new BoardError('virtual-failed', `${name} is no number`);
    all[name] = one;
  }
  return all;
}
