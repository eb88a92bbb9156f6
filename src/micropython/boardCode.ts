/**
 * How host code is written in Python: literals, names that stay out of the user's way, answers that
 * can be told from anything else a board prints.
 * Below: rawRepl.ts. Above: info.ts, filesystem.ts, transfer.ts.
 */
import { BoardError, isBoardError } from '../core/errors';
import type { Job } from '../core/job';
import type { ExecOptions, RawRepl } from './rawRepl';
import { damagedAnswer, parseTraceback } from './traceback';

/** `text` as a Python string literal. JSON's escapes are Python's too. */
export function pyString(text: string): string {
  return JSON.stringify(text);
}

/** `bytes` as a Python bytes literal: printable ASCII as it is, `\xNN` for the rest. */
export function pyBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byteTexts[byte] ?? '';
  return `b'${text}'`;
}

const byteTexts = Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x27 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
  if (byte === 0x0a) return '\\n';
  if (byte === 0x0d) return '\\r';
  if (byte === 0x09) return '\\t';
  const printable = byte >= 0x20 && byte < 0x7f;
  return printable ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
});

/**
 * `body` as a function that is called and deleted: the prompt shares its globals with the user's
 * program, whose names must survive us. In `body`, `M('os')` imports a module under the name it has
 * there (`uos` before 1.21 even if a file os.py lies about), and `say(x)` answers the host.
 */
export function quietly(body: string): string {
  const indented = body.trim().replace(/^/gm, ' ');
  return `def _parley():
 def M(n):
  try:
   return __import__('u'+n)
  except ImportError:
   return __import__(n)
 J=M('json')
 def say(x):
  print('\\x1e'+J.dumps(x))
${indented}
try:
 _parley()
finally:
 del _parley
`;
}

/**
 * Runs {@link quietly} code and resolves to what it said, in order.
 * @throws BoardError file-missing details { path } for ENOENT, disk-full for ENOSPC; else as exec
 */
export async function ask(
  repl: RawRepl,
  body: string,
  job: Job,
  options: ExecOptions & { path?: string } = {},
): Promise<unknown[]> {
  const { path, ...rest } = options;
  try {
    const output = await repl.exec(quietly(body), job, { timeoutMs: 20_000, ...rest });
    return records(output);
  } catch (error) {
    throw renamed(error, path);
  }
}

/** The answers in `output`: what stands between a 0x1E and the end of its line, as JSON. */
export function records(output: string): unknown[] {
  const found: unknown[] = [];
  for (const line of output.split(/\r?\n/)) {
    const at = line.lastIndexOf('\x1e');
    if (at < 0) continue;
    try {
      found.push(JSON.parse(line.slice(at + 1)));
    } catch (cause) {
      throw damagedAnswer(line.slice(at + 1), cause);
    }
  }
  return found;
}

/** errno of MicroPython (extmod/moderrno.c, the same numbers as Linux) to our codes. */
function renamed(cause: unknown, path?: string): unknown {
  if (!isBoardError(cause, 'python-error')) return cause;
  const { errno } = parseTraceback(String(cause.details.traceback));
  const details = { ...cause.details, path };
  if (errno === 2) return new BoardError('file-missing', `no ${path} there`, { cause, details });
  if (errno === 28) return new BoardError('disk-full', 'no room on the board', { cause, details });
  return cause;
}
