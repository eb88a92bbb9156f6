/** Compare: a file of the board beside the one of the workspace that belongs to it. */
import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BoardError } from '../../core/errors';
import { boardUri } from '../boardUri';
import { boardFor, type Command } from '../command';
import { localFileFor } from '../localFile';
import { t } from '../../core/words';

export const compareFile: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Compare with which board?'));
  const [onBoard] = call.paths ?? [];
  if (onBoard === undefined) throw new BoardError('cancelled', 'no file named');
  const local = await localFileFor(services, board, onBoard);
  const there =
    local !== undefined &&
    (await stat(local).then(
      () => true,
      () => false,
    ));
  if (!local || !there) {
    const details = { path: local ?? t('A workspace file for {onBoard}', { onBoard }) };
    throw new BoardError('file-missing', 'nothing to compare with', { details });
  }
  await vscode.commands.executeCommand(
    'vscode.diff',
    boardUri(board, onBoard),
    vscode.Uri.file(local),
    `${path.basename(local)} (${board.name} ↔ workspace)`,
  );
  return local;
};
