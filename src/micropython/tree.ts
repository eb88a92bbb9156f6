/**
 * All that is on a board's file system, in one round trip, with the hashes of it where they are asked
 * for. Below: boardCode.ts, stagedCode.ts. Above: boardFiles.ts, sync, compare and the backup.
 */
import type { Job } from '../core/job';
import { ask } from './boardCode';
import { SHORT_HASH, type ContentHash, type HashKind } from './contentHash';
import type { RawRepl } from './rawRepl';
import { stagedHash } from './receiverCode';
import { askStaged, isMemoryError, type StagedCode } from './stagedCode';

export interface TreeEntry {
  /** Absolute: "/lib/x.py". */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** Bytes; 0 for a folder. */
  readonly size: number;
  /** Of a file, as the board says it, in seconds of its own epoch; 0 where it has no clock. */
  readonly modified: number;
  /** Of a file, where the tree was read with hashes. */
  readonly hash?: ContentHash;
  /** In another file system, such as an SD card at /sd. Told where the tree was read with hashes. */
  readonly mounted?: true;
}

export interface Tree {
  /** Every folder before what is in it; the root itself is left out. */
  readonly entries: readonly TreeEntry[];
  /** Bytes of the file system at `/`; 0 where it does not tell. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** What a file takes is a multiple of this; 0 as above. */
  readonly blockBytes: number;
}

/** One that cannot tell is no part of `/`: nothing is deleted there. */
const MOUNT_CODE = ` try:
  return $O.statvfs(p)[:4]!=$O.statvfs('/')[:4]
 except Exception:
  return 1`;

/**
 * A folder is said once, as text (in a list: another file system begins there), then its files by name
 * alone: [name, size, time, hash], then the folders in it. A mount point is known by its own size and
 * room. Written for a small heap: of a folder only the names of its folders are kept (the host puts all
 * in order), and statements are flat, because the parser's stack grows with brackets within brackets.
 */
const pieces = (withHashes: boolean): StagedCode => [
  withHashes ? `${stagedHash}\n$b=memoryview(bytearray(512))` : "$K=''",
  `
def $m(p):
${withHashes ? MOUNT_CODE : ' return 0'}
`,
  `
def $w(p):
 $say([p] if p.rfind('/')==0 and $m(p) else p)
 g=[]
 for e in $O.ilistdir(p or '/'):
  n=e[0]
  if e[1]&0x4000:
   g.append(n)
   continue
  try:
   s=$O.stat(p+'/'+n)
  except OSError:
   continue
  r=[n,s[6],s[8]]
${withHashes ? `  a=$h(p+'/'+n,$b)\n  r.append(a[1][:${SHORT_HASH}] if a else '')` : ''}
  $say(r)
 for n in g:
  $w(p+'/'+n)
`,
  `
$w('')
try:
 $s=$O.statvfs('/')
 $say([$s[1]*$s[3],$s[1]*$s[2],$s[1],$K])
except Exception:
 $say([0,0,0,$K])
`,
];

/** The same in one piece, for one round trip; its names are those of `quietly`. */
const code = (withHashes: boolean): string =>
  `O=M('os')\n${pieces(withHashes).join('\n').replaceAll('$', '')}`;

/** Name, bytes, seconds of the board's epoch, hash. */
type FileRow = [string, number, number, string?];

/** @throws BoardError as {@link RawRepl.exec}; port-failed when the answer is damaged */
export async function readTree(
  repl: RawRepl,
  job: Job,
  options: { hashes?: boolean } = {},
): Promise<Tree> {
  const limits = { timeoutMs: Infinity, idleMs: 60_000 };
  const withHashes = options.hashes ?? false;
  const rows = await ask(repl, code(withHashes), job, limits).catch((error: unknown) => {
    // A heap that has no room for it in one piece may have it for one after the other.
    if (!isMemoryError(error)) throw error;
    return askStaged(repl, pieces(withHashes), job, limits);
  });
  const [freeBytes = 0, totalBytes = 0, blockBytes = 0, kind = ''] = (rows.pop() ?? []) as [
    number?,
    number?,
    number?,
    (HashKind | '')?,
  ];
  const entries: TreeEntry[] = [];
  let folder = '';
  const mounts: string[] = [];
  const inside = (mount: string): boolean => folder === mount || folder.startsWith(`${mount}/`);
  for (const row of rows.filter(isRow)) {
    if (typeof row === 'string' || row.length === 1) {
      folder = typeof row === 'string' ? row : row[0];
      if (typeof row !== 'string') mounts.push(folder);
      if (!folder) continue;
      const mounted = mounts.some(inside) ? ({ mounted: true } as const) : {};
      entries.push({ path: folder, kind: 'folder', size: 0, modified: 0, ...mounted });
      continue;
    }
    const [name, size, modified, value] = row;
    const hash = kind && value !== undefined ? { hash: { kind, value, length: size } } : {};
    const mounted = mounts.some(inside) ? ({ mounted: true } as const) : {};
    entries.push({ path: `${folder}/${name}`, kind: 'file', size, modified, ...hash, ...mounted });
  }
  return { entries: inOrder(entries), freeBytes, totalBytes, blockBytes };
}

/** True for the name of one file or folder: what would lead elsewhere on a computer is none. */
function isName(name: unknown): boolean {
  // eslint-disable-next-line no-control-regex
  return typeof name === 'string' && !['', '.', '..'].includes(name) && !/[/\u0000]/.test(name);
}

/** A board says what it likes; what it cannot have in its file system is left out. */
function isRow(row: unknown): row is string | [string] | FileRow {
  const isFolder = (path: unknown): boolean =>
    path === '' ||
    (typeof path === 'string' && path.startsWith('/') && path.slice(1).split('/').every(isName));
  if (!Array.isArray(row)) return isFolder(row);
  if (row.length === 1) return isFolder(row[0]);
  const [name, size, modified, hash] = row as unknown[];
  const numbers = Number.isFinite(size) && Number.isFinite(modified) && (size as number) >= 0;
  return isName(name) && numbers && (hash === undefined || typeof hash === 'string');
}

/** What is in each folder: its files by name, then its folders by name, each with what is in it. */
function inOrder(entries: readonly TreeEntry[], folder = ''): TreeEntry[] {
  const inside = entries.filter(({ path }) => path.startsWith(`${folder}/`));
  const own = inside.filter(({ path }) => !path.includes('/', folder.length + 1));
  const sorted = own.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return [
    ...sorted.filter(({ kind }) => kind === 'file'),
    ...sorted
      .filter(({ kind }) => kind === 'folder')
      .flatMap((entry) => [entry, ...inOrder(inside, entry.path)]),
  ];
}
