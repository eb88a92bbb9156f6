/** Put a Folder: the board's folder and the shared one; Wi-Fi and broker are filled in on the way. */
import type { Board } from '../../board/board';
import { formatBytes } from '../../core/rate';
import { putFolder as put, type PutFolderReport } from '../../operations/putFolder';
import { boardFor, type Command } from '../command';
import { compilerFor } from '../compiler';
import { askedFolderFor, sharedFolderFor, valuesFor } from '../folders';
import { tell } from '../notify';
import { withJob } from '../progress';
import { replacedText } from '../putUris';
import { t } from '../../core/words';

export const putFolder: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Put the folder on which board?'));
  const folder = await askedFolderFor(services, board, call.options.folder ?? call.uri?.fsPath);
  const shared = await sharedFolderFor(services, folder);
  const values = await valuesFor(services, board, call.options);
  const compiler = await compilerFor(services);
  const options = { folder, values, compiler, ...(shared ? { sharedFolder: shared } : {}) };
  const report = await withJob(
    services.activity,
    { title: t('Put on {board}', { board: board.name }), board },
    (job) => put(board, options, job),
  );
  tell(said(board, report), { [t('Reset')]: 'parley.resetBoard' }, board);
  return { board: board.id, ...report };
};

function said(board: Board, report: PutFolderReport): string {
  const { sent, skipped, filled, bytes, replaced } = report;
  const names = [...new Set(Object.values(filled).flat())];
  const parts = [
    sent.length === 0
      ? t('{board} had every file already', { board: board.name })
      : t('{board}: {sent} files put ({bytes})', {
          board: board.name,
          sent: sent.length,
          bytes: formatBytes(bytes),
        }),
    ...(sent.length > 0 && skipped.length > 0
      ? [t('{skipped} unchanged', { skipped: skipped.length })]
      : []),
    ...(names.length > 0 ? [t('filled in: {names}', { names: names.join(', ') })] : []),
    ...replacedText(replaced),
  ];
  return t('{parts}. Reset it to run them.', { parts: parts.join('; ') });
}
