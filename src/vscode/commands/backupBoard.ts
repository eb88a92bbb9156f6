/** Get All Files as a Backup: a new folder named after the board and the moment, without passwords. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { getFiles } from '../../operations/getFiles';
import { boardFor, type Command } from '../command';
import { folderOf } from '../folders';
import { askFolder, gotText } from '../getText';
import { tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const backupBoard: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Get all files of which board?'));
  const files = services.folders.of(board);
  files.invalidate();
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const parent = call.options.folder ?? (await askFolder(t('Put the backup’s folder into'), root));
  const moment = new Date().toISOString().slice(0, 16).replace('T', ' ').replace(':', '.');
  const into = path.join(parent, `${board.name.replace(/[/\\:]/g, '_')} ${moment}`);
  const originals = await folderOf(services, board);
  const options = { paths: ['/'], from: '/', into, ...(originals ? { originals } : {}) };
  const title = t('Back up {board}', { board: board.name });
  const report = await withJob(services.activity, { title, board }, (job) =>
    getFiles(files, options, job),
  );
  tell(gotText(board.name, report, into));
  return { board: board.id, folder: into, ...report };
};
