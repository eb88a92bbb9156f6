/**
 * What a person has set around a virtual board, kept in the board's folder beside its flash: readings
 * of sensors, buttons that are held. No network: its password is in SecretStorage.
 * Below: virtualWorld.ts (which names there are). Above: virtualBoards.ts.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { isReading, type Readings } from './virtualWorld';

const FILE = 'around.json';

/** What was kept in `folder`; nothing where there is nothing, or nothing that can be read. */
export function readAround(folder: string): Readings {
  let kept: unknown;
  try {
    kept = JSON.parse(readFileSync(path.join(folder, FILE), 'utf8'));
  } catch {
    return {};
  }
  const { readings } = (kept ?? {}) as { readings?: unknown };
  if (typeof readings !== 'object' || readings === null) return {};
  const good = Object.entries(readings).filter(
    ([name, value]) => isReading(name) && (value === null || Number.isFinite(value)),
  );
  return Object.fromEntries(good) as Readings;
}

/**
 * Keeps `readings` for the next window: whole or not at all. Small, and written when a person has
 * moved a slider, so there is nothing to wait for.
 */
export function writeAround(folder: string, readings: Readings): void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, FILE);
  writeFileSync(`${file}.new`, JSON.stringify({ readings }));
  renameSync(`${file}.new`, file);
}
