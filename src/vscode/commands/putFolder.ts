/**
 * Put a Folder: the board's folder and the shared one; Wi-Fi and broker are filled in on the way. On
 * several boards where their rows are selected together, or all are picked.
 * Below: operations/putFolder and putMany. Above: the palette, rows, tasks.
 */
import * as vscode from 'vscode';
import type { Board } from '../../board/board';
import { formatBytes } from '../../core/rate';
import {
  putFolder as put,
  type PutFolderOptions,
  type PutFolderReport,
} from '../../operations/putFolder';
import { putMany } from '../../operations/putMany';
import { boardsFor, type Call, type Command } from '../command';
import { compilerFor } from '../compiler';
import { askedFolderFor, askedFoldersFor, sharedFolderFor, valuesFor } from '../folders';
import { runCommand, tell } from '../notify';
import { withJob } from '../progress';
import { putSummary } from '../putSummary';
import { replacedText } from '../putUris';
import type { Services } from '../services';
import { t } from '../../core/words';

export const putFolder: Command = async (services, call) => {
  const boards = await boardsFor(services, call, t('Put the folder on which board?'));
  const [board] = boards;
  if (boards.length > 1 || !board) return putOnEach(services, call, boards);
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

async function putOnEach(
  services: Services,
  call: Call,
  boards: readonly Board[],
): Promise<unknown> {
  const folders = await askedFoldersFor(services, boards, call.options.folder ?? call.uri?.fsPath);
  const compiler = await compilerFor(services);
  const wanted = new Map<Board, PutFolderOptions>();
  for (const [board, folder] of folders) {
    const shared = await sharedFolderFor(services, folder);
    const values = await valuesFor(services, board, call.options);
    wanted.set(board, { folder, values, compiler, ...(shared ? { sharedFolder: shared } : {}) });
  }
  const outcomes = await withJob(
    services.activity,
    { title: t('Put on {count} boards', { count: boards.length }) },
    (job) => putMany(wanted, job),
  );
  const good = outcomes.filter(({ error }) => error === undefined).map((one) => one.board.id);
  tellOutcomes(services, putSummary(outcomes), good, good.length === outcomes.length);
  return outcomes.map(({ board, error }) => ({ board: board.id, put: error === undefined }));
}

/** Returns at once; Reset restarts those that have their files, one after the other. */
function tellOutcomes(services: Services, summary: string, good: string[], all: boolean): void {
  const { showInformationMessage, showErrorMessage } = vscode.window;
  const [reset, showLog] = [t('Reset'), t('Show Log')];
  const asked = all
    ? showInformationMessage(summary, reset)
    : showErrorMessage(summary, ...(good.length > 0 ? [reset] : []), showLog);
  void asked.then(async (answer) => {
    if (answer === showLog) services.log.show();
    if (answer !== reset) return;
    for (const board of good) await runCommand('parley.resetBoard', { board });
  });
}

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
