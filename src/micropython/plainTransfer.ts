/**
 * Files through `exec` alone, a piece of code for a piece of a file: for one small file, and for a board
 * that has no room or no binary stdin for the fast way. Below: boardCode.ts, filesystem.ts. Above: transfer.ts.
 */
import { BoardError, isBoardError } from '../core/errors';
import { quietJob, withProgress, type Job } from '../core/job';
import { ask, pyBytes, pyString, quietly } from './boardCode';
import { crc32, sha256, type HashKind } from './contentHash';
import { folderOf, mkdir, renameCode } from './filesystem';
import type { RawRepl } from './rawRepl';
import { PARTIAL_SUFFIX, hashCode, indented, stagedHash } from './receiverCode';
import { askStaged, isMemoryError, type StagedCode } from './stagedCode';
import { parseTraceback } from './traceback';

/** Bytes of a file in one piece of code, whose text stays under 1.4 KB; of a heap that has no room, less. */
const PIECE = 1024;
const LEAST_PIECE = 64;
const PIECE_MS = 20_000;

/**
 * Writes `bytes` under another name, checks them there, then renames. Folders above are made.
 * Progress in bytes of the file. A file that arrives damaged is sent a second time.
 * @throws BoardError disk-full details { path, needed, free } before anything is written;
 *   put-failed details { path } (the old file is untouched); as exec
 */
export async function putPlain(
  repl: RawRepl,
  path: string,
  bytes: Uint8Array,
  job: Job,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await begin(repl, path, bytes.length, job);
      await sendPieces(repl, bytes, job);
      if (await finish(repl, path, bytes, job)) return;
    } catch (error) {
      if (!isBoardError(error, 'port-lost')) await discard(repl, path);
      if (!isBoardError(error, 'python-error')) throw error;
      // Lost bytes in plain raw mode show as a SyntaxError or as wrong base64: worth another try.
      // An OSError is the file system's last word.
      const { type, errno } = parseTraceback(String(error.details.traceback));
      if (errno === ENOSPC) throw full(path, bytes.length, error);
      if (type === 'OSError' || attempt > 1) throw failed(path, error);
      continue;
    }
    if (attempt > 1) throw failed(path);
  }
}

/** errno of a file system without room. */
const ENOSPC = 28;

function full(path: string, needed: number, cause: unknown): BoardError {
  const details = { path, needed };
  return new BoardError('disk-full', `no room for ${path}`, { cause, details });
}

function failed(path: string, cause?: unknown): BoardError {
  const details = { path };
  return new BoardError('put-failed', `${path} did not arrive whole`, { cause, details });
}

/** Makes folders, checks the room, opens the partial file as the global `_parley_f`. */
async function begin(repl: RawRepl, path: string, size: number, job: Job): Promise<void> {
  const folder = folderOf(path);
  await mkdir(
    repl,
    folder,
    withProgress(job, () => undefined),
  );
  // The path once: it may be long, and the heap small.
  const code = `
global _parley_f,_parley_b
O=M('os')
q=${pyString(path + PARTIAL_SUFFIX)}
try:
 O.remove(q)
except OSError:
 pass
try:
 s=O.statvfs(q[:q.rfind('/')] or '/')
 f=s[0]*s[3]
 n=(${size}+s[0]-1)//s[0]*s[0]
except Exception:
 f=n=0
if n>f:
 say([n,f])
else:
 _parley_b=M('binascii').a2b_base64
 _parley_f=open(q,'wb')
`;
  const quiet = withProgress(job, () => undefined);
  const [full] = (await ask(repl, code, quiet, { path })) as [number, number][];
  if (!full) return;
  const details = { path, needed: full[0], free: full[1] };
  throw new BoardError('disk-full', `${path} needs ${full[0]} bytes`, { details });
}

async function sendPieces(repl: RawRepl, bytes: Uint8Array, job: Job): Promise<void> {
  const quiet = withProgress(job, () => undefined);
  job.progress.report({ doneBytes: 0, totalBytes: bytes.length });
  let length = PIECE;
  for (let at = 0; at < bytes.length;) {
    const piece = bytes.subarray(at, at + length);
    try {
      await repl.exec(pieceCode(piece), quiet, { timeoutMs: PIECE_MS });
    } catch (error) {
      // Nothing of it was written: it found no room while it was read.
      if (!isMemoryError(error) || length <= LEAST_PIECE) throw error;
      length /= 2;
      continue;
    }
    at += piece.length;
    job.progress.report({ doneBytes: at, totalBytes: bytes.length });
  }
}

