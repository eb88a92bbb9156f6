/**
 * Compile: Python into .mpy with MicroPython's own compiler, mpy-cross, on this computer. A board starts
 * it sooner and needs less memory for it.
 * Below: micropython, a program of this computer. Above: put, sync, and the settings that turn it on.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { childEnvironment } from '../core/childEnvironment';
import { BoardError } from '../core/errors';
import { findProgram } from '../core/findProgram';
import { throwIfCancelled, withProgress, type Job } from '../core/job';
import { ask } from '../micropython/boardCode';
import { removeAll } from '../micropython/filesystem';
import type { RawRepl } from '../micropython/rawRepl';
import { hashes } from '../micropython/transfer';
import { putFiles, type BoardFile, type PutReport } from './put';
import { t } from '../core/words';

/** The board starts with these, and only as source. */
const NEVER: readonly string[] = ['boot.py', 'main.py'];
const COMPILE_MS = 30_000;
/** How many are compiled at the same time. */
const AT_ONCE = 4;

/** MicroPython's tools/mpy-tool.py: what stands in `sys.implementation._mpy` above bit 10. */
const ARCHITECTURES: readonly (string | undefined)[] = [
  undefined,
  'x86',
  'x64',
  'armv6',
  'armv6m',
  'armv7m',
  'armv7em',
  'armv7emsp',
  'armv7emdp',
  'xtensa',
  'xtensawin',
  'rv32imc',
  'rv64imc',
];

export interface Compiler {
  /** The files as they are to lie on the board. @throws BoardError mpy-version, mpy-compile */
  compile(repl: RawRepl, files: readonly BoardFile[], job: Job): Promise<Compiled>;
}

export interface Compiled {
  readonly files: readonly BoardFile[];
  /** Sources that went into a .mpy: on the board `import` would still take them first. */
  readonly sources: readonly string[];
}

/**
 * @param configured path of mpy-cross; '' looks for it on the PATH
 * @throws BoardError mpy-missing details { reason }
 */
export async function findCompiler(
  configured: string,
  environment?: NodeJS.ProcessEnv,
): Promise<Compiler> {
  const program = await findProgram('mpy-cross', { configured, environment });
  if (!program) {
    const reason = configured
      ? t('{configured} is no program', { configured })
      : t('it is not on the PATH');
    throw new BoardError('mpy-missing', `mpy-cross: ${reason}`, { details: { reason } });
  }
  return { compile: (repl, files, job) => compileFor(program, repl, files, job) };
}

async function compileFor(
  program: string,
  repl: RawRepl,
  files: readonly BoardFile[],
  job: Job,
): Promise<Compiled> {
  const sources = files.filter(({ path: name }) => name.endsWith('.py') && !NEVER.includes(name));
  if (sources.length === 0) return { files, sources: [] };
  job.progress.report({ message: t('Compiling') });
  const architecture = await agreeWith(program, repl, job);
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-mpy-'));
  try {
    const ready = new Map(files.map((file) => [file.path, file]));
    const left = sources.map((file, index) => ({ file, index }));
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift()) {
        throwIfCancelled(job);
        const { file, index } = next;
        const bytes = await compileOne(program, folder, index, file, architecture, job);
        ready.delete(file.path);
        const name = `${file.path.slice(0, -'.py'.length)}.mpy`;
        ready.set(name, { path: name, bytes });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return { files: [...ready.values()], sources: sources.map(({ path: name }) => name) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The board's architecture for native code, where it has one.
 * @throws BoardError mpy-version details { boardVersion, version } where it does not take what the
 *   program makes
 */
async function agreeWith(program: string, repl: RawRepl, job: Job): Promise<string | undefined> {
  const quiet = withProgress(job, () => undefined);
  // The name was `mpy` up to 1.18.
  const code = `
import sys
i=sys.implementation
say(getattr(i,'_mpy',getattr(i,'mpy',0)))`;
  const [answer] = (await ask(repl, code, quiet)) as [number];
  const { stdout } = await run(program, ['--version'], tmpdir(), job);
  // "MicroPython v1.27.0 on 2025-12-09; mpy-cross emitting mpy v6.3"
  const version = Number(/mpy v(\d+)/.exec(stdout)?.[1] ?? NaN);
  // MicroPython's docs, "MicroPython .mpy files": the low byte is the version. The part behind the
  // dot matters to native code alone, and the board itself refuses that.
  const boardVersion = answer & 0xff;
  if (boardVersion === 0 || boardVersion !== version) {
    const said = Number.isNaN(version) ? 'unknown' : version;
    throw new BoardError('mpy-version', `mpy ${said}, the board ${boardVersion}`, {
      details: { boardVersion, version: said, program },
    });
  }
  return ARCHITECTURES[answer >> 10];
}

/** @throws BoardError mpy-compile details { path, error } */
async function compileOne(
  program: string,
  folder: string,
  index: number,
  { path: name, bytes }: BoardFile,
  architecture: string | undefined,
  job: Job,
): Promise<Uint8Array> {
  const [from, to] = [`${index}.py`, `${index}.mpy`];
  await writeFile(path.join(folder, from), bytes);
  const march = architecture === undefined ? [] : [`-march=${architecture}`];
  // -s: the name that tracebacks say.
  const { code, stderr } = await run(program, [...march, '-s', name, '-o', to, from], folder, job);
  try {
    if (code !== 0) throw new Error(stderr);
    return new Uint8Array(await readFile(path.join(folder, to)));
  } catch (cause) {
    const error = stderr.trim().split(/\r?\n/).at(-1) ?? '';
    const line = /line (\d+)/.exec(stderr)?.[1];
    const details = { path: name, error, ...(line ? { line: Number(line) } : {}) };
    throw new BoardError('mpy-compile', `${name}: ${error}`, { cause, details });
  }
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** No shell: what a file is called is never a command. */
function run(program: string, args: readonly string[], cwd: string, job: Job): Promise<Ended> {
  return new Promise((done, failed) => {
    const env = childEnvironment();
    const options = { cwd, env, timeout: COMPILE_MS, signal: job.signal, windowsHide: true };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (job.signal.aborted) return failed(new BoardError('cancelled', 'cancelled by the user'));
      const code = error ? Number(error.code ?? 1) || 1 : 0;
      done({ code, stdout, stderr: stderr || (error?.message ?? '') });
    });
  });
}

/**
 * Removes sources whose .mpy was put: `import` takes a .py before a .mpy of the same name.
 * @returns those that were there @throws BoardError as exec
 */
export async function removeSources(
  repl: RawRepl,
  sources: readonly string[],
  job: Job,
): Promise<string[]> {
  if (sources.length === 0) return [];
  const quiet = withProgress(job, () => undefined);
  const known = await hashes(repl, sources, quiet);
  const there = sources.filter((name) => known.get(name) !== undefined);
  await removeAll(repl, there, quiet);
  return there;
}

export interface CompiledPut extends PutReport {
  /** Sources that the board had, and that their compiled files took the place of. */
  readonly replaced: readonly string[];
}

/** Puts files, compiled where there is a compiler. @throws as putFiles and {@link Compiler} */
export async function putCompiled(
  repl: RawRepl,
  files: readonly BoardFile[],
  compiler: Compiler | undefined,
  job: Job,
): Promise<CompiledPut> {
  if (!compiler) return { ...(await putFiles(repl, files, job)), replaced: [] };
  const compiled = await compiler.compile(repl, files, job);
  const report = await putFiles(repl, compiled.files, job);
  // Only now: a cut before this line leaves a board that still runs.
  return { ...report, replaced: await removeSources(repl, compiled.sources, job) };
}
