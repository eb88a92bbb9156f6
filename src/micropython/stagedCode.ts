/**
 * Programs too large for a small heap, a piece at a time: each is compiled and its source forgotten
 * before the next comes. Below: rawRepl.ts. Above: receiverCode.ts writes them, the sessions run them.
 */
import { quietJob, type Job } from '../core/job';
import type { Line, RawRepl } from './rawRepl';

/** In front of every name of ours: the prompt shares its globals with the user's program. */
const PREFIX = '_parley_';

/** The last piece is the program itself; those before define what it uses. `$name` is a name of ours. */
export type StagedCode = readonly string[];

/** `import` under the name a module has there (`uos` before 1.21 even if a file os.py lies about). */
const prelude = `
def $M(n):
 try:
  return __import__('u'+n)
 except ImportError:
  return __import__(n)
$J=$M('json')
$O=$M('os')
def $say(x):
 print('\\x1e'+$J.dumps(x))
`;

const cleanup = `
for n in [n for n in globals() if n.startswith('$')]:
 del globals()[n]
del n
`;

/** As {@link RawRepl.converse}; nothing of the program is left on the board, whatever happens. */
export async function converseStaged<T>(
  repl: RawRepl,
  stages: StagedCode,
  job: Job,
  talk: (line: Line) => Promise<T>,
): Promise<T> {
  const pieces = [prelude, ...stages].map(named);
  const last = pieces.pop() ?? '';
  const quiet = { signal: job.signal, progress: quietJob().progress };
  try {
    for (const piece of pieces) await repl.exec(piece, quiet, { timeoutMs: 20_000 });
    return await repl.converse(last, job, talk);
  } finally {
    // A board that does not answer any more says so at what comes next.
    await repl.exec(named(cleanup), quietJob(), { timeoutMs: 5000 }).catch(() => undefined);
  }
}

function named(code: string): string {
  return code.trim().replaceAll('$', PREFIX) + '\n';
}
