/**
 * Which program has a file, a device or a socket open, where the system tells.
 * Below: the operating system. Above: port names who holds a serial port, broker who listens.
 */
import { execFile } from 'node:child_process';
import { readFile, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment } from './childEnvironment';

export interface Program {
  /** As a person knows it: "mosquitto", "python3 (miniterm.py)". */
  readonly name: string;
  readonly pid: number;
}

/** Programs that run other programs: the name of what they run says more. */
const INTERPRETER = /^(python[\d.]*|node|MainThread|ruby|perl)$/;

/**
 * The first program that has one of `targets` open, on Linux: a path as readlink of a descriptor
 * gives it, or "socket:[4711]". Descriptors of other users' programs are seen by root alone. Never
 * throws.
 * @param proc '/proc' but for tests
 */
export async function holderOnLinux(
  targets: ReadonlySet<string>,
  proc = '/proc',
): Promise<Program | undefined> {
  for (const entry of await readdir(proc).catch(() => [])) {
    if (!/^\d+$/.test(entry)) continue;
    const fds = join(proc, entry, 'fd');
    for (const fd of await readdir(fds).catch(() => [])) {
      const target = await readlink(join(fds, fd)).catch(() => '');
      if (targets.has(target)) return { name: await nameOf(proc, entry), pid: Number(entry) };
    }
  }
  return undefined;
}

/** `comm`, and for an interpreter the script it runs. */
async function nameOf(proc: string, entry: string): Promise<string> {
  const text = (file: string): Promise<string> =>
    readFile(join(proc, entry, file), 'utf8').catch(() => '');
  const comm = (await text('comm')).trim();
  const [program = '', ...args] = (await text('cmdline')).split('\0');
  const own = base(program) || comm || 'a program';
  if (!INTERPRETER.test(comm)) return comm || own;
  const script = args.find((arg) => arg !== '' && !arg.startsWith('-'));
  // Only the file's name: arguments may hold what is nobody's business.
  return script === undefined ? own : `${own} (${base(script)})`;
}

const base = (path: string): string => path.replace(/^.*[\\/]/, '');

/** lsof's -F output: a line `p<pid>`, then `c<command>`. */
export function parseLsof(text: string): Program | undefined {
  const pid = /^p(\d+)$/m.exec(text)?.[1];
  const name = /^c(.+)$/m.exec(text)?.[1];
  return pid && name ? { name, pid: Number(pid) } : undefined;
}

/** What `lsof` of macOS answers to `args`; undefined after 2 s, or where it knows nothing. */
export function holderByLsof(args: readonly string[]): Promise<Program | undefined> {
  return new Promise((resolve) => {
    execFile(
      'lsof',
      [...args, '-Fpc'],
      { env: childEnvironment(), timeout: 2000 },
      (_error, stdout) => resolve(parseLsof(stdout)),
    );
  });
}
