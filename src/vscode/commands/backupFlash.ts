/** Back Up Flash: all that a board holds into one file, to be restored byte for byte. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Board } from '../../board/board';
import { BoardError } from '../../core/errors';
import { formatBytes, formatSeconds } from '../../core/rate';
import { backupFlash as backup } from '../../operations/backupFlash';
import { boardFor, type Command } from '../command';
import { tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const backupFlash: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Back up the flash of which board?'));
  const file = call.options.file ?? (await askFile(board));
  call.again = { file };
  const title = t('Back up the flash of {board}', { board: board.name });
  const report = await withJob(services.activity, { title, board }, (job) =>
    backup(board, file, job),
  );
  const { bytes, chip, milliseconds, restorable } = report;
  const size = `${formatBytes(bytes)}, ${chip}`;
  const last = restorable
    ? t('Passwords that are on the board are in it: keep it to yourself.')
    : t('No bootloader is in it (the flash is blank, or encrypted), so it is not restored.');
  const time = formatSeconds(milliseconds / 1000);
  tell(
    t('{board}: its whole flash ({size}) is in {file}, in {time}. {last}', {
      board: board.name,
      size,
      file,
      time,
      last,
    }),
  );
  return { board: board.id, ...report };
};

async function askFile(board: Board): Promise<string> {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const day = new Date().toISOString().slice(0, 10);
  const name = `${board.name.replace(/[^\w.-]+/g, '_')}-flash-${day}.bin`;
  const chosen = await vscode.window.showSaveDialog({
    title: t('Back up the flash of {board} to', { board: board.name }),
    saveLabel: t('Back Up'),
    filters: { [t('Flash backups')]: ['bin'] },
    ...(root ? { defaultUri: vscode.Uri.file(path.join(root, name)) } : {}),
  });
  if (!chosen) throw new BoardError('cancelled', 'no file chosen');
  return chosen.fsPath;
}
