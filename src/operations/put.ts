/**
 * Put: files onto a board, only those that differ, boot.py last.
 * Below: micropython/transfer.ts, node:fs. Above: putFolder.ts, which holds the board.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BoardError } from '../core/errors';
import { throwIfCancelled, withProgress, type Job } from '../core/job';
import type { RawRepl } from '../micropython/rawRepl';
import { matches } from '../micropython/contentHash';
import { lookAt, putAll, type Room } from '../micropython/transfer';
import { IgnoreRules } from './ignoreRules';
import { t } from '../core/words';

export interface BoardFile {
  /** On the board, from its root, with `/` between: "main.py", "lib/x.py". */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface PutReport {
  /** Paths, in the order they were sent. */
  readonly sent: string[];
  /** Paths that the board has already, byte for byte. */
  readonly skipped: string[];
  /** Bytes of the files sent. */
  readonly bytes: number;
}

/**
 * Each file is whole or untouched; a cut between two leaves the earlier ones. Progress in bytes of
 * all that is sent.
 * @throws BoardError disk-full details { path, needed, free }; put-failed details { path }; as exec
 */
export async function putFiles(
  repl: RawRepl,
  files: readonly BoardFile[],
  job: Job,
): Promise<PutReport> {
  const ordered = inOrder(files);
  job.progress.report({ message: t('Comparing') });
  const quiet = withProgress(job, () => undefined);
  const paths = ordered.map((file) => file.path);
  const { known, room, heapBytes } = await lookAt(repl, paths, quiet);
  const isKnown = ({ path, bytes }: BoardFile): boolean => {
    const hash = known.get(path);
    return hash !== undefined && matches(hash, bytes);
  };
  const skipped = ordered.filter(isKnown).map((file) => file.path);
  const toSend = ordered.filter((file) => !isKnown(file));
  if (room) checkRoom(toSend, known, room);
  return { ...(await sendFiles(repl, toSend, job, heapBytes)), skipped };
}

/**
 * Sends files in this order, whatever the board has. Progress in bytes of all of them.
 * @param heapBytes free heap of the board, where it is known
 * @throws as {@link putFiles}
 */
export async function sendFiles(
  repl: RawRepl,
  files: readonly BoardFile[],
  job: Job,
  heapBytes = 0,
): Promise<Pick<PutReport, 'sent' | 'bytes'>> {
  const totalBytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  const sent: string[] = [];
  let before = 0;
  const report = (path: string, doneBytes: number): void =>
    job.progress.report({
      message: t('Putting {path}', { path }),
      doneBytes: before + doneBytes,
      totalBytes,
    });
  throwIfCancelled(job);
  if (files[0]) report(files[0].path, 0);
  const quiet = withProgress(job, () => undefined);
  await putAll(repl, files, quiet, {
    heapBytes,
    onProgress: (path, doneBytes) => report(path.slice(1), doneBytes),
    onFile: () => {
      const file = files[sent.length];
      if (!file) return;
      before += file.bytes.length;
      sent.push(file.path);
    },
  });
  return { sent, bytes: totalBytes };
}

/**
 * Whether all of it fits, one after the other: each needs room beside the file it replaces.
 * @throws BoardError disk-full details { path, needed, free } in bytes, before anything is sent
 */
export function checkRoom(
  files: readonly BoardFile[],
  known: ReadonlyMap<string, { readonly length: number } | undefined>,
  { freeBytes, blockBytes }: Room,
): void {
  const blocks = (bytes: number): number => Math.ceil(bytes / blockBytes) * blockBytes;
  let free = freeBytes;
  for (const { path, bytes } of files) {
    const needed = blocks(bytes.length);
    if (needed > free) {
      const details = { path: `/${path.replace(/^\/+/, '')}`, needed, free };
      throw new BoardError('disk-full', `${path} needs ${needed} bytes`, { details });
    }
    free += blocks(known.get(path)?.length ?? 0) - needed;
  }
}

/**
 * boot.py last and main.py before it: a board that loses power half-way must not start a new
 * program whose modules are missing.
 */
export function inOrder(files: readonly BoardFile[]): BoardFile[] {
  const rank = ({ path }: BoardFile): number => ['main.py', 'boot.py'].indexOf(path);
  return [...files].sort(
    (a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  );
}

/**
 * The files of a folder and of a shared one, as they are to lie on a board. The folder's own file
 * wins over a shared one of the same path. Left out: links, and what each folder's rules ignore.
 * @throws BoardError file-missing details { path } when a folder is not there
 */
export async function readFolder(folder: string, shared?: string): Promise<BoardFile[]> {
  const files = new Map<string, BoardFile>();
  for (const root of shared === undefined ? [folder] : [shared, folder]) {
    const rules = await IgnoreRules.of(root);
    for (const file of await filesUnder(root, '', rules)) files.set(file.path, file);
  }
  return [...files.values()];
}

async function filesUnder(root: string, under: string, rules: IgnoreRules): Promise<BoardFile[]> {
  const found: BoardFile[] = [];
  for (const entry of await entriesOf(join(root, under))) {
    const path = under ? `${under}/${entry.name}` : entry.name;
    if (rules.ignores(path, entry.isDirectory() ? 'folder' : 'file')) continue;
    if (entry.isDirectory()) found.push(...(await filesUnder(root, path, rules)));
    else if (entry.isFile()) {
      found.push({ path, bytes: new Uint8Array(await readFile(join(root, path))) });
    }
  }
  return found;
}

async function entriesOf(folder: string) {
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error('not a folder');
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    const details = { path: folder };
    throw new BoardError('file-missing', `no folder ${folder}`, { cause, details });
  }
}