/** The shorter of two ways to say `piece`: text as a bytes literal (Python is), else base64. */
export function pieceCode(piece: Uint8Array): string {
  const literal = `_parley_f.write(${pyBytes(piece)})`;
  const base64 = `_parley_f.write(_parley_b('${Buffer.from(piece).toString('base64')}'))`;
  return literal.length <= base64.length ? literal : base64;
}

/** Closes, checks and renames. False when the content is wrong; the partial file is then gone. */
async function finish(repl: RawRepl, path: string, bytes: Uint8Array, job: Job): Promise<boolean> {
  const wanted = { sha256: sha256(bytes), crc32: crc32(bytes), length: '' };
  const code = `
global _parley_f,_parley_b
_parley_f.close()
del _parley_f,_parley_b
O=M('os')
${hashCode}
p=${pyString(path)}
q=p+'${PARTIAL_SUFFIX}'
r=h(q,memoryview(bytearray(256)))
w=J.loads(${pyString(JSON.stringify(wanted))})
if r and r[2]==${bytes.length} and r[1]==w[r[0]]:
${renameCode('q', 'p').trim().replace(/^/gm, ' ')}
 say(1)
else:
 O.remove(q)
 say(0)
`;
  const quiet = withProgress(job, () => undefined);
  const limits = { timeoutMs: 60_000 };
  const [ok] = await ask(repl, code, quiet, { path, ...limits }).catch((error: unknown) => {
    if (!isMemoryError(error)) throw error;
    return askStaged(repl, finishInPieces(path, bytes.length, wanted), quiet, limits);
  });
  return ok === 1;
}

/** The same for a heap that has no room for it at once. The file may be closed already. */
function finishInPieces(
  path: string,
  length: number,
  wanted: Readonly<Record<HashKind, string>>,
): StagedCode {
  return [
    stagedHash,
    `
def $rn(a,b):
${indented(renameCode('a', 'b'))}
`,
    `
try:
 _parley_f.close()
except NameError:
 pass
$p=${pyString(path)}
$q=$p+'${PARTIAL_SUFFIX}'
$r=$h($q,memoryview(bytearray(64)))
$w=$J.loads(${pyString(JSON.stringify(wanted))})
if $r and $r[2]==${length} and $r[1]==$w[$r[0]]:
 $rn($q,$p)
 $say(1)
else:
 $O.remove($q)
 $say(0)
`,
  ];
}

/** After a failure: closes and removes the partial file, as far as the board still answers. */
async function discard(repl: RawRepl, path: string): Promise<void> {
  const code = `
global _parley_f,_parley_b
try:
 _parley_f.close()
 del _parley_f,_parley_b
except NameError:
 pass
M('os').remove(${pyString(path + PARTIAL_SUFFIX)})
`;
  const limits = { timeoutMs: 5000 };
  await repl.exec(quietly(code), quietJob(), limits).catch(async () => {
    // A heap without room for that: what holds some of it goes first, in the smallest of pieces.
    for (const step of [
      '_parley_f.close()',
      'del _parley_f',
      'del _parley_b',
      'import gc;gc.collect()',
    ]) {
      await repl.exec(step, quietJob(), limits).catch(() => undefined);
    }
    await repl.exec(quietly(code), quietJob(), limits).catch(() => undefined);
  });
}

/**
 * A whole file. Progress in bytes.
 * @throws BoardError file-missing; port-failed when it did not arrive whole; as exec
 */
export async function getPlain(repl: RawRepl, path: string, job: Job): Promise<Uint8Array> {
  const code = `
B=M('binascii')
try:
 h=M('hashlib').sha256()
except Exception:
 h=None
n=0
f=open(${pyString(path)},'rb')
say(M('os').stat(${pyString(path)})[6])
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
  const limits = { onOutput, path, timeoutMs: Infinity, idleMs: 10_000 };
  const answers = await ask(repl, code, sending, limits);
  const [size, hash] = answers.at(-1) as [number, string];
  const data = Buffer.concat(
    answers.slice(1, -1).map((text) => Buffer.from(String(text), 'base64')),
  );
  const whole = data.length === size && (hash === '' || hash === sha256(data));
  if (!whole)
    throw new BoardError('port-failed', `${path} did not arrive whole`, { details: { path } });
  return new Uint8Array(data);
}
