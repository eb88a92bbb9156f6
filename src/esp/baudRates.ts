/**
 * How fast a loader can be spoken to: the rates to try in turn, and changing to one.
 * Below: esptool-js for the packets. Above: loaderSession.ts.
 */
import type { ESPLoader } from 'esptool-js';
import type { Clock } from '../core/clock';
import type { Log } from '../core/log';
import type { SlipLink } from './slipLink';
import { words } from './words';

/** The rate at which every ROM loader begins, bits per second. */
export const ROM_BAUD_RATE = 115_200;

/** Rates to fall back to, bits per second: the ones every USB bridge knows. */
const LADDER = [921_600, 460_800, 230_400, ROM_BAUD_RATE];

const CHANGE_BAUDRATE = 0x0f;
/** A register that every chip has (the one by which old ones are told apart). */
const ANY_REGISTER = 0x4000_1000;
/** How long the UARTs of both ends may take to settle, ms (as esptool). */
const SETTLE_MS = 50;
/** Questions that must be answered at a new rate: one could pass by luck on a bad cable. */
const PROBES = 4;
const PROBE_MS = 500;

/** What a board was found to be able to do, kept from one session to the next. */
export interface RateMemory {
  /**
   * The rate to begin with, bits per second, when `asked` is wanted of the board with this MAC:
   * `asked` itself, or less where that was tried in vain.
   */
  rateFor(mac: string, asked: number): number;
  /** `asked` was tried in vain and `got` works, both in bits per second. */
  remember(mac: string, asked: number, got: number): void;
}

/** `first`, then every slower rate of the ladder; the last is always the ROM's own. */
export function ratesFrom(first: number): readonly number[] {
  const slower = LADDER.filter((rate) => rate < first);
  return slower.length > 0 || first === ROM_BAUD_RATE ? [first, ...slower] : [first, ROM_BAUD_RATE];
}

/** The rates of the ladder below `rate`, fastest first; none below the ROM's. */
export function ratesBelow(rate: number): readonly number[] {
  return LADDER.filter((slower) => slower < rate);
}

/**
 * Takes both ends to `rate` and asks whether they still understand each other. After false only a
 * reset brings the loader back: nobody knows at which rate it listens.
 * @throws BoardError why the link ended
 */
export async function changeRate(
  loader: ESPLoader,
  link: SlipLink,
  rate: number,
  clock: Clock,
  log: Log,
): Promise<boolean> {
  // The stub wants to know its present rate, the ROM a 0 ("Serial Protocol", 0x0f).
  const now = loader.IS_STUB ? loader.transport.baudrate : 0;
  try {
    await loader.command(CHANGE_BAUDRATE, words([rate, now]));
    await link.orEnded(clock.sleep(SETTLE_MS));
    await loader.transport.changeBaudrate(rate);
    // What comes while the rate changes is noise.
    await link.orEnded(clock.sleep(SETTLE_MS));
    link.flush();
    for (let i = 0; i < PROBES; i++) await loader.readReg(ANY_REGISTER, PROBE_MS);
    return true;
  } catch (error) {
    if (link.ended) throw link.ended;
    log.debug(`at ${rate}: ${String(error)}`);
    return false;
  }
}

/** True when the loader answers, at the rate there is. @throws BoardError why the link ended */
export async function answers(loader: ESPLoader, link: SlipLink): Promise<boolean> {
  try {
    await loader.readReg(ANY_REGISTER, PROBE_MS);
    return true;
  } catch {
    if (link.ended) throw link.ended;
    return false;
  }
}
