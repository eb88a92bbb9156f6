/** Get: files and folders of a board into the workspace, passwords taken out. */
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BoardError } from '../../core/errors';
import { getFiles, planGet } from '../../operations/getFiles';
import { boardFor, type Command } from '../command';
import { folderOf } from '../folders';
import { askFolder, gotText } from '../getText';
import { confirm, tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const getFile: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Get from which board?'));
  const paths = call.paths ?? [];
  if (paths.length === 0) throw new BoardError('cancelled', 'no file named');
  const files = services.folders.of(board);
  const known = await folderOf(services, board);
  const own = known?.startsWith(services.context.extensionPath) ? undefined : known;
  const into =
    call.options.folder ??
    (await askFolder(t('Get from {board} into', { board: board.name }), own));
  const options = { paths, from: '/', into, ...(known ? { originals: known } : {}) };
  const plan = await planGet(files, options);
  const there: string[] = [];
  for (const { local } of plan) {
    if (
      await readFile(local).then(
        () => true,
        () => false,
      )
    )
      there.push(path.relative(into, local));
  }
  if (there.length > 0 && !call.options.confirm) {
    const more = there.length > 12 ? t('\nand {count} more', { count: there.length - 12 }) : '';
    const detail = there.slice(0, 12).join('\n') + more;
    await confirm(
      t('Replace what is in {into} already?', { into: path.basename(into) }),
      detail,
      t('Replace'),
    );
  }
  const report = await withJob(
    services.activity,
    { title: t('Get from {board}', { board: board.name }), board },
    (job) => getFiles(files, options, job),
  );
  tell(gotText(board.name, report, into));
  if (report.written.length === 1 && report.written[0] && !call.options.folder) {
    await vscode.window
      .showTextDocument(vscode.Uri.file(report.written[0]))
      .then(undefined, () => undefined);
  }
  return { board: board.id, ...report };
};
