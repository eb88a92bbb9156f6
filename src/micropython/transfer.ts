/**
 * Whole files to and from a board, so that a cut at any byte leaves the old file whole: the fast way,
 * and where a board does not take it the plain one.
 * Below: putSession.ts, getSession.ts, plainTransfer.ts. Above: put, get, sync, the folder of a board.
 */
import { BoardError, isBoardError } from '../core/errors';
import { withProgress, type Job } from '../core/job';
import { ask, pyString } from './boardCode';
import { SHORT_HASH, type ContentHash, type HashKind } from './contentHash';
import { WORTH_BYTES } from './fasterLine';
import { boardPath } from './filesystem';
import { getSession } from './getSession';
import { getPlain, putPlain } from './plainTransfer';
import { putSession, type FileToPut } from './putSession';
import type { RawRepl } from './rawRepl';
import { hashCode } from './receiverCode';
import { lastLine } from './traceback';

export interface CarryOptions {
  /** Called when a file is there whole. */
  readonly onFile?: (path: string) => void;
  /** Bytes done of one file. */
  readonly onProgress?: (path: string, doneBytes: number) => void;
  /** Free heap of the board in bytes, where it is known: {@link Look.heapBytes}. */
  readonly heapBytes?: number;
}

/** What a board has. */
export interface Look {
  readonly known: Map<string, ContentHash | undefined>;
  /** Undefined where the file system does not tell. */
  readonly room: Room | undefined;
  /** Free at least; 0 where nothing was asked. */
  readonly heapBytes: number;
}

/**
 * One file of so many bytes, as each save of a program is, goes the plain way: the fast one begins
 * with 4.5 KB of code. 300 bytes take 0.2 s at 115200 baud instead of 0.5, 4000 as long either way.
 */
const SMALL = 2048;
/** Free heap that the larger pieces of code of the plain way fit into whatever its holes are, bytes. */
const PLENTY = 40_000;

/** The file system at `/`. */
export interface Room {
  readonly freeBytes: number;
  readonly blockBytes: number;
}

/** The content hashes of files on the board, in one round trip; undefined where there is none. */
export async function hashes(
  repl: RawRepl,
  paths: readonly string[],
  job: Job,
): Promise<Map<string, ContentHash | undefined>> {
  return (await lookAt(repl, paths, job)).known;
}

/** The same, with the room there is. */
export async function lookAt(repl: RawRepl, paths: readonly string[], job: Job): Promise<Look> {
  const list = paths.map((path) => pyString(boardPath(path))).join(',');
  const code = `
O=M('os')
${hashCode}
b=memoryview(bytearray(512))
try:
 s=O.statvfs('/')
 say([s[1]*s[3],s[1],K,M('gc').mem_free()])
except Exception:
 say([0,0,K,0])
for p in [${list}]:
 r=h(p,b)
 if r:
  r=[r[1][:${SHORT_HASH}],r[2]]
 say(r)`;
  const limits = { timeoutMs: Infinity, idleMs: 60_000 };
  if (paths.length === 0) return { known: new Map(), room: undefined, heapBytes: 0 };
  const [first, ...answers] = await ask(repl, code, job, limits);
  const [freeBytes, blockBytes, kind, heapBytes = 0] = first as [number, number, HashKind, number?];
  const known = paths.map((path, index): [string, ContentHash | undefined] => {
    const answer = answers[index];
    if (!Array.isArray(answer)) return [path, undefined];
    const [value, length] = answer as [string, number];
    return [path, { kind, value, length }];
  });
  const room = blockBytes > 0 ? { freeBytes, blockBytes } : undefined;
  return { known: new Map(known), room, heapBytes };
}

/**
 * Puts files in their order: each is written under another name, checked there, then renamed. Folders
 * above are made. What arrives damaged is sent again, in the end the plain way; one small file goes
 * that way at once where the heap is known to be large.
 * @throws BoardError disk-full details { path, needed, free } before anything of that file is written;
 *   put-failed details { path } (the old file is untouched); as exec
 */
