/** New File on the Board: an empty file that opens in the editor. */
import * as vscode from 'vscode';
import { BoardError, isBoardError } from '../../core/errors';
import { boardUri } from '../boardUri';
import { boardFor, type Command } from '../command';
import { newPathFor } from '../newPath';
import { t } from '../../core/words';

export const newBoardFile: Command = async (services, call) => {
  const board = await boardFor(services, call, t('New file on which board?'));
  const files = services.folders.of(board);
  const path = await newPathFor(files, call, t('New file'), 'main.py');
  const there = await files.stat(path).catch((error: unknown) => {
    if (isBoardError(error, 'file-missing')) return undefined;
    throw error;
  });
  if (there) throw new BoardError('file-exists', `${path} is there`, { details: { path } });
  await files.write(path, new Uint8Array());
  await vscode.commands.executeCommand('vscode.open', boardUri(board, path));
  return path;
};
