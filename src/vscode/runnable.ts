/**
 * What the Run commands run, and on which board: a file, its cell or its selection.
 * Below: cells, folders, programs. Above: commands/runFile, runSelection, runCell.
 */
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { BoardError } from '../core/errors';
import { boardOfUri, SCHEME } from './boardUri';
import { boardFor, isReady, type Call } from './command';
import { folderOf } from './folders';
import type { Runnable } from './programs';
import type { Services } from './services';
import { t } from '../core/words';

export function linesOf(document: vscode.TextDocument): string[] {
  return Array.from({ length: document.lineCount }, (_, row) => document.lineAt(row).text);
}

/**
 * The document that is meant: `options.file` (a path, or a uri as text), the explorer's, or the one
 * in the editor. @throws BoardError file-missing
 */
export async function documentFor(call: Call): Promise<vscode.TextDocument> {
  const given = call.options.file;
  const uri =
    given === undefined
      ? call.uri
      : /^[a-z][\w+.-]+:/i.test(given) && !path.isAbsolute(given)
        ? vscode.Uri.parse(given)
        : vscode.Uri.file(given);
  const active = vscode.window.activeTextEditor?.document;
  if (!uri) {
    if (active) return active;
    throw new BoardError('file-missing', 'no file is open', {
      details: { path: t('A file to run') },
    });
  }
  const same = (document: vscode.TextDocument): boolean =>
    document.uri.toString() === uri.toString();
  const open = vscode.workspace.textDocuments.find(same);
  if (open) return open;
  // A path with a drive letter or links may be spelled otherwise in the editor: read it first.
  if (uri.scheme === 'file') await readable(uri.fsPath);
  return vscode.workspace.openTextDocument(uri);
}

async function readable(file: string): Promise<void> {
  try {
    await readFile(file);
  } catch (cause) {
    throw new BoardError('file-missing', `cannot read ${file}`, { cause, details: { path: file } });
  }
}

/** Runs it on the board the document belongs to, or the one that is picked. */
export async function runOn(services: Services, call: Call, program: Runnable): Promise<unknown> {
  const { programs } = services;
  const board = await boardFor(
    services,
    { ...call, ...(await ownBoard(services, call, program.uri)) },
    t('Run {title} on which board?', { title: program.title ?? program.fileName }),
    // A board on which Run has a program suits too: that program is stopped first.
    (b) => isReady(b) || programs.fileOn(b.id) !== undefined,
  );
  call.picked = board;
  const report = await programs.run(board, program);
  return { board: board.id, stopped: report === undefined, ...report };
}

/**
 * The board that need not be asked for: the one whose file it is, the one whose folder it is in,
 * or the one it ran on last, where that one is there.
 */
async function ownBoard(
  services: Services,
  call: Call,
  uri: vscode.Uri | undefined,
): Promise<{ board?: Board }> {
  if (call.board) return { board: call.board };
  if (!uri || call.options.board !== undefined) return {};
  const { registry, programs } = services;
  if (uri.scheme === SCHEME) {
    const board = boardOfUri(registry, uri)?.board;
    return board ? { board } : {};
  }
  const there = registry.boards.filter((b) => b.status !== 'unplugged');
  const last = there.find((b) => b.id === programs.boardOf(uri));
  if (last) return { board: last };
  for (const board of there) {
    const folder = uri.scheme === 'file' ? await folderOf(services, board) : undefined;
    if (folder && !path.relative(folder, uri.fsPath).startsWith('..')) return { board };
  }
  return {};
}
