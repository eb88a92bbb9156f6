/**
 * Whole files onto a board, so that a cut at any byte leaves the old file whole.
 * Below: boardCode.ts, filesystem.ts. Above: operations/put.ts.
 */
import { BoardError, isBoardError } from '../core/errors';
import { quietJob, withProgress, type Job } from '../core/job';
import { ask, pyBytes, pyString, quietly } from './boardCode';
import { boardPath, folderOf, mkdirCode, renameCode, sha256 } from './filesystem';
import type { RawRepl } from './rawRepl';
import { parseTraceback } from './traceback';

/** Added to a file's name while it is on its way. What a cut leaves is overwritten next time. */
export const PARTIAL_SUFFIX = '.parley';
/** Bytes of a file in one piece of code: its text stays under 1.4 KB, which any heap has in one block. */
const PIECE = 1024;
const PIECE_MS = 20_000;

/**
 * Python lines: `h(path)` is [kind, value, length], or None where there is no such file. SHA-256
 * where the firmware has it, else CRC-32 (IEEE), else the length alone.
 */
const hashCode = `
O=M('os')
B=M('binascii')
try:
 S=M('hashlib').sha256
except Exception:
 S=None
def h(p):
 try:
  if O.stat(p)[0]&0x4000:
   return None
  f=open(p,'rb')
 except OSError:
  return None
 s=S() if S else None
 c=0
 n=0
 b=bytearray(1024)
 while 1:
  k=f.readinto(b)
  if not k:
   break
  n+=k
  v=memoryview(b)[:k]
  if s:
   s.update(v)
  elif hasattr(B,'crc32'):
   c=B.crc32(v,c)
 f.close()
 if s:
  return ['sha256',B.hexlify(s.digest()).decode(),n]
 return ['crc32','%08x'%c,n] if hasattr(B,'crc32') else ['length','',n]
`;

/** What a board says of a file's content. `length` alone proves nothing but a difference. */
export interface ContentHash {
  readonly kind: 'sha256' | 'crc32' | 'length';
  readonly value: string;
  readonly length: number;
}

/** The content hashes of files on the board, in one round trip; undefined where there is none. */
export async function hashes(
  repl: RawRepl,
  paths: readonly string[],
  job: Job,
): Promise<Map<string, ContentHash | undefined>> {
  const list = paths.map((path) => pyString(boardPath(path))).join(',');
  const code = `${hashCode}\nfor p in [${list}]:\n say(h(p))`;
  const answers = paths.length === 0 ? [] : await ask(repl, code, job, { timeoutMs: 60_000 });
  return new Map(paths.map((path, index) => [path, parseHash(answers[index])]));
}

function parseHash(answer: unknown): ContentHash | undefined {
  if (!Array.isArray(answer)) return undefined;
  const [kind, value, length] = answer as [ContentHash['kind'], string, number];
  return { kind, value, length };
}

/** True when `bytes` have that hash. A length that fits is enough only for what was just written. */
export function matches(hash: ContentHash, bytes: Uint8Array, lengthIsEnough = false): boolean {
  if (hash.length !== bytes.length) return false;
  if (hash.kind === 'sha256') return hash.value === sha256(bytes);
  if (hash.kind === 'crc32') return hash.value === crc32(bytes);
  return lengthIsEnough;
}

/**
 * Writes `bytes` under another name, checks them there, then renames. Folders above are made.
 * Progress in bytes of the file. A file that arrives damaged is sent a second time.
 * @throws BoardError disk-full details { path, needed, free } before anything is written;
 *   put-failed details { path } (the old file is untouched); as exec
 */
export async function putFile(
  repl: RawRepl,
  path: string,
  bytes: Uint8Array,
  job: Job,
): Promise<void> {
  const at = boardPath(path);
  if (at === '/') throw new BoardError('unsupported', 'a file needs a name');
  for (let attempt = 1; ; attempt++) {
    try {
      await begin(repl, at, bytes.length, job);
      await sendPieces(repl, bytes, job);
      if (await finish(repl, at, bytes, job)) return;
    } catch (error) {
      if (!isBoardError(error, 'port-lost')) await discard(repl, at);
      if (!isBoardError(error, 'python-error')) throw error;
      // Lost bytes in plain raw mode show as a SyntaxError or as wrong base64: worth another try.
      // An OSError is the file system's last word.
      const refused = parseTraceback(String(error.details.traceback)).type === 'OSError';
      if (refused || attempt > 1) throw failed(at, error);
      continue;
    }
    if (attempt > 1) throw failed(at);
  }
}

function failed(path: string, cause?: unknown): BoardError {
  const details = { path };
  return new BoardError('put-failed', `${path} did not arrive whole`, { cause, details });
}

/** Makes folders, checks the room, opens the partial file as the global `_parley_f`. */
async function begin(repl: RawRepl, path: string, size: number, job: Job): Promise<void> {
  const folder = folderOf(path);
  const partial = pyString(path + PARTIAL_SUFFIX);
  const code = `
global _parley_f,_parley_b
${mkdirCode(folder)}
try:
 O.remove(${partial})
except OSError:
 pass
try:
 s=O.statvfs(${pyString(folder)})
 free=s[0]*s[3]
 needed=(${size}+s[0]-1)//s[0]*s[0]
except Exception:
 free=needed=0
if needed>free:
 say([needed,free])
else:
 _parley_b=M('binascii').a2b_base64
 _parley_f=open(${partial},'wb')
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
  for (let at = 0; at < bytes.length; at += PIECE) {
    const piece = bytes.subarray(at, at + PIECE);
    await repl.exec(pieceCode(piece), quiet, { timeoutMs: PIECE_MS });
    job.progress.report({ doneBytes: at + piece.length, totalBytes: bytes.length });
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
  const partial = pyString(path + PARTIAL_SUFFIX);
  const wanted = { sha256: sha256(bytes), crc32: crc32(bytes), length: '' };
  const code = `
global _parley_f,_parley_b
_parley_f.close()
del _parley_f,_parley_b
${hashCode}
r=h(${partial})
w=J.loads(${pyString(JSON.stringify(wanted))})
if r and r[2]==${bytes.length} and r[1]==w[r[0]]:
${renameCode(partial, pyString(path)).trim().replace(/^/gm, ' ')}
 say(1)
else:
 O.remove(${partial})
 say(0)
`;
  const quiet = withProgress(job, () => undefined);
  const [ok] = await ask(repl, code, quiet, { path, timeoutMs: 60_000 });
  return ok === 1;
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
  await repl.exec(quietly(code), quietJob(), { timeoutMs: 5000 }).catch(() => undefined);
}

/** CRC-32 (IEEE 802.3) as eight hex digits, as `binascii.crc32` counts it. */
export function crc32(bytes: Uint8Array): string {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}
