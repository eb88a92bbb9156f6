/** Add the Board's Files to the Workspace: as one more folder of the explorer. */
import * as vscode from 'vscode';
import { boardUri } from '../boardUri';
import { boardFor, type Command } from '../command';
import { t } from '../../core/words';

export const openBoardFolder: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Add the files of which board?'));
  const uri = boardUri(board, '');
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (!folders.some((folder) => folder.uri.toString() === uri.toString())) {
    const name = `${board.name} (board)`;
    vscode.workspace.updateWorkspaceFolders(folders.length, 0, { uri, name });
  }
  await vscode.commands.executeCommand('workbench.view.explorer');
  return uri.toString();
};
