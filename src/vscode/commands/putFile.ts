/** Put this File: one file into the board's root, filled in as a folder's files are. */
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BoardError } from '../../core/errors';
import { boardFor, type Call, type Command } from '../command';
import { isFolder } from '../folders';
import { runCommand, tell } from '../notify';
import { putFilled, replacedText } from '../putUris';

export const putFile: Command = async (services, call) => {
  const file = await fileFor(call);
  if (await isFolder(file)) {
    return runCommand('parley.putFolder', { ...call.options, folder: file });
  }
  const board = await boardFor(services, call, `Put ${path.basename(file)} on which board?`);
  const bytes = await read(file);
  const name = path.basename(file);
  const report = await putFilled(services, board, [{ path: name, bytes }], call.options);
  const [compiled = name] = report.sent;
  const instead = replacedText(report.replaced).map((text) => `; ${text}`);
  tell(
    report.sent.length > 0
      ? `${board.name}: ${compiled} is there${instead.join('')}.`
      : `${board.name} had ${name} already, byte for byte.`,
    { Reset: 'parley.resetBoard' },
    board,
  );
  return { board: board.id, ...report };
};

async function fileFor(call: Call): Promise<string> {
  const given = call.options.file ?? call.uri?.fsPath;
  if (given) return given;
  const document = vscode.window.activeTextEditor?.document;
  if (document?.uri.scheme === 'file') {
    await document.save();
    return document.uri.fsPath;
  }
  const chosen = await vscode.window.showOpenDialog({ title: 'File to put', openLabel: 'Choose' });
  if (!chosen?.[0]) throw new BoardError('cancelled', 'no file chosen');
  return chosen[0].fsPath;
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (cause) {
    throw new BoardError('file-missing', `cannot read ${file}`, { cause, details: { path: file } });
  }
}
