/**
 * Get: files of a board into a folder of this computer, without the passwords Put filled in.
 * Below: boardFiles.ts, provision.ts, node:fs. Above: the commands Get and Backup.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BoardError } from '../core/errors';
import type { Job } from '../core/job';
import { getAll } from '../micropython/transfer';
import type { BoardFiles } from './boardFiles';
import { takeOut } from './provision';
import { utf8 } from './putFolder';
import { t } from '../core/words';

export interface GetReport {
  /** Absolute paths on this computer, in the order they were written. */
  readonly written: string[];
  /** Names that were taken out, by path on the board: { '/boot.py': ['password'] }. */
  readonly taken: Record<string, string[]>;
  /** Bytes read from the board. */
  readonly bytes: number;
}

export interface GetOptions {
  /** Files or folders on the board. */
  readonly paths: readonly string[];
  /** What is cut off the front of each path: the folder that becomes `into`. */
  readonly from: string;
  /** Absolute path of a folder of this computer; it is made. */
  readonly into: string;
  /** A folder with the files as they were put; it tells what was filled in. Default `into`. */
  readonly originals?: string;
}

/** The files that a get of `paths` would write, as paths on the board and here. */
export async function planGet(
  files: BoardFiles,
  { paths, from, into }: GetOptions,
): Promise<{ path: string; size: number; local: string }[]> {
  const prefix = from === '/' ? '/' : `${from}/`;
  const found = (await Promise.all(paths.map((path) => files.filesUnder(path)))).flat();
  return found.map(({ path, size }) => {
    const inside = path.startsWith(prefix) ? path.slice(prefix.length) : path.slice(1);
    const parts = inside.split('/');
    // Nothing that a board calls its files may write outside the folder that was chosen.
    if (parts.some((part) => ['', '.', '..'].includes(part))) {
      const details = { file: path, reason: t('it would be written outside the chosen folder') };
      throw new BoardError('file-not-written', `${path} leads elsewhere`, { details });
    }
    return { path, size, local: join(into, ...parts.map(localName)) };
  });
}

/**
 * Each file is written whole or not at all. One that is here already is replaced.
 * @throws BoardError file-missing, program-running, cancelled and what the prompt throws
 */
export async function getFiles(
  files: BoardFiles,
  options: GetOptions,
  job: Job,
): Promise<GetReport> {
  const plan = await planGet(files, options);
  const totalBytes = plan.reduce((sum, { size }) => sum + size, 0);
  const written: string[] = [];
  const taken: Record<string, string[]> = {};
  let before = 0;
  const places = new Map(plan.map(({ path, local }) => [path, local]));
  const keep = async (path: string, bytes: Uint8Array): Promise<void> => {
    const local = places.get(path) ?? '';
    const original = join(options.originals ?? options.into, ...path.slice(1).split('/'));
    const clean = path.endsWith('.py') ? await cleaned(bytes, original, path, taken) : bytes;
    await writeWhole(local, clean);
    before += bytes.length;
    written.push(local);
  };
  const report = (path: string, doneBytes: number): void =>
    job.progress.report({
      message: t('Getting {path}', { path }),
      doneBytes: before + doneBytes,
      totalBytes,
    });
  await files.withPrompt(
    (repl) => getAll(repl, [...places.keys()], job, keep, report, totalBytes),
    job,
  );
  return { written, taken, bytes: before };
}

async function cleaned(
  bytes: Uint8Array,
  original: string,
  path: string,
  taken: Record<string, string[]>,
): Promise<Uint8Array> {
  const source = utf8(bytes);
  if (source === undefined) return bytes;
  const known = await readFile(original, 'utf8').catch(() => undefined);
  const result = takeOut(source, known);
  if (result.taken.length === 0) return bytes;
  taken[path] = result.taken;
  return new TextEncoder().encode(result.text);
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.parley`, bytes);
    await rename(`${path}.parley`, path);
  } catch (cause) {
    await rm(`${path}.parley`, { force: true }).catch(() => undefined);
    const reason = cause instanceof Error ? cause.message : String(cause);
    const details = { file: path, reason };
    throw new BoardError('file-not-written', `cannot write ${path}`, { cause, details });
  }
}

/** A board's file name where this computer takes it: Windows refuses some characters. */
function localName(name: string): string {
  // eslint-disable-next-line no-control-regex
  return process.platform === 'win32' ? name.replace(/[<>:"|?*\\\u0000-\u001f]/g, '_') : name;
}
