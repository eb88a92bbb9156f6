/** Run a Cell: what stands between two `# %%`, at the cursor or at `options.line`. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { cellsOf, sourceOf } from '../cells';
import type { Command } from '../command';
import { tell } from '../notify';
import { documentFor, linesOf, runOn } from '../runnable';
import { t } from '../../core/words';

export const runCell: Command = async (services, call) => {
  const document = await documentFor(call);
  const editor = vscode.window.activeTextEditor;
  const cursor = editor?.document === document ? editor.selection.active.line : 0;
  const row = call.options.line === undefined ? cursor : call.options.line - 1;
  const lines = linesOf(document);
  const cells = cellsOf(lines);
  const cell = cells.find(({ first, last }) => row >= first && row <= last) ?? cells[0];
  const fileName = path.posix.basename(document.uri.path);
  if (!cell) {
    tell(t('{fileName} has no cells. A line “# %%” begins one.', { fileName }), {
      [t('Run the File')]: 'parley.runFile',
    });
    return undefined;
  }
  return runOn(services, call, {
    source: sourceOf(lines, cell.first, cell.last),
    fileName,
    uri: document.uri,
    title: cell.title
      ? `“${cell.title}”`
      : t('cell at line {first} of {fileName}', { first: cell.first + 1, fileName }),
  });
};
