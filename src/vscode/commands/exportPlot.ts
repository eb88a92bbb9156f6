/** Export the Plot…: what a board printed as numbers, for a spreadsheet. */
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BoardError } from '../../core/errors';
import { boardFor, type Command } from '../command';
import { tell } from '../notify';
import { t } from '../../core/words';

export const exportPlot: Command = async (services, call) => {
  const { plots } = services;
  const drawn = (id: string): boolean => plots.of(id) !== undefined;
  const board = await boardFor(services, call, t('The plot of which board?'), ({ id }) =>
    drawn(id),
  );
  const plot = plots.of(board.id);
  if (!plot) throw new BoardError('cancelled', 'the plot was closed');
  const file = call.options.file ?? (await savePath(board.name));
  const text = plot.model.csv(plot.chosen);
  try {
    await writeFile(file, text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BoardError('file-not-written', `cannot write ${file}`, {
      cause,
      details: { file, reason },
    });
  }
  const rows = text.split('\r\n').length - 2;
  tell(
    t('{rows} rows of numbers from {board} are in {file}.', {
      rows: rows.toLocaleString('en'),
      board: board.name,
      file,
    }),
  );
  return { file, rows };
};

/** @throws BoardError 'cancelled' */
async function savePath(name: string): Promise<string> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const uri = await vscode.window.showSaveDialog({
    title: t('Numbers of {name}', { name }),
    ...(folder ? { defaultUri: vscode.Uri.file(path.join(folder, `${name}.csv`)) } : {}),
    filters: { [t('CSV for a spreadsheet')]: ['csv'] },
  });
  if (!uri) throw new BoardError('cancelled', 'no file chosen');
  return uri.fsPath;
}
