/**
 * Where something new on a board is to lie: asked for, below the row it was asked on.
 * Below: boardFiles. Above: New File, New Folder, Rename.
 */
import { boardPath } from '../micropython/filesystem';
import type { BoardFiles } from '../operations/boardFiles';
import { textFor, type Call } from './command';
import { t } from '../core/words';

/** littlefs and FAT both end names at 255 bytes (LFS_NAME_MAX, FF_MAX_LFN). */
const NAME_BYTES = 255;

/** @returns an absolute path on the board. @throws BoardError cancelled, file-missing */
export async function newPathFor(
  files: BoardFiles,
  call: Call,
  title: string,
  example: string,
): Promise<string> {
  const [row] = call.paths ?? [];
  // options.path names the thing itself; a row names the folder it goes into.
  if (row !== undefined && call.options.path !== undefined) return boardPath(row);
  let folder = '/';
  if (row !== undefined) {
    const node = await files.stat(row);
    folder = node.kind === 'folder' ? row : row.slice(0, row.lastIndexOf('/')) || '/';
  }
  const inside = folder === '/' ? '/' : `${folder}/`;
  const name = await textFor(call.options.name, {
    title: t('{title} on {board}', { title, board: files.board.name }),
    prompt: t('In {inside}; a / makes folders', { inside }),
    placeHolder: example,
    validateInput: nameProblem,
  });
  return boardPath(inside + name);
}

/** What keeps `text` from being a path on a board, or undefined. */
export function nameProblem(text: string): string | undefined {
  const parts = text.split('/').filter((part) => part !== '');
  if (parts.length === 0) return t('It needs a name.');
  if (parts.some((part) => part === '.' || part === '..'))
    return t('No “.” or “..” in it, please.');
  if (parts.some((part) => Buffer.byteLength(part) > NAME_BYTES))
    return t('That name is too long.');
  return undefined;
}
