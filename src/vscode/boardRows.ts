/**
 * The rows below a board in the tree: its files and folders, the room that is left, or why there
 * is nothing to see. Below: operations/boardFiles. Above: boardTree.ts; menus look at `contextValue`.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { isBoardError } from '../core/errors';
import { formatBytes } from '../core/rate';
import type { BoardFiles, FileNode } from '../operations/boardFiles';
import { boardUri } from './boardUri';
import type { CommandId } from './commandTable';
import { fileContextValue, hardwareText } from './boardText';
import { t } from '../core/words';

/** A file or folder of a board. */
export class FileRow {
  constructor(
    readonly board: Board,
    readonly node: Pick<FileNode, 'path' | 'kind' | 'size'>,
    readonly readOnly: boolean,
  ) {}

  get uri(): vscode.Uri {
    return boardUri(this.board, this.node.path);
  }
}

/** A line that is no file. */
export class NoteRow {
  constructor(
    readonly board: Board,
    readonly text: string,
    readonly icon: string,
    readonly tooltip?: string,
    readonly command?: CommandId,
  ) {}
}

export type Row = FileRow | NoteRow;

/** What is in a folder of the board; at the root also the room that is left. Never rejects. */
export async function rowsIn(
  files: BoardFiles,
  path: string,
  sentence: (error: unknown) => string,
): Promise<Row[]> {
  const { board } = files;
  try {
    const nodes = await files.list(path);
    const rows: Row[] = nodes.map((node) => new FileRow(board, node, files.readOnly));
    return path === '/' ? [...rows, ...rootNotes(files, rows.length)] : rows;
  } catch (error) {
    const why = isBoardError(error, 'program-running')
      ? runningNote(board)
      : new NoteRow(board, t('Cannot be read'), 'warning', sentence(error), 'parley.refreshFiles');
    return path === '/' ? [why, ...hardwareNotes(board)] : [why];
  }
}

function rootNotes(files: BoardFiles, count: number): NoteRow[] {
  const { board, space, readOnly } = files;
  const notes: NoteRow[] = [];
  if (readOnly && board.status !== 'unplugged') notes.push(runningNote(board));
  else if (count === 0) notes.push(new NoteRow(board, t('No files yet'), 'info'));
  if (space) {
    const text = t('{free} free of {total}', {
      free: formatBytes(space.free),
      total: formatBytes(space.total),
    });
    notes.push(new NoteRow(board, text, 'database'));
  }
  return [...notes, ...hardwareNotes(board)];
}

/** Chip, flash and MAC in one line, once the loader has told. */
function hardwareNotes(board: Board): NoteRow[] {
  const hardware = hardwareText(board.facts);
  if (!hardware) return [];
  const tooltip = t('{hardware}. Click for every fact.', { hardware });
  return [new NoteRow(board, hardware, 'circuit-board', tooltip, 'parley.boardInfo')];
}

function runningNote(board: Board): NoteRow {
  return new NoteRow(
    board,
    t('Runs a program: stop it to change files'),
    'debug-stop',
    t('{board} runs a program, so its files are left alone. Click to stop it.', {
      board: board.name,
    }),
    'parley.stopProgram',
  );
}

export function rowItem(row: Row): vscode.TreeItem {
  const { None, Collapsed } = vscode.TreeItemCollapsibleState;
  if (row instanceof NoteRow) {
    const item = new vscode.TreeItem('', None);
    item.id = `${row.board.id}#${row.icon}`;
    item.description = row.text;
    item.iconPath = new vscode.ThemeIcon(row.icon, new vscode.ThemeColor('descriptionForeground'));
    item.tooltip = row.tooltip ?? row.text;
    item.contextValue = 'note';
    item.accessibilityInformation = { label: row.text };
    if (row.command) {
      const argument = { board: row.board.id };
      item.command = { command: row.command, title: row.text, arguments: [argument] };
    }
    return item;
  }
  const { kind, size, path } = row.node;
  const item = new vscode.TreeItem(row.uri, kind === 'folder' ? Collapsed : None);
  item.id = `${row.board.id}${path}`;
  item.contextValue = fileContextValue(kind, row.readOnly);
  item.iconPath = kind === 'folder' ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File;
  if (kind === 'folder') return item;
  item.description = formatBytes(size);
  item.tooltip = `${row.board.name}: ${path}, ${formatBytes(size)}`;
  item.command = { command: 'vscode.open', title: t('Open'), arguments: [row.uri] };
  return item;
}