export async function putAll(
  repl: RawRepl,
  files: readonly FileToPut[],
  job: Job,
  options: CarryOptions = {},
): Promise<void> {
  const { onFile, onProgress } = options;
  const left = files.map(({ path, bytes }) => ({ path: boardPath(path), bytes }));
  if (left.some(({ path }) => path === '/')) {
    throw new BoardError('unsupported', 'a file needs a name');
  }
  const progress = (path: string, doneBytes: number): void => onProgress?.(path, doneBytes);
  const finished = ({ path }: FileToPut): void => {
    left.shift();
    onFile?.(path);
  };
  const alone = left.length === 1 && (left[0]?.bytes.length ?? 0) <= SMALL;
  const plain = alone && (options.heapBytes ?? 0) >= PLENTY;
  for (let attempt = plain ? 3 : 1; attempt <= 2 && left.length > 0; attempt++) {
    const before = left.length;
    const bytes = left.reduce((sum, file) => sum + file.bytes.length, 0);
    const roomy = options.heapBytes === undefined || options.heapBytes >= PLENTY;
    const faster = roomy && bytes >= WORTH_BYTES ? repl.faster : undefined;
    try {
      const session = {
        onFile: finished,
        onProgress: ({ path }: FileToPut, doneBytes: number) => progress(path, doneBytes),
        ahead: attempt === 1,
        faster,
      };
      await putSession(repl, [...left], job, session);
    } catch (error) {
      if (!mayBeTheLine(error)) throw error;
      // Another rate, or none: it may have been that, and the usual line is as good as ever.
      if (faster && repl.faster?.baudRate !== faster.baudRate) attempt = 0;
      else if (cannotRun(error)) break;
      if (left.length < before) attempt = 0;
    }
  }
  for (const file of [...left]) {
    const step = withProgress(job, ({ doneBytes = 0 }) => progress(file.path, doneBytes));
    await putPlain(repl, file.path, file.bytes, step);
    finished(file);
  }
}

/** One file; progress in its bytes. @throws as {@link putAll} */
export async function putFile(
  repl: RawRepl,
  path: string,
  bytes: Uint8Array,
  job: Job,
): Promise<void> {
  const totalBytes = bytes.length;
  const onProgress = (_: string, doneBytes: number): void =>
    job.progress.report({ doneBytes, totalBytes });
  onProgress(path, 0);
  await putAll(repl, [{ path, bytes }], job, { onProgress });
}

/**
 * Reads whole files in their order; the next is asked for when `onFile` has resolved.
 * @param expectBytes how much it is about, in bytes, where that is known
 * @throws BoardError file-missing details { path }; port-failed when one did not arrive whole; as exec
 */
export async function getAll(
  repl: RawRepl,
  paths: readonly string[],
  job: Job,
  onFile: (path: string, bytes: Uint8Array) => Promise<void> | void,
  onProgress: (path: string, doneBytes: number, totalBytes: number) => void = () => undefined,
  expectBytes = 0,
): Promise<void> {
  const left = paths.map(boardPath);
  const finished = async (path: string, bytes: Uint8Array): Promise<void> => {
    left.shift();
    await onFile(path, bytes);
  };
  for (let faster = expectBytes >= WORTH_BYTES ? repl.faster : undefined; left.length > 0;) {
    try {
      await getSession(repl, [...left], job, finished, onProgress, faster);
      break;
    } catch (error) {
      if (!mayBeTheLine(error)) throw error;
      // Slower, in the end at the usual rate; after that the plain way.
      if (!faster) break;
      if (repl.faster?.baudRate === faster.baudRate) faster.refused('slower');
      faster = repl.faster;
    }
  }
  for (const path of [...left]) {
    const step = withProgress(job, ({ doneBytes = 0, totalBytes = 0 }) =>
      onProgress(path, doneBytes, totalBytes),
    );
    await finished(path, await getPlain(repl, path, step));
  }
}

/** One file; progress in its bytes. @throws as {@link getAll} */
export async function readFile(repl: RawRepl, path: string, job: Job): Promise<Uint8Array> {
  let found: Uint8Array = new Uint8Array(0);
  const keep = (_: string, bytes: Uint8Array): void => void (found = bytes);
  const report = (_: string, doneBytes: number, totalBytes: number): void =>
    job.progress.report({ doneBytes, totalBytes });
  await getAll(repl, [path], job, keep, report);
  return found;
}

/** True where another try, or the plain way, may do better. */
function mayBeTheLine(error: unknown): boolean {
  if (isBoardError(error, 'put-failed')) return error.details['errno'] === undefined;
  if (isBoardError(error, 'prompt-timeout')) return error.details['prompt'] === 'back';
  return isBoardError(error, 'python-error') || isBoardError(error, 'port-failed');
}

/** True where the board's program ended for want of something, not because bytes were lost. */
function cannotRun(error: unknown): boolean {
  if (!isBoardError(error, 'python-error')) return false;
  return !/^OSError/.test(lastLine(String(error.details['traceback'] ?? '')));
}
