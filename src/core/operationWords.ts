/**
 * What a board is busy with, for a person: operations are known by their English names, which code
 * compares. Below: words.ts. Above: explain.ts, the tree and the status bar say them.
 */
import { t } from './words';

/** The name of an operation, as `Board.busyWith` has it, in the language in use. */
export function operationText(operation: string): string {
  return Object.hasOwn(names, operation) ? names[operation]! : operation;
}

const names: Readonly<Record<string, string>> = {
  'Back Up Flash': t('Back Up Flash'),
  Bootloader: t('Bootloader'),
  Erase: t('Erase'),
  Examine: t('Examine'),
  Files: t('Files'),
  Flash: t('Flash'),
  Format: t('Format'),
  Get: t('Get'),
  'I2C Scan': t('I2C Scan'),
  Info: t('Info'),
  Install: t('Install'),
  Look: t('Look'),
  'Looking for MicroPython': t('Looking for MicroPython'),
  Put: t('Put'),
  Reset: t('Reset'),
  'Restore Flash': t('Restore Flash'),
  Run: t('Run'),
  Share: t('Share'),
  'Set the Clock': t('Set the Clock'),
  'Soft Reset': t('Soft Reset'),
  Stop: t('Stop'),
  Sync: t('Sync'),
  'Wi-Fi Networks': t('Wi-Fi Networks'),
};
