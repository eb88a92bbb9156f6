/** Put this File: one file into the board's root, filled in as a folder's files are. */
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BoardError } from '../../core/errors';
import { provision } from '../../operations/provision';
import { putFiles } from '../../operations/put';
import { boardFor, type Call, type Command } from '../command';
import { isFolder, valuesFor } from '../folders';
import { runCommand, tell } from '../notify';
import { withJob } from '../progress';

export const putFile: Command = async (services, call) => {
  const file = await fileFor(call);
  if (await isFolder(file)) {
    return runCommand('parley.putFolder', { ...call.options, folder: file });
  }
  const board = await boardFor(services, call, `Put ${path.basename(file)} on which board?`);
  let bytes: Uint8Array = await read(file);
  if (file.endsWith('.py')) {
    const source = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    // Looked at first: a file with nothing to fill in must not ask for a password.
    const nothing = { ssid: '', password: '', mqtt_server: '', mqtt_port: 0 };
    if (provision(source, nothing).filled.length > 0) {
      const values = await valuesFor(services, board, call.options);
      bytes = new TextEncoder().encode(provision(source, values).text);
    }
  }
  const name = path.basename(file);
  const report = await withJob(services.activity, { title: `Put on ${board.name}`, board }, (job) =>
    board.withRawRepl('Put', job, (repl) => putFiles(repl, [{ path: name, bytes }], job)),
  );
  tell(
    report.sent.length > 0
      ? `${board.name}: ${name} is there.`
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
