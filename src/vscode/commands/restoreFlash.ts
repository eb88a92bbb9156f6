/** Restore Flash: what Back Up Flash saved, back onto the board, after asking once. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Board } from '../../board/board';
import { BoardError } from '../../core/errors';
import { formatBytes } from '../../core/rate';
import { restoreFlash as restore } from '../../operations/restoreFlash';
import { fullName } from '../boardText';
import { boardFor, type Command } from '../command';
import { whatIsThere } from '../flashQuestion';
import { readImage } from '../images';
import { confirm, tell } from '../notify';
import { withJob } from '../progress';

export const restoreFlash: Command = async (services, call) => {
  const board = await boardFor(services, call, 'Restore the flash of which board?');
  const file = call.options.file ?? (await askFile(board));
  const { name, bytes } = await readImage(file);
  if (!call.options.confirm) {
    await confirm(
      `Restore ${name} onto ${fullName(board)}?`,
      `${whatIsThere(services, board)} The flash then holds what it held when it was backed up.`,
      'Restore',
    );
  }
  call.again = { file, confirm: true };
  const title = `Restore the flash of ${board.name}`;
  const report = await withJob(services.activity, { title, board }, (job) =>
    restore(board, { name, bytes }, job),
  );
  const { writtenBytes, unchangedBytes } = report;
  const next = { 'Open REPL': 'parley.openRepl' } as const;
  tell(
    writtenBytes === 0
      ? `${board.name}: its flash is as in ${path.basename(file)} already. Nothing was written.`
      : `${board.name}: its flash is as in ${name} again, verified (${formatBytes(writtenBytes)} written, ${formatBytes(unchangedBytes)} were there already).`,
    next,
    board,
  );
  return { board: board.id, ...report };
};

async function askFile(board: Board): Promise<string> {
  const chosen = await vscode.window.showOpenDialog({
    title: `Restore onto ${board.name}`,
    openLabel: 'Restore',
    filters: { 'Flash backups': ['bin'], 'All files': ['*'] },
  });
  const file = chosen?.[0]?.fsPath;
  if (!file) throw new BoardError('cancelled', 'no file chosen');
  return file;
}
