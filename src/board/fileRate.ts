/**
 * The rate at which a board's files are carried: what was asked for, or less where that was tried in
 * vain with this very board. Below: esp/baudRates.ts, rateMemory.ts. Above: board.ts, for the prompt.
 */
import { ratesBelow, type RateMemory } from '../esp/baudRates';
import { isUsbSerialJtag } from '../esp/reset';
import type { Log } from '../core/log';
import type { Faster } from '../micropython/fasterLine';
import type { PortInfo } from '../port/port';

export interface FileRates {
  /** Bits per second; `files` undefined: none is tried. */
  rates(): { readonly repl: number; readonly files?: number };
  readonly fileRates?: RateMemory;
}

/**
 * What may be tried now; undefined where no line has a rate (USB in the chip) or none is wanted.
 * @param who MAC address of the board, or its id
 */
export function fileRate(
  info: PortInfo,
  who: string,
  { rates, fileRates }: FileRates,
  log: Log,
): Faster | undefined {
  const { files: asked, repl } = rates();
  if (asked === undefined || isUsbSerialJtag(info)) return undefined;
  const baudRate = fileRates?.rateFor(who, asked) ?? asked;
  const refused = (next: 'slower' | 'none'): void => {
    const slower = (next === 'slower' ? ratesBelow(baudRate)[0] : undefined) ?? repl;
    log.info(`files at ${baudRate} baud: not understood; ${slower} from now on`);
    fileRates?.remember(who, asked, slower);
  };
  return { baudRate, refused };
}
