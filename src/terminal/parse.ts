/** Words of the command line as values. Below: commander. Above: commands/*.ts. */
import { InvalidArgumentError } from 'commander';
import { t } from '../core/words';

/** A whole number, decimal or 0x… */
export function integer(text: string): number {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError(t('A whole number is needed.'));
  return value;
}

/** A TCP port, 0 to 65535; 0 lets the system choose. */
export function tcpPort(text: string): number {
  const value = integer(text);
  if (value > 65_535) throw new InvalidArgumentError(t('A port is a number from 0 to 65535.'));
  return value;
}

/** A whole number from 1 to 100. */
export function percent(text: string): number {
  const value = integer(text);
  if (value < 1 || value > 100) throw new InvalidArgumentError(t('A share is 1 to 100 percent.'));
  return value;
}
