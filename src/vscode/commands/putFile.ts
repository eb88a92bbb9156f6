/**
 * Put this File: a file, or those selected together, filled in as a folder's files are. One of a board's
 * own folder goes to its place there, any other into the board's root.
 */
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BoardError } from '../../core/errors';
import { boardFor, type Call, type Command } from '../command';
import { isFolder } from '../folders';
import { runCommand, tell } from '../notify';
import { placeOn } from '../placeOnBoard';
import { putFilled, replacedText } from '../putUris';
import { t } from '../../core/words';

export const putFile: Command = async (services, call) => {
  const files = await filesFor(call);
  const [first = ''] = files;
  if (files.length === 1 && (await isFolder(first))) {
    return runCommand('parley.putFolder', { ...call.options, folder: first });
  }
  const what =
    files.length === 1 ? path.basename(first) : t('{files} files', { files: files.length });
  const board = await boardFor(services, call, t('Put {what} on which board?', { what }));
  const ready = await Promise.all(
    files.map(async (file) => ({
      path: (await placeOn(services, board, file)) ?? path.basename(file),
      bytes: await read(file),
    })),
  );
  const report = await putFilled(services, board, ready, call.options);
  const instead = replacedText(report.replaced).map((text) => `; ${text}`);
  const [only] = report.sent;
  const sent =
    report.sent.length === 1
      ? t('{only} is', { only })
      : t('{sent} files are', { sent: report.sent.length });
  const had = files.length === 1 ? (ready[0]?.path ?? what) : t('all {what}', { what });
  tell(
    report.sent.length > 0
      ? t('{board}: {sent} there{instead}.', { board: board.name, sent, instead: instead.join('') })
      : t('{board} had {had} already, byte for byte.', { board: board.name, had }),
    { [t('Reset')]: 'parley.resetBoard' },
    board,
  );
  return { board: board.id, ...report };
};

async function filesFor(call: Call): Promise<string[]> {
  if (call.uris) {
    const files = call.uris.map((uri) => uri.fsPath);
    const folders = await Promise.all(files.map(isFolder));
    return files.filter((_, at) => !folders[at]);
  }
  const given = call.options.file ?? call.uri?.fsPath;
  if (given) return [given];
  const document = vscode.window.activeTextEditor?.document;
  if (document?.uri.scheme === 'file') {
    await document.save();
    return [document.uri.fsPath];
  }
  const chosen = await vscode.window.showOpenDialog({
    title: t('Files to put'),
    openLabel: t('Choose'),
    canSelectMany: true,
  });
  if (!chosen?.[0]) throw new BoardError('cancelled', 'no file chosen');
  return chosen.map((uri) => uri.fsPath);
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (cause) {
    throw new BoardError('file-missing', `cannot read ${file}`, { cause, details: { path: file } });
  }
}
