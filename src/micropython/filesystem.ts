/**
 * A board's files, in terms of `exec` alone, so that any prompt has a file system.
 * Below: boardCode.ts. Above: put, backup, the tree of files. Writing whole files: transfer.ts.
 */
import { createHash } from 'node:crypto';
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
for e in O.ilistdir(${pyString(at)}):
 say([e[0],e[1],e[3] if len(e)>3 else O.stat(${pyString(at === '/' ? '/' : `${at}/`)}+e[0])[6]])
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
  await ask(repl, mkdirCode(boardPath(path)), job);
}

/** Python lines (for `quietly`) that make folder `path` and those above it. */
export function mkdirCode(path: string): string {
  return `
O=M('os')
p=''
for n in ${pyString(path)}.split('/'):
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

/**
 * A whole file. Progress in bytes.
 * @throws BoardError file-missing; port-failed when it did not arrive whole; as exec
 */
export async function readFile(repl: RawRepl, path: string, job: Job): Promise<Uint8Array> {
  const at = boardPath(path);
  const code = `
B=M('binascii')
try:
 h=M('hashlib').sha256()
except Exception:
 h=None
n=0
f=open(${pyString(at)},'rb')
say(M('os').stat(${pyString(at)})[6])
while 1:
 d=f.read(384)
 if not d:
  break
 n+=len(d)
 if h:
  h.update(d)
 say(B.b2a_base64(d).decode()[:-1])
f.close()
say([n,B.hexlify(h.digest()).decode() if h else ''])
`;
  let total: number | undefined;
  let head = '';
  let received = 0;
  const onOutput = (bytes: Uint8Array): void => {
    received += bytes.length;
    if (total === undefined && head.length < 200) {
      head += Buffer.from(bytes).toString('latin1');
      const size = /\x1e(\d+)\r?\n/.exec(head)?.[1]; // eslint-disable-line no-control-regex
      if (size !== undefined) total = Number(size);
    }
    // Base64 lines of 384 bytes: 512 characters and 5 of frame.
    const doneBytes = Math.min(total ?? 0, Math.floor((received * 384) / 517));
    if (total !== undefined) job.progress.report({ doneBytes, totalBytes: total });
  };
  const sending = { ...job, progress: { report: () => undefined } };
  const limits = { onOutput, path: at, timeoutMs: Infinity, idleMs: 10_000 };
  const answers = await ask(repl, code, sending, limits);
  const [size, hash] = answers.at(-1) as [number, string];
  const data = Buffer.concat(
    answers.slice(1, -1).map((text) => Buffer.from(String(text), 'base64')),
  );
  const whole = data.length === size && (hash === '' || hash === sha256(data));
  if (!whole)
    throw new BoardError('port-failed', `${at} did not arrive whole`, { details: { path: at } });
  return new Uint8Array(data);
}

/** SHA-256 in lower-case hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
