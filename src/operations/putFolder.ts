/**
 * Put: a workspace folder (and the shared one) onto a board, with Wi-Fi and broker filled in on the
 * way. The files in the workspace are only read.
 * Below: Board's raw REPL bracket, put.ts, provision.ts. Above: commands, Start the Conversation.
 */
import type { Board } from '../board/board';
import type { Job } from '../core/job';
import { readBoardInfo } from '../micropython/info';
import { putCompiled, type Compiler } from './compile';
import { provision, type ProvisionValues } from './provision';
import { readFolder, type BoardFile } from './put';

export interface PutFolderOptions {
  /** Absolute path of the board's folder. */
  readonly folder: string;
  /** Absolute path of a folder whose files go onto every board. */
  readonly sharedFolder?: string;
  readonly values: ProvisionValues;
  /** Compiles the files on their way. */
  readonly compiler?: Compiler | undefined;
}

export interface PutFolderReport {
  readonly sent: readonly string[];
  /** Files that the board already had, byte for byte. */
  readonly skipped: readonly string[];
  /** Names that were filled in, by file: { 'boot.py': ['ssid', 'password'] }. Never the values. */
  readonly filled: Readonly<Record<string, readonly string[]>>;
  readonly bytes: number;
  /** Sources that the board had, and that their compiled files took the place of. */
  readonly replaced: readonly string[];
}

/**
 * Puts the folder's files; unchanged ones are skipped, boot.py goes last.
 * @throws BoardError file-missing, no-micropython, prompt-timeout, disk-full, put-failed, cancelled;
 *   mpy-version, mpy-compile before anything is sent
 */
export async function putFolder(
  board: Board,
  options: PutFolderOptions,
  job: Job,
): Promise<PutFolderReport> {
  const filled: Record<string, string[]> = {};
  const files = (await readFolder(options.folder, options.sharedFolder)).map((file) =>
    fillIn(file, options.values, filled),
  );
  files.unshift(...certificateFor(options.values, filled));
  return board.withRawRepl('Put', job, async (repl) => {
    const info = await readBoardInfo(repl, job);
    board.learn({ mac: macOf(info.uniqueId), micropython: info.version });
    return { ...(await putCompiled(repl, files, options.compiler, job)), filled };
  });
}

/** What a program that was told of it reads when it connects; before the programs, boot.py goes last. */
export function certificateFor(
  { tls }: ProvisionValues,
  filled: Readonly<Record<string, readonly string[]>>,
): BoardFile[] {
  const wanted = Object.values(filled).some((names) => names.includes('mqtt_ca'));
  return tls && wanted ? [{ path: tls.ca, bytes: tls.certificate }] : [];
}

/** `file` with what it asks for; the names that were filled in are added to `filled`. */
export function fillIn(
  file: BoardFile,
  values: ProvisionValues,
  filled: Record<string, string[]>,
): BoardFile {
  if (!file.path.endsWith('.py')) return file;
  const source = utf8(file.bytes);
  if (source === undefined) return file;
  const result = provision(source, values);
  if (result.filled.length === 0) return file;
  filled[file.path] = result.filled;
  return { path: file.path, bytes: new TextEncoder().encode(result.text) };
}

/** The text of a file, or undefined where it is no UTF-8: such a file goes as it is. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** `machine.unique_id()` of an ESP32 is its MAC: 12 hex digits become six pairs with colons. */
export function macOf(uniqueId: string): string {
  return (uniqueId.toLowerCase().match(/../g) ?? []).join(':');
}
