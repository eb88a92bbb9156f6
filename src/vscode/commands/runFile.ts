/** Run: the file in the editor on a board, its output in the board's terminal. */
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BoardError } from '../../core/errors';
import { boardFor, isReady, type Call, type Command } from '../command';

export const runFile: Command = async (services, call) => {
  const { source, name } = await programFor(call);
  const { programs } = services;
  // A board on which Run has a program suits too: that program is stopped first.
  const suits = (id: string): boolean => programs.fileOn(id) !== undefined;
  const board = await boardFor(
    services,
    call,
    `Run ${name} on which board?`,
    (b) => isReady(b) || suits(b.id),
  );
  const report = await programs.run(board, source, name);
  return { board: board.id, stopped: report === undefined, ...report };
};

async function programFor(call: Call): Promise<{ source: string; name: string }> {
  const file = call.options.file ?? call.uri?.fsPath;
  const open = file
    ? vscode.workspace.textDocuments.find((d) => d.uri.fsPath === file)
    : vscode.window.activeTextEditor?.document;
  if (open) {
    // What is seen is what runs; an untitled one has nowhere to be saved to.
    if (open.isDirty && !open.isUntitled) await open.save();
    return { source: open.getText(), name: path.basename(open.uri.path) };
  }
  if (!file)
    throw new BoardError('file-missing', 'no file is open', { details: { path: 'A file to run' } });
  try {
    return { source: await readFile(file, 'utf8'), name: path.basename(file) };
  } catch (cause) {
    throw new BoardError('file-missing', `cannot read ${file}`, { cause, details: { path: file } });
  }
}
