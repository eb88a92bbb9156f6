/**
 * The Boards view: a row for each board, with what it is and what it does, and its files below.
 * Below: registry, boardText, boardRows. Above: the manifest's menus look at `contextValue`.
 */
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { Board } from '../board/board';
import type { BoardColour } from '../core/colours';
import { DisposableStore } from '../core/event';
import { inColour, svgAddress } from './boardColours';
import { boardContextValue, boardDescription, boardDetails, boardIcon, rowName } from './boardText';
import { BoardDrop } from './boardDrop';
import { NoteRow, rowItem, rowsIn, type Row } from './boardRows';
import { sentenceFor } from './notify';
import type { Services } from './services';
import { t } from '../core/words';

export type TreeRow = Board | Row;

export class BoardTree implements vscode.TreeDataProvider<TreeRow>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<TreeRow[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly disposables = new DisposableStore();

  constructor(private readonly services: Services) {
    const { registry, activity, programs, folders, context } = services;
    const view = vscode.window.createTreeView<TreeRow>('parley.boards', {
      treeDataProvider: this,
      dragAndDropController: new BoardDrop(services),
      canSelectMany: true,
      showCollapseAll: true,
    });
    this.disposables.add(view);
    const redraw = (): void => this.redraw();
    this.disposables.add(registry.onDidChange(redraw));
    this.disposables.add(activity.onDidChange(redraw));
    this.disposables.add(programs.onDidChange(redraw));
    this.disposables.add(folders.onDidChange(({ board }) => this.changed.fire([board])));
    this.disposables.add(
      view.onDidChangeVisibility(({ visible }) => {
        if (visible) void registry.refresh();
      }),
    );
    const pictures = new Map<string, vscode.Uri>();
    const picture = (name: string, theme: 'dark' | 'light', colour?: BoardColour): vscode.Uri => {
      const file = vscode.Uri.joinPath(context.extensionUri, 'media', `${name}-${theme}.svg`);
      if (colour === undefined) return file;
      const key = `${name} ${theme} ${colour}`;
      const known = pictures.get(key);
      if (known) return known;
      const svg = inColour(readFileSync(file.fsPath, 'utf8'), theme, colour);
      const made = vscode.Uri.parse(svgAddress(svg));
      pictures.set(key, made);
      return made;
    };
    this.icons = (name, colour) => ({
      light: picture(name, 'light', colour),
      dark: picture(name, 'dark', colour),
    });
  }

  /** The rows as VS Code has them. */
  private shown: readonly Board[] = [];
  private readonly icons: (
    name: string,
    colour: BoardColour | undefined,
  ) => { light: vscode.Uri; dark: vscode.Uri };

  async getChildren(parent?: TreeRow): Promise<TreeRow[]> {
    if (parent instanceof NoteRow) return [];
    const { registry, sources, folders } = this.services;
    if (parent) {
      const board = parent instanceof Board ? parent : parent.board;
      const path = parent instanceof Board ? '/' : parent.node.path;
      return rowsIn(folders.of(board), path, (error) => sentenceFor(this.services, error, board));
    }
    // Else the welcome of an empty tree would flash up while virtual boards are starting.
    if (registry.boards.length === 0) await sources.settled;
    this.shown = [...registry.boards];
    return [...this.shown];
  }

  getTreeItem(row: TreeRow): vscode.TreeItem {
    return row instanceof Board ? this.boardItem(row) : rowItem(row);
  }

  private boardItem(board: Board): vscode.TreeItem {
    const { activity, programs, folders } = this.services;
    const program = programs.fileOn(board.id);
    const item = new vscode.TreeItem(board.name);
    item.id = board.id;
    const hasFiles = board.facts.micropython !== '' && board.status !== 'unplugged';
    if (hasFiles || folders.of(board).known) {
      item.collapsibleState = vscode.TreeItemCollapsibleState.Collapsed;
    }
    const progress = program ?? activity.get(board.id);
    item.description = boardDescription(board, progress);
    item.contextValue = boardContextValue(board, program !== undefined);
    item.iconPath = this.icon(board);
    item.tooltip = tooltip(board);
    item.accessibilityInformation = { label: `${rowName(board)}, ${item.description}` };
    if (board.status !== 'unplugged') {
      item.command = { command: 'parley.openRepl', title: t('Open REPL'), arguments: [board] };
    }
    return item;
  }

  /**
   * Only a board that came or went redraws the whole tree: VS Code forgets every row for a moment
   * then, and a click on a menu in that moment comes without its board.
   */
  private redraw(): void {
    const { boards } = this.services.registry;
    const same =
      boards.length === this.shown.length && boards.every((b, at) => b === this.shown[at]);
    this.changed.fire(same ? [...boards] : undefined);
  }

  dispose(): void {
    this.disposables.dispose();
    this.changed.dispose();
  }

  private icon(board: Board): vscode.TreeItem['iconPath'] {
    const name = boardIcon(board);
    return name ? this.icons(name, board.colour) : new vscode.ThemeIcon('sync~spin');
  }
}

function tooltip(board: Board): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendMarkdown('**').appendText(board.name).appendMarkdown('**\n\n');
  for (const [label, value] of boardDetails(board)) {
    text.appendMarkdown(`${label}: `).appendText(value).appendMarkdown('  \n');
  }
  return text;
}
