/**
 * "Run Cell" above each `# %%` of a Python file, and a faint line between the cells.
 * Below: cells. Above: extension.ts.
 */
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../core/event';
import { cellsOf } from './cells';
import { linesOf } from './runnable';
import { t } from '../core/words';

export function registerCellLenses(): Disposable {
  const store = new DisposableStore();
  store.add(
    vscode.languages.registerCodeLensProvider({ language: 'python' }, { provideCodeLenses }),
  );
  const line = store.add(
    vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      borderStyle: 'solid',
      borderWidth: '1px 0 0 0',
      borderColor: new vscode.ThemeColor('editorRuler.foreground'),
    }),
  );
  const draw = (editor: vscode.TextEditor | undefined): void => {
    if (editor?.document.languageId !== 'python') return;
    const cells = cellsOf(linesOf(editor.document)).filter(({ first }) => first > 0);
    editor.setDecorations(
      line,
      cells.map(({ first }) => new vscode.Range(first, 0, first, 0)),
    );
  };
  store.add(vscode.window.onDidChangeActiveTextEditor(draw));
  store.add(
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      for (const editor of vscode.window.visibleTextEditors) {
        if (editor.document === document) draw(editor);
      }
    }),
  );
  vscode.window.visibleTextEditors.forEach(draw);
  return store;
}

function provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
  return cellsOf(linesOf(document)).map(({ first, title }) => {
    const argument = { file: document.uri.toString(), line: first + 1 };
    return new vscode.CodeLens(new vscode.Range(first, 0, first, 0), {
      title: t('$(play) Run Cell'),
      tooltip: t('Run {more} on a board', { more: title ? `“${title}”` : t('this cell') }),
      command: 'parley.runCell',
      arguments: [argument],
    });
  });
}
