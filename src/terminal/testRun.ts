/**
 * Runs people's MicroPython programs as tests on a virtual board: a program that ends is a pass, one
 * that raises, hangs or resets the board is a failure. For the CI of their projects.
 * Below: operations. Above: commands/virtual.ts.
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import * as path from 'node:path';
import type { Board } from '../board/board';
import { isBoardError } from '../core/errors';
import { throwIfCancelled, type Job } from '../core/job';
import { runOnBoard } from '../operations/runOnBoard';
import { t } from '../core/words';

export interface TestResult {
  /** The file as it was found. */
  readonly file: string;
  readonly ok: boolean;
  /** All that it printed. */
  readonly output: string;
  /** Why it failed: a traceback, or a sentence. */
  readonly error?: string;
  readonly seconds: number;
}

/**
 * The programs that a path names: itself, or the `.py` files under a folder in the order of their
 * names; files and folders that begin with `_` or `.` are not programs.
 * @throws Error where the path is not there
 */
export async function testFiles(where: string): Promise<string[]> {
  if (!(await stat(where)).isDirectory()) return [where];
  const entries = await readdir(where, { withFileTypes: true });
  const found: string[] = [];
  for (const { name, ...entry } of entries.map((e) => ({
    name: e.name,
    folder: e.isDirectory(),
  }))) {
    if (name.startsWith('_') || name.startsWith('.')) continue;
    const at = path.join(where, name);
    if (entry.folder) found.push(...(await testFiles(at)));
    else if (name.endsWith('.py')) found.push(at);
  }
  return found.sort();
}

/**
 * Runs one program on a board that was reset before, so that nothing of the one before is left.
 * @param limitMs how long it may run, milliseconds
 * @throws BoardError cancelled, and what is the board's fault: no-micropython, port-lost
 */
export async function runTest(
  board: Board,
  file: string,
  limitMs: number,
  job: Job,
): Promise<TestResult> {
  const source = await readFile(file, 'utf8');
  await board.reset(job);
  let output = '';
  const watching = board.onConsole((bytes) => (output += Buffer.from(bytes).toString()));
  const begun = performance.now();
  const result = (ok: boolean, error?: string): TestResult => ({
    file,
    ok,
    output,
    ...(error === undefined ? {} : { error }),
    seconds: Math.round(performance.now() - begun) / 1000,
  });
  const late = AbortSignal.timeout(limitMs);
  const limited: Job = { ...job, signal: AbortSignal.any([job.signal, late]) };
  try {
    const report = await runOnBoard(board, { source, fileName: path.basename(file) }, limited);
    return result(report.ok, report.error);
  } catch (error) {
    throwIfCancelled(job);
    if (late.aborted)
      return result(false, t('It still ran after {seconds} s.', { seconds: limitMs / 1000 }));
    // The program restarted the board: its own doing, and the next one has a board again.
    if (isBoardError(error, 'prompt-timeout') && error.details['reason'] === 'reset') {
      return result(false, t('It reset the board.'));
    }
    throw error;
  } finally {
    watching.dispose();
  }
}

/** The results as JUnit's XML, which CI services read. */
export function junit(results: readonly TestResult[]): string {
  const failures = results.filter(({ ok }) => !ok).length;
  const cases = results.map(({ file, ok, error, output, seconds }) => {
    const failure = ok ? '' : `<failure message="${xml(lastLine(error))}">${xml(error)}</failure>`;
    return `  <testcase name="${xml(file)}" time="${seconds}">${failure}<system-out>${xml(output)}</system-out></testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="parley" tests="${results.length}" failures="${failures}">`,
    ...cases,
    '</testsuite>',
    '',
  ].join('\n');
}

function lastLine(text = ''): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}

/** Text as XML 1.0 takes it: characters it has no way to write become a question mark. */
function xml(text = ''): string {
  const entity: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return (
    text
      // eslint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
      .replace(/[&<>"]/g, (character) => entity[character] ?? character)
  );
}
