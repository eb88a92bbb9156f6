/**
 * Install Packages: asks the board what it can load and where it looks for it, gets the packages through
 * this computer, and puts what differs. Below: packages.ts, put.ts. Above: the commands.
 */
import type { Board } from '../board/board';
import type { Job } from '../core/job';
import { ask } from '../micropython/boardCode';
import type { RawRepl } from '../micropython/rawRepl';
import { resolvePackages, type FoundPackage, type PackageOptions } from './packages';
import { putFiles } from './put';

export interface InstallOptions extends Omit<PackageOptions, 'mpyVersion'> {
  /** Folder on the board; without it the first of sys.path that ends in /lib. */
  readonly target?: string;
  /** Stop a program that runs; without it that is refused. */
  readonly stop?: boolean;
  /** Sources, also where the board could load .mpy files. */
  readonly sources?: boolean;
}

export interface InstallReport {
  readonly packages: readonly FoundPackage[];
  readonly target: string;
  /** Paths that were put, and those the board had already. */
  readonly sent: readonly string[];
  readonly skipped: readonly string[];
}

/**
 * @param specs as {@link resolvePackages} takes them
 * @throws BoardError package-failed before anything is put; disk-full, put-failed, no-micropython,
 *   prompt-timeout, program-running, cancelled
 */
export async function installPackages(
  board: Board,
  specs: readonly string[],
  options: InstallOptions,
  job: Job,
): Promise<InstallReport> {
  const atPrompt = { onlyAtPrompt: !options.stop };
  const can = await board.withRawRepl('Install', job, (repl) => abilities(repl, job), atPrompt);
  const target = (options.target ?? can.lib).replace(/^\/+|\/+$/g, '');
  const mpyVersion = options.sources ? 0 : can.mpyVersion;
  // The board is free meanwhile: a slow network keeps nobody from it.
  const { packages, files } = await resolvePackages(specs, { ...options, mpyVersion }, job);
  const placed = files.map(({ path, bytes }) => ({
    path: target ? `${target}/${path}` : path,
    bytes,
  }));
  const { sent, skipped } = await board.withRawRepl(
    'Install',
    job,
    (repl) => putFiles(repl, placed, job),
    atPrompt,
  );
  return { packages, target: `/${target}`, sent, skipped };
}

async function abilities(repl: RawRepl, job: Job): Promise<{ mpyVersion: number; lib: string }> {
  const code = `
import sys
p=[p for p in sys.path if p.endswith('/lib')]
say([getattr(sys.implementation,'_mpy',0)&255,p[0] if p else '/lib'])`;
  const [answer] = await ask(repl, code, job);
  const [mpyVersion, lib] = answer as [number, string];
  return { mpyVersion, lib };
}
