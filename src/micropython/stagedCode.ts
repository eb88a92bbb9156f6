/**
 * Programs too large for a small heap, a piece at a time: each is compiled and its source forgotten
 * before the next comes. Below: rawRepl.ts. Above: receiverCode.ts writes them, the sessions run them.
 */
import { quietJob, type Job } from '../core/job';
import { isBoardError } from '../core/errors';
import { records } from './boardCode';
import type { ExecOptions, Line, RawRepl } from './rawRepl';
import { parseTraceback } from './traceback';

/** In front of every name of ours: the prompt shares its globals with the user's program. */
const PREFIX = '_parley_';

/** The last piece is the program itself; those before define what it uses. `$name` is a name of ours. */
export type StagedCode = readonly string[];

/** Bytes of free heap that are enough not to care where anything of ours comes to lie. */
const PLENTY = 40_000;

/**
 * MicroPython keeps a name for ever once it has met it (a qstr), where the heap has room just then.
 * Met one by one, amid a program that is being compiled, the names of a put cut a hole of 8 KiB into
 * pieces of 1.4 KiB. So they are all met at once, first, while the heap is as empty as it gets.
 * `$c()` clears away between the pieces what compiling one has left, where that matters.
 */
const meetNames = (names: Iterable<string>): string => `
import gc as $gc
$c=$gc.collect if $gc.mem_free()<${PLENTY} else int
for $n in '${[...names].join(' ')}'.split():
 $c()
 getattr($gc,'$'+$n,0)
 globals()['$'+$n]=0
$c()
`;

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
$n=0
for $n in [k for k in globals() if k.startswith('$') and k!='$n']:
 del globals()[$n]
del $n
`;

/**
 * As `ask`, for a heap that has no room for the program in one piece. A name that a piece gives to
 * something without `$` stays, so it gives none.
 * @throws BoardError as `ask`
 */
export function askStaged(
  repl: RawRepl,
  stages: StagedCode,
  job: Job,
  limits: ExecOptions,
): Promise<unknown[]> {
  return staged(repl, stages, job, async (last) => records(await repl.exec(last, job, limits)));
}

/** True where a program found no room on the board. */
export function isMemoryError(error: unknown): boolean {
  return (
    isBoardError(error, 'python-error') &&
    /^MemoryError/.test(parseTraceback(String(error.details['traceback'])).type)
  );
}

/** As {@link RawRepl.converse}; nothing of the program is left on the board, whatever happens. */
export function converseStaged<T>(
  repl: RawRepl,
  stages: StagedCode,
  job: Job,
  talk: (line: Line) => Promise<T>,
): Promise<T> {
  return staged(repl, stages, job, (last) => repl.converse(last, job, talk));
}

/** Brings all but the last piece onto the board, runs that, and clears away. */
async function staged<T>(
  repl: RawRepl,
  stages: StagedCode,
  job: Job,
  run: (last: string) => Promise<T>,
): Promise<T> {
  const names = new Set([...stages.join().matchAll(/\$(\w+)/g)].map(([, name = '']) => name));
  const before = [meetNames(names), prelude, ...stages.slice(0, -1)];
  const pieces = before.map((piece, index) => named(index > 0 ? `${piece.trim()}\n$c()` : piece));
  const last = named(stages.at(-1) ?? '');
  const quiet = { signal: job.signal, progress: quietJob().progress };
  try {
    for (const piece of pieces) await repl.exec(piece, quiet, { timeoutMs: 20_000 });
    return await run(last);
  } finally {
    // A board that does not answer any more says so at what comes next.
    await repl.exec(named(cleanup), quietJob(), { timeoutMs: 5000 }).catch(() => undefined);
  }
}

function named(code: string): string {
  return code.trim().replaceAll('$', PREFIX) + '\n';
}
