/** Run the Selection: whole lines of it, or the line of the cursor; the value of an expression shows. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BoardError } from '../../core/errors';
import { mayBeExpression, sourceOf } from '../cells';
import type { Command } from '../command';
import { linesOf, runOn } from '../runnable';
import { t } from '../../core/words';

export const runSelection: Command = async (services, call) => {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    throw new BoardError('file-missing', 'no file is open', {
      details: { path: t('A file to run') },
    });
  }
  const { document, selection } = editor;
  const lines = linesOf(document);
  const fileName = path.posix.basename(document.uri.path);
  const { start, end } = selection;
  const part = start.line === end.line ? document.getText(selection).trim() : '';
  // A selection that ends before the first character of a line does not mean that line.
  const last = end.line > start.line && end.character === 0 ? end.line - 1 : end.line;
  const source = part ? `${'\n'.repeat(start.line)}${part}\n` : sourceOf(lines, start.line, last);
  return runOn(services, call, {
    source,
    fileName,
    uri: document.uri,
    title:
      start.line === last
        ? t('line {line} of {fileName}', { line: start.line + 1, fileName })
        : t('lines {line} to {last} of {fileName}', {
            line: start.line + 1,
            last: last + 1,
            fileName,
          }),
    showValue: mayBeExpression(source.trim()),
  });
};
