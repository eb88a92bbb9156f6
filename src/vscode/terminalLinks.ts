/**
 * Tracebacks as links, in a board's terminal and in Parley's log: a place opens the file that was
 * put, an error says what to do. Below: tracebackText, places. Above: extension.ts.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { DisposableStore, type Disposable } from '../core/event';
import { runCommand, tell, tellError } from './notify';
import { openPlace, workspacePlace } from './places';
import type { Services } from './services';
import { findLinks, type ErrorLink, type FrameLink } from './tracebackText';
import { t } from '../core/words';

interface BoardLink extends vscode.TerminalLink {
  readonly board: Board;
  readonly found: FrameLink | ErrorLink;
}

export function registerTracebackLinks(services: Services): Disposable {
  const store = new DisposableStore();
  store.add(vscode.window.registerTerminalLinkProvider(new TerminalLinks(services)));
  store.add(
    vscode.languages.registerDocumentLinkProvider({ scheme: 'output' }, new LogLinks(services)),
  );
  return store;
}

class TerminalLinks implements vscode.TerminalLinkProvider<BoardLink> {
  constructor(private readonly services: Services) {}

  async provideTerminalLinks(context: vscode.TerminalLinkContext): Promise<BoardLink[]> {
    const board = this.services.terminals.boardOf(context.terminal);
    if (!board) return [];
    return Promise.all(
      findLinks(context.line).map(async (found) => ({
        startIndex: found.at,
        length: found.length,
        tooltip: await tooltip(this.services, board, found),
        board,
        found,
      })),
    );
  }

  async handleTerminalLink({ board, found }: BoardLink): Promise<void> {
    if (found.kind === 'error') {
      const { text, module, package: name } = found.advice;
      if (name !== undefined) return offerPackage(board, text, name);
      const missing = module !== undefined;
      tell(
        `${board.name}: ${text}`,
        missing ? { [t('Put a Folder')]: 'parley.putFolder' } : {},
        board,
      );
      return;
    }
    try {
      await openPlace(this.services, board, found);
    } catch (error) {
      tellError(this.services, error, board, undefined);
    }
  }
}

/** A module that micropython-lib has: installed through this computer, whatever Wi-Fi the board has. */
async function offerPackage(board: Board, text: string, name: string): Promise<void> {
  const button = t('Install {name}', { name });
  const answer = await vscode.window.showInformationMessage(`${board.name}: ${text}`, button);
  if (answer === button) await runCommand('parley.installPackage', { board: board.id, name });
}

async function tooltip(
  services: Services,
  board: Board,
  found: FrameLink | ErrorLink,
): Promise<string> {
  if (found.kind === 'error') return found.advice.text;
  const uri = await workspacePlace(services, board, found.file);
  const what = uri
    ? vscode.workspace.asRelativePath(uri)
    : t('{file} of {board}', { file: found.file, board: board.name });
  return t('Open {what} at line {line}', { what, line: found.line });
}

/** Parley's log writes a traceback below a line that names its board: "[python-error] machine1: …". */
class LogLinks implements vscode.DocumentLinkProvider {
  constructor(private readonly services: Services) {}

  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    const links: vscode.DocumentLink[] = [];
    let board: string | undefined;
    for (let row = 0; row < document.lineCount; row++) {
      const { text } = document.lineAt(row);
      board = /\[python-error\] ([^:]+):/.exec(text)?.[1] ?? board;
      const known = this.services.registry.boards.some(({ name }) => name === board);
      for (const found of known ? findLinks(text) : []) {
        if (found.kind !== 'frame') continue;
        const range = new vscode.Range(row, found.at, row, found.at + found.length);
        const options = { board, path: found.file, line: found.line };
        const query = encodeURIComponent(JSON.stringify([options]));
        const link = new vscode.DocumentLink(
          range,
          vscode.Uri.parse(`command:parley.goToError?${query}`),
        );
        link.tooltip = t('Open {file} at line {line}', { file: found.file, line: found.line });
        links.push(link);
      }
    }
    return links;
  }
}
