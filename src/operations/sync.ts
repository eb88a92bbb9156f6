/**
 * Sync: a board gets what a folder has, the difference alone, and loses what it is told to lose.
 * Below: micropython/tree.ts, put.ts, ignoreRules.ts. Above: the commands Sync and Compare.
 */
import type { Job } from '../core/job';
import { throwIfCancelled, withProgress } from '../core/job';
import { matches } from '../micropython/contentHash';
import { removeAll } from '../micropython/filesystem';
import type { RawRepl } from '../micropython/rawRepl';
import { PARTIAL_SUFFIX } from '../micropython/receiverCode';
import { readTree, type Tree } from '../micropython/tree';
import { IgnoreRules } from './ignoreRules';
import { checkRoom, inOrder, sendFiles, type BoardFile } from './put';
import { t } from '../core/words';

/** A file of the board that the folder does not have. */
export interface Extra {
  /** As {@link BoardFile.path}. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** boot.py, which the board starts with: it goes only where someone names it. */
  readonly boot: boolean;
}

/** What a board and a folder have and have not, by path as {@link BoardFile.path}. */
export interface Difference {
  /** Files that the board does not have. */
  readonly onlyHere: readonly string[];
  /** Files whose content differs, or where the firmware cannot tell. */
  readonly differs: readonly string[];
  readonly same: readonly string[];
  /**
   * Files that only the board has. Left out: what the folder's rules ignore, and what lies in
   * another file system, such as an SD card.
   */
  readonly onlyThere: readonly Extra[];
}

/** Folders of this computer that go onto one board. */
export interface Local {
  /** Filled in already, so that they compare with what was put. */
  readonly files: readonly BoardFile[];
  /** The rules of each folder they are from. */
  readonly rules: readonly IgnoreRules[];
}

export interface SyncOptions {
  /** Which of the files that only the board has are deleted. Default: none. */
  readonly remove?: (extra: Extra) => boolean;
  /** True: nothing is changed; the report says what would be. */
  readonly dryRun?: boolean;
}

export interface SyncReport {
  /** Paths, in the order they were sent. */
  readonly sent: readonly string[];
  /** Paths that the board had already, byte for byte. */
  readonly skipped: readonly string[];
  /** Paths that were deleted on the board. */
  readonly deleted: readonly string[];
  /** What only the board has, and keeps. */
  readonly left: readonly Extra[];
  /** Bytes of the files sent. */
  readonly bytes: number;
}

/** The rules of folders, as {@link Local} wants them. */
export function rulesOf(folders: readonly string[]): Promise<IgnoreRules[]> {
  return Promise.all(folders.map((folder) => IgnoreRules.of(folder)));
}

/**
 * The difference, in one round trip whatever the number of files.
 * @throws BoardError as exec; port-failed when the answer arrived damaged
 */
export async function compare(repl: RawRepl, local: Local, job: Job): Promise<Difference> {
  return differenceOf(await look(repl, job), local);
}

/**
 * Sends what differs, boot.py last; then deletes. Each file is whole or untouched; a cut leaves what
 * was done. Where the new files need the room of those that go, these go first.
 * @throws BoardError disk-full details { path, needed, free } before anything is sent or deleted;
 *   put-failed details { path }; cancelled; as exec
 */
export async function sync(
  repl: RawRepl,
  local: Local,
  options: SyncOptions,
  job: Job,
): Promise<SyncReport> {
  const tree = await look(repl, job);
  const difference = differenceOf(tree, local);
  const wanted = new Set([...difference.onlyHere, ...difference.differs]);
  const toSend = inOrder(local.files.filter(({ path }) => wanted.has(path)));
  const going = difference.onlyThere.filter((extra) => options.remove?.(extra) ?? false);
  const left = difference.onlyThere.filter((extra) => !going.includes(extra));
  const deleted = going.map(({ path }) => path);
  const rest = { skipped: difference.same, deleted, left };
  const first = needsTheirRoom(tree, toSend, going);
  if (options.dryRun) {
    const bytes = toSend.reduce((sum, { bytes: { length } }) => sum + length, 0);
    return { sent: toSend.map(({ path }) => path), bytes, ...rest };
  }
  const removal = async (): Promise<void> => {
    throwIfCancelled(job);
    if (going.length > 0)
      job.progress.report({ message: t('Deleting {going} files', { going: going.length }) });
    await removeAll(
      repl,
      withEmptied(tree, deleted, toSend),
      withProgress(job, () => undefined),
    );
  };
  if (first) await removal();
  const report = await sendFiles(repl, toSend, job);
  if (!first) await removal();
  return { ...report, ...rest };
}

function look(repl: RawRepl, job: Job): Promise<Tree> {
  job.progress.report({ message: t('Comparing') });
  return readTree(
    repl,
    withProgress(job, () => undefined),
    { hashes: true },
  );
}

/** @param tree read with hashes */
export function differenceOf(tree: Tree, { files, rules }: Local): Difference {
  const there = new Map(
    tree.entries.flatMap((entry) => (entry.kind === 'file' ? [[entry.path.slice(1), entry]] : [])),
  );
  const here = new Set(files.map(({ path }) => path));
  const onlyHere: string[] = [];
  const differs: string[] = [];
  const same: string[] = [];
  for (const { path, bytes } of files) {
    const entry = there.get(path);
    const found = !entry ? onlyHere : entry.hash && matches(entry.hash, bytes) ? same : differs;
    found.push(path);
  }
  const onlyThere = [...there].flatMap(([path, { size, mounted }]): Extra[] => {
    if (here.has(path) || mounted || ignored(path, rules)) return [];
    return [{ path, size, boot: path === 'boot.py' }];
  });
  return { onlyHere, differs, same, onlyThere };
}

/** True where the rules of a folder keep `path`, or a folder above it, out of it. */
function ignored(path: string, rules: readonly IgnoreRules[]): boolean {
  // What a cut left of a put is no one's file.
  if (path.endsWith(PARTIAL_SUFFIX)) return false;
  const parts = path.split('/');
  const folders = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
  return rules.some(
    (rule) => rule.ignores(path, 'file') || folders.some((at) => rule.ignores(at, 'folder')),
  );
}

/** @throws BoardError disk-full where it does not fit even then */
function needsTheirRoom(
  { entries, freeBytes, blockBytes }: Tree,
  toSend: readonly BoardFile[],
  going: readonly Extra[],
): boolean {
  if (blockBytes === 0) return false;
  const known = new Map(entries.map(({ path, size }) => [path.slice(1), { length: size }]));
  const fits = (free: number): void => checkRoom(toSend, known, { freeBytes: free, blockBytes });
  try {
    fits(freeBytes);
    return false;
  } catch (error) {
    if (going.length === 0) throw error;
    const blocks = going.reduce((sum, { size }) => sum + Math.ceil(size / blockBytes), 0);
    fits(freeBytes + blocks * blockBytes);
    return true;
  }
}

/**
 * `paths`, then each folder that has nothing in it without them, the deepest first; not one that
 * something is sent into.
 */
function withEmptied(tree: Tree, paths: readonly string[], toSend: readonly BoardFile[]): string[] {
  const gone = new Set(paths.map((path) => `/${path}`));
  const folders = tree.entries.filter(({ kind }) => kind === 'folder').map(({ path }) => path);
  for (const folder of folders.reverse()) {
    const inside = tree.entries.filter(({ path }) => path.startsWith(`${folder}/`));
    const stays = toSend.some(({ path }) => `/${path}`.startsWith(`${folder}/`));
    if (!stays && inside.length > 0 && inside.every(({ path }) => gone.has(path))) gone.add(folder);
  }
  return [...gone];
}
