/**
 * Sync a Folder: what differs goes onto the board; what only the board has is asked about in a list
 * before anything is changed. Below: operations/sync.
 */
import * as vscode from 'vscode';
import type { Board } from '../../board/board';
import { BoardError } from '../../core/errors';
import { formatBytes } from '../../core/rate';
import { compare, sync, type Extra, type SyncReport } from '../../operations/sync';
import { boardFor, type Command } from '../command';
import { compilerFor } from '../compiler';
import { askedFolderFor } from '../folders';
import { localFolder } from '../localFolder';
import { tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const syncFolder: Command = async (services, call) => {
  const { options } = call;
  const board = await boardFor(services, call, t('Sync the folder with which board?'));
  const folder = await askedFolderFor(services, board, options.folder ?? call.uri?.fsPath);
  const plain = await localFolder(services, board, folder, options);
  const compiler = await compilerFor(services);
  const title = t('Sync {board}', { board: board.name });
  const { local, onlyThere } = await withJob(services.activity, { title, board }, (job) =>
    board.withRawRepl('Sync', job, async (repl) => {
      const compiled = await compiler?.compile(repl, plain.files, job);
      const ready = { ...plain, ...compiled };
      return { local: ready, ...(await compare(repl, ready, job)) };
    }),
  );
  // What was compiled is no extra of the board: import would take the old source first.
  const sources = new Set(local.sources);
  const extras = onlyThere.filter((extra) => !sources.has(extra.path));
  const going = new Set([...(options.remove ?? (await ask(board, extras))), ...sources]);
  const remove = ({ path }: Extra): boolean => going.has(path);
  const report = await withJob(services.activity, { title, board }, (job) =>
    board.withRawRepl('Sync', job, (repl) => sync(repl, local, { remove }, job)),
  );
  tell(said(board, report, plain.filled), { [t('Reset')]: 'parley.resetBoard' }, board);
  return { board: board.id, ...report, filled: plain.filled };
};

/** Which of these the board is to lose; none is ticked before. @throws BoardError cancelled */
async function ask(board: Board, extras: readonly Extra[]): Promise<string[]> {
  if (extras.length === 0) return [];
  const items = extras.map(({ path, size, boot }) => ({
    label: path,
    description: `${formatBytes(size)}${boot ? t(' · the board starts with it') : ''}`,
    path,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: t('Only {board} has these: tick what is to be deleted there', { board: board.name }),
    placeHolder: t(
      'Enter with nothing ticked keeps them all. What .parleyignore names is not listed.',
    ),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (!picked) throw new BoardError('cancelled', 'nothing was changed');
  return picked.map(({ path }) => path);
}

function said(
  board: Board,
  { sent, skipped, deleted, left, bytes }: SyncReport,
  filled: Readonly<Record<string, readonly string[]>>,
): string {
  const names = [...new Set(sent.flatMap((path) => filled[path] ?? []))];
  const parts = [
    sent.length === 0
      ? t('{board} had every file already', { board: board.name })
      : t('{board}: {sent} put ({bytes})', {
          board: board.name,
          sent: count(sent),
          bytes: formatBytes(bytes),
        }),
    ...(sent.length > 0 && skipped.length > 0
      ? [t('{skipped} unchanged', { skipped: skipped.length })]
      : []),
    ...(deleted.length > 0 ? [t('{deleted} deleted there', { deleted: count(deleted) })] : []),
    ...(left.length > 0 ? [t('{left} only there, kept', { left: left.length })] : []),
    ...(names.length > 0 ? [t('filled in: {names}', { names: names.join(', ') })] : []),
  ];
  return `${parts.join('; ')}.${sent.length > 0 ? t(' Reset it to run them.') : ''}`;
}

function count(paths: readonly string[]): string {
  return paths.length === 1 ? (paths[0] ?? '') : t('{paths} files', { paths: paths.length });
}
