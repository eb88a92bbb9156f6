/**
 * Which file of the workspace was put as a file of a board.
 * Below: folders.ts. Above: Compare, and the links of tracebacks.
 */
import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import type { Board } from '../board/board';
import { folderOf, sharedFolderFor } from './folders';
import type { Services } from './services';

/**
 * The file in the board's folder, else in the shared one; undefined where neither has it.
 * @param onBoard path on the board, with or without its leading slash
 */
export async function localFileFor(
  services: Services,
  board: Board,
  onBoard: string,
): Promise<string | undefined> {
  const folder = await folderOf(services, board);
  if (!folder) return undefined;
  const parts = onBoard.replace(/^\/+/, '').split('/');
  const shared = await sharedFolderFor(services, folder);
  for (const root of shared ? [folder, shared] : [folder]) {
    const file = path.join(root, ...parts);
    // A path on a board may hold "..": it must not lead out of the folder.
    if (path.relative(root, file).startsWith('..')) continue;
    if (
      await stat(file).then(
        (found) => found.isFile(),
        () => false,
      )
    )
      return file;
  }
  return undefined;
}
