/**
 * What lies in a board's folder and the shared one, as it is to lie on the board.
 * Below: folders.ts, operations. Above: Sync and Compare.
 */
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import type { Board } from '../board/board';
import { readFolder } from '../operations/put';
import { fillIn } from '../operations/putFolder';
import { rulesOf, type Local } from '../operations/sync';
import { knownValuesFor, sharedFolderFor, valuesFor } from './folders';
import type { CommandOptions } from './options';
import { asksForValues } from './putUris';
import type { Services } from './services';

export interface LocalFolder extends Local {
  /** Names that were filled in, by file. Never the values. */
  readonly filled: Readonly<Record<string, readonly string[]>>;
  /** The file of this computer that goes to a path on the board, or would come from it. */
  fileFor(onBoard: string): string;
}

/**
 * @param options what may be asked for; without them nothing is asked, and a value that nobody has
 *   said stays as the file has it
 * @throws BoardError file-missing, broker-address, cancelled
 */
export async function localFolder(
  services: Services,
  board: Board,
  folder: string,
  options?: CommandOptions,
): Promise<LocalFolder> {
  const shared = await sharedFolderFor(services, folder);
  const roots = shared === undefined ? [folder] : [folder, shared];
  const filled: Record<string, string[]> = {};
  let files = await readFolder(folder, shared);
  if (files.some(asksForValues)) {
    const values = await (options
      ? valuesFor(services, board, options)
      : knownValuesFor(services, board));
    files = files.map((file) => fillIn(file, values, filled));
  }
  const fileFor = (onBoard: string): string => {
    const places = roots.map((root) => path.join(root, ...onBoard.split('/')));
    return places.find(existsSync) ?? places[0] ?? folder;
  };
  return { files, rules: await rulesOf(roots), filled, fileFor };
}
