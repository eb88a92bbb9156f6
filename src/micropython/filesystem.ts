/**
 * A board's files, in terms of `exec` alone, so that any prompt has a file system.
 * Below: boardCode.ts. Above: put, backup, the tree of files. Writing whole files: transfer.ts.
 */
import { BoardError } from '../core/errors';
import type { Job } from '../core/job';
import { ask, pyString } from './boardCode';
import type { RawRepl } from './rawRepl';

export interface BoardEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Bytes; undefined for a folder. */
  readonly size?: number;
}

export interface BoardStat {
  readonly kind: 'file' | 'folder';
  readonly size: number;
}

const IS_FOLDER = 0x4000;

/**
 * The one spelling of a board path: absolute, single slashes, no slash at the end.
 * @throws BoardError unsupported for '..', '.' and an empty path
 */
export function boardPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.some((part) => part === '..' || part === '.' || part.includes('\0'))) {
    throw new BoardError('unsupported', `no path on a board: ${path}`, { details: { path } });
  }
  return `/${parts.join('/')}`;
}

/** The folder that holds `path`; '/' for a name at the top. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** What is in a folder, sorted by name. @throws BoardError file-missing; as exec */
export async function ls(repl: RawRepl, path: string, job: Job): Promise<BoardEntry[]> {
  const at = boardPath(path);
  const code = `
O=M('os')
p=${pyString(at === '/' ? '/' : `${at}/`)}
for e in O.ilistdir(${pyString(at)}):
 s=e[3] if len(e)>3 else O.stat(p+e[0])[6]
 say([e[0],e[1],s])
`;
  const rows = (await ask(repl, code, job, { path: at })) as [string, number, number][];
  const entries = rows.map(([name, mode, size]): BoardEntry => {
    const kind = mode & IS_FOLDER ? 'folder' : 'file';
    return { name, kind, ...(kind === 'file' ? { size } : {}) };
  });
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** @throws BoardError file-missing; as exec */
export async function stat(repl: RawRepl, path: string, job: Job): Promise<BoardStat> {
  const at = boardPath(path);
  const code = `s=M('os').stat(${pyString(at)})\nsay([s[0],s[6]])`;
  const [row] = (await ask(repl, code, job, { path: at })) as [number, number][];
  const [mode = 0, size = 0] = row ?? [];
  return { kind: mode & IS_FOLDER ? 'folder' : 'file', size };
}

/** Makes a folder and those above it; one that is there already is no error. @throws as exec */
export async function mkdir(repl: RawRepl, path: string, job: Job): Promise<void> {
  await ask(repl, mkdirCode(pyString(boardPath(path))), job);
}

/** Python lines (for `quietly`) that make the folder an expression says, and those above it. */
export function mkdirCode(path: string): string {
  return `
O=M('os')
p=''
for n in ${path}.split('/'):
 if n:
  p+='/'+n
  try:
   O.stat(p)
  except OSError:
   O.mkdir(p)
`;
}

/** Removes a file, or a folder with all that is in it. @throws BoardError file-missing; as exec */
export async function remove(repl: RawRepl, path: string, job: Job): Promise<void> {
  const at = boardPath(path);
  if (at === '/') throw new BoardError('unsupported', 'the whole file system is not removed');
  const code = `
O=M('os')
def rm(p):
 if O.stat(p)[0]&${IS_FOLDER}:
  for n in [e[0] for e in O.ilistdir(p)]:
   rm(p+'/'+n)
  O.rmdir(p)
 else:
  O.remove(p)
rm(${pyString(at)})
`;
  await ask(repl, code, job, { path: at, timeoutMs: 60_000 });
}

/** Paths in one piece of code: it must find room in a small heap. */
const AT_ONCE = 20;

/**
 * Removes files, and folders that are empty, in their order; what is gone already is no error.
 * @throws BoardError cancelled; as exec
 */
export async function removeAll(repl: RawRepl, paths: readonly string[], job: Job): Promise<void> {
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const some = paths.slice(at, at + AT_ONCE).map((path) => pyString(boardPath(path)));
    const code = `
O=M('os')
for p in [${some.join(',')}]:
 try:
  d=O.stat(p)[0]&${IS_FOLDER}
 except OSError:
  continue
 if d:
  O.rmdir(p)
 else:
  O.remove(p)
`;
    await ask(repl, code, job, { timeoutMs: 60_000 });
  }
}

/** Renames or moves; a file at `to` is replaced. @throws BoardError file-missing; as exec */
export async function rename(repl: RawRepl, from: string, to: string, job: Job): Promise<void> {
  const path = boardPath(from);
  const code = `
O=M('os')
O.stat(${pyString(path)})
${renameCode(pyString(path), pyString(boardPath(to)))}`;
  await ask(repl, code, job, { path });
}

/**
 * Python lines that rename over a file that may be there (`O` is os). littlefs replaces it in one
 * step; FAT refuses (f_rename, FR_EXIST), so there the old one goes first.
 */
export function renameCode(from: string, to: string): string {
  return `
try:
 O.rename(${from},${to})
except OSError as e:
 try:
  O.remove(${to})
 except OSError:
  raise e
 O.rename(${from},${to})
`;
}
