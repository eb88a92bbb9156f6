/**
 * Where a program of this computer is: what the settings say, the PATH, and where installers put it.
 * Below: node:fs. Above: the broker's Mosquitto, the compiler of MicroPython.
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import * as path from 'node:path';

export interface ProgramPlaces {
  /** Its path from the settings; '' looks for it. */
  readonly configured: string;
  /** Folders beside the PATH, absolute. */
  readonly usual?: readonly string[] | undefined;
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly platform?: NodeJS.Platform | undefined;
}

/** @param name without .exe @returns its path; undefined where it is not there or cannot be run */
export async function findProgram(
  name: string,
  { configured, usual = [], environment, platform }: ProgramPlaces,
): Promise<string | undefined> {
  const { PATH, Path } = environment ?? process.env;
  const file = (platform ?? process.platform) === 'win32' ? `${name}.exe` : name;
  // A relative folder on the PATH would be one of the workspace.
  const folders = [...(PATH ?? Path ?? '').split(path.delimiter), ...usual].filter((folder) =>
    path.isAbsolute(folder),
  );
  const candidates = configured ? [configured] : folders.map((folder) => path.join(folder, file));
  for (const candidate of candidates) if (await runs(candidate)) return candidate;
  return undefined;
}

async function runs(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
