/**
 * Files and folders of any kind of VS Code onto a board, filled in where they ask for it.
 * Below: operations/put, provision. Above: Put this File, and what is dropped on the tree.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { BoardError } from '../core/errors';
import { formatBytes } from '../core/rate';
import { provision } from '../operations/provision';
import { putCompiled, type CompiledPut } from '../operations/compile';
import type { BoardFile } from '../operations/put';
import { certificateFor, fillIn, utf8 } from '../operations/putFolder';
import { compilerFor } from './compiler';
import { valuesFor } from './folders';
import type { CommandOptions } from './options';
import { withJob } from './progress';
import type { Services } from './services';
import { t } from '../core/words';

export interface FilledPut extends CompiledPut {
  readonly filled: Readonly<Record<string, readonly string[]>>;
}

/** Puts `files`; a password is asked for only where one of them has a place for it. */
export async function putFilled(
  services: Services,
  board: Board,
  files: readonly BoardFile[],
  options: CommandOptions = {},
): Promise<FilledPut> {
  const filled: Record<string, string[]> = {};
  let ready = files;
  if (files.some(asksForValues)) {
    const values = await valuesFor(services, board, options);
    const programs = files.map((file) => fillIn(file, values, filled));
    ready = [...certificateFor(values, filled), ...programs];
  }
  const compiler = await compilerFor(services);
  const report = await withJob(
    services.activity,
    { title: t('Put on {board}', { board: board.name }), board },
    (job) => board.withRawRepl('Put', job, (repl) => putCompiled(repl, ready, compiler, job)),
  );
  return { ...report, filled };
}

/** Puts what `uris` name into a folder of the board. @returns a sentence that tells what was done */
export async function putUris(
  services: Services,
  board: Board,
  folder: string,
  uris: readonly vscode.Uri[],
): Promise<string> {
  const base = folder === '/' ? '' : folder;
  const files = (
    await Promise.all(uris.map((uri) => filesAt(uri, `${base}/${uri.path.split('/').at(-1)}`)))
  ).flat();
  const report = await putFilled(services, board, files);
  const { sent, skipped, bytes } = report;
  if (sent.length === 0)
    return t('{board} had that already, byte for byte.', { board: board.name });
  const names = [...new Set(Object.values(report.filled).flat())];
  const parts = [
    t('{board}: {files} put ({bytes})', {
      board: board.name,
      files: sent.length === 1 ? sent[0] : t('{sent} files', { sent: sent.length }),
      bytes: formatBytes(bytes),
    }),
    ...(skipped.length > 0 ? [t('{skipped} unchanged', { skipped: skipped.length })] : []),
    ...(names.length > 0 ? [t('filled in: {names}', { names: names.join(', ') })] : []),
    ...replacedText(report.replaced),
  ];
  return `${parts.join('; ')}.`;
}

/** That sources went, for a list of what was done. */
export function replacedText(replaced: readonly string[]): string[] {
  if (replaced.length === 0) return [];
  const [only] = replaced;
  return replaced.length === 1
    ? [t('{only} there gave way to its compiled file', { only })]
    : [
        t('{replaced} sources there gave way to their compiled files', {
          replaced: replaced.length,
        }),
      ];
}

/** True for a file with a place for the Wi-Fi's or the broker's values. */
export function asksForValues({ path, bytes }: BoardFile): boolean {
  const source = path.endsWith('.py') ? utf8(bytes) : undefined;
  if (source === undefined) return false;
  const nothing = {
    ssid: '',
    password: '',
    mqtt_server: '',
    mqtt_port: 0,
    mqtt_user: '',
    mqtt_password: '',
  };
  return provision(source, nothing).filled.length > 0;
}

async function filesAt(uri: vscode.Uri, path: string): Promise<BoardFile[]> {
  try {
    const { type } = await vscode.workspace.fs.stat(uri);
    if (!(type & vscode.FileType.Directory)) {
      return [{ path, bytes: await vscode.workspace.fs.readFile(uri) }];
    }
    const entries = await vscode.workspace.fs.readDirectory(uri);
    const inside = entries
      .filter(([name]) => !name.startsWith('.') && name !== '__pycache__')
      .map(([name]) => filesAt(vscode.Uri.joinPath(uri, name), `${path}/${name}`));
    return (await Promise.all(inside)).flat();
  } catch (cause) {
    if (cause instanceof BoardError) throw cause;
    const details = { path: uri.fsPath };
    throw new BoardError('file-missing', `cannot read ${uri.toString()}`, { cause, details });
  }
}
