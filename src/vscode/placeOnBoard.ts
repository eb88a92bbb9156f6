/**
 * Where a file of the workspace lies on a board.
 * Below: folders.ts, operations/ignoreRules. Above: Put this File, put on save.
 */
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { Board } from '../board/board';
import { IgnoreRules } from '../operations/ignoreRules';
import { folderOf, sharedFolderFor } from './folders';
import type { Services } from './services';

/** Where `file` goes on `board`, "lib/x.py"; undefined where it is not in the board's folders. */
export async function placeOn(
  services: Services,
  board: Board,
  file: string,
): Promise<string | undefined> {
  const folder = await folderOf(services, board);
  if (folder === undefined) return undefined;
  const inside = await placeIn(folder, file);
  if (inside !== undefined) return inside;
  const shared = await sharedFolderFor(services, folder);
  const place = shared === undefined ? undefined : await placeIn(shared, file);
  if (place === undefined) return undefined;
  // The folder's own file of that name is the one that lies on the board.
  const own = await readFile(path.join(folder, place)).catch(() => undefined);
  return own === undefined ? place : undefined;
}

/** The path of `file` from `folder`; undefined where it is elsewhere, or the folder's rules ignore it. */
async function placeIn(folder: string, file: string): Promise<string | undefined> {
  const parts = path.relative(folder, file).split(path.sep);
  if (parts[0] === '..' || path.isAbsolute(parts.join(path.sep))) return undefined;
  const rules = await IgnoreRules.of(folder);
  const ignored = parts.some((_, index) => {
    const kind = index === parts.length - 1 ? 'file' : 'folder';
    return rules.ignores(parts.slice(0, index + 1).join('/'), kind);
  });
  return ignored ? undefined : parts.join('/');
}
