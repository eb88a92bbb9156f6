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
import { t } from '../../core/words';

export const restoreFlash: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Restore the flash of which board?'));
  const file = call.options.file ?? (await askFile(board));
  const { name, bytes } = await readImage(file);
  if (!call.options.confirm) {
    await confirm(
      t('Restore {name} onto {board}?', { name, board: fullName(board) }),
      t('{whatIsThere} The flash then holds what it held when it was backed up.', {
        whatIsThere: whatIsThere(services, board),
      }),
      t('Restore'),
    );
  }
  call.again = { file, confirm: true };
  const title = t('Restore the flash of {board}', { board: board.name });
  const report = await withJob(services.activity, { title, board }, (job) =>
    restore(board, { name, bytes }, job),
  );
  const { writtenBytes, unchangedBytes } = report;
  const next = { [t('Open REPL')]: 'parley.openRepl' } as const;
  tell(
    writtenBytes === 0
      ? t('{board}: its flash is as in {file} already. Nothing was written.', {
          board: board.name,
          file: path.basename(file),
        })
      : t(
          '{board}: its flash is as in {name} again, verified ({writtenBytes} written, {unchangedBytes} were there already).',
          {
            board: board.name,
            name,
            writtenBytes: formatBytes(writtenBytes),
            unchangedBytes: formatBytes(unchangedBytes),
          },
        ),
    next,
    board,
  );
  return { board: board.id, ...report };
};

async function askFile(board: Board): Promise<string> {
  const chosen = await vscode.window.showOpenDialog({
    title: t('Restore onto {board}', { board: board.name }),
    openLabel: t('Restore'),
    filters: { [t('Flash backups')]: ['bin'], [t('All files')]: ['*'] },
  });
  const file = chosen?.[0]?.fsPath;
  if (!file) throw new BoardError('cancelled', 'no file chosen');
  return file;
}
