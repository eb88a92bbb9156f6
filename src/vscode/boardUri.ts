/**
 * The address of a board's file: `parley-board:/machine1/lib/x.py`.
 * Below: board names. Above: the file system, the tree and the commands on files.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import type { BoardRegistry } from '../board/registry';

export const SCHEME = 'parley-board';

/** A board's name as the first part of a path; a name may hold a slash, a part may not. */
function partOf(name: string): string {
  return name.replaceAll('/', '_');
}

/** @param path on the board, with or without its leading slash */
export function boardUri(board: Pick<Board, 'name'>, path: string): vscode.Uri {
  const rest = path.replace(/^\/+/, '');
  return vscode.Uri.from({ scheme: SCHEME, path: `/${partOf(board.name)}${rest && `/${rest}`}` });
}

/** The board and the path on it; undefined for the root of all boards and a board nobody knows. */
export function boardOfUri(
  registry: Pick<BoardRegistry, 'boards'>,
  uri: vscode.Uri,
): { board: Board; path: string } | undefined {
  const [, name = '', ...rest] = uri.path.split('/');
  const board = registry.boards.find((candidate) => partOf(candidate.name) === name);
  return board && { board, path: `/${rest.join('/')}`.replace(/(.)\/+$/, '$1') };
}
