/**
 * Where the file that a traceback names can be seen: in the workspace, else on the board itself.
 * Below: programs, localFile, boardUri. Above: terminalLinks.ts and Go to the Error.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { BoardError } from '../core/errors';
import { boardUri } from './boardUri';
import { localFileFor } from './localFile';
import type { Services } from './services';
import { t } from '../core/words';

/**
 * The workspace's file: the one that ran under that name, else the one that belongs there.
 * @param file as the board says it: "main.py", "/lib/x.py"
 */
export async function workspacePlace(
  services: Services,
  board: Board,
  file: string,
): Promise<vscode.Uri | undefined> {
  const ran = services.programs.sourceOf(board.id, file);
  if (ran) return ran;
  const local = await localFileFor(services, board, file);
  return local === undefined ? undefined : vscode.Uri.file(local);
}

/**
 * Opens the file at a line, in the workspace or from the board.
 * @param line 1 or more; a line past the end is the last
 * @throws BoardError file-missing where neither has it (a module of the firmware)
 */
export async function openPlace(
  services: Services,
  board: Board,
  place: { readonly file: string; readonly line: number },
): Promise<vscode.Uri> {
  const { file, line } = place;
  const uri = (await workspacePlace(services, board, file)) ?? (await onBoard(board, file));
  if (!uri) {
    throw new BoardError('file-missing', `no ${file} in the workspace or on ${board.name}`, {
      details: {
        path: t(
          '{file} (not in the workspace nor among {board}’s files: it may be part of the firmware)',
          { file, board: board.name },
        ),
      },
    });
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const row = Math.min(line, document.lineCount) - 1;
  const range = document.lineAt(row).range;
  await vscode.window.showTextDocument(document, {
    selection: new vscode.Range(range.start, range.start),
  });
  return uri;
}

/** `import x` finds "x.py" in the root or in /lib, and says it without the root's slash. */
async function onBoard(board: Board, file: string): Promise<vscode.Uri | undefined> {
  const path = file.replace(/^\/+/, '');
  for (const candidate of [path, `lib/${path}`]) {
    const uri = boardUri(board, candidate);
    try {
      await vscode.workspace.fs.stat(uri);
      return uri;
    } catch (error) {
      // Not there: look on. Anything else (a program runs, unplugged) is for the person to hear.
      if ((error as { code?: string }).code !== 'FileNotFound') throw error;
    }
  }
  return undefined;
}
