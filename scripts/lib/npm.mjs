/**
 * npm, and the packages of a folder: installed exactly when they differ from the lockfile.
 * Below: processes.mjs. Above: install.mjs, realVscode.mjs, build.mjs.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readJson } from './files.mjs';
import { run } from './processes.mjs';

/** What an outer `npm start` leaves in the environment and an inner npm must not see. */
const inherited =
  /^npm_(package_|lifecycle_|command$|config_(local|global)_prefix$|config_prefix$)/;

/** The environment for an npm (or a program) in another folder, with `extra` on top. */
export function cleanEnv(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !inherited.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/**
 * Runs npm in a folder. Throws an Error with npm's last lines when it fails.
 * @param {{ node?: string, env?: object, deadlineMs?: number, anyCode?: boolean }} options `node`: the
 *   node to run it under. `anyCode`: what it printed is wanted however it ended, if only in time.
 */
export async function npm(args, cwd, options = {}) {
  const { node = process.execPath, env = {}, deadlineMs = 10 * 60_000, anyCode } = options;
  const extra = { PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`, ...env };
  const script = process.env.npm_execpath;
  const direct = script?.endsWith('.js') && existsSync(script);
  const result = await run(direct ? node : 'npm', direct ? [script, ...args] : args, {
    cwd,
    env: cleanEnv(extra),
    deadlineMs,
    shell: !direct && process.platform === 'win32',
  });
  if (result.code === 0 || (anyCode && !result.timedOut)) return result.output;
  const why = result.timedOut ? `took longer than ${deadlineMs / 1000} s` : 'failed';
  const tail = result.output.trim().split('\n').slice(-25).join('\n');
  throw new Error(`npm ${args.join(' ')} ${why} in ${cwd}:\n${tail}`);
}

/**
 * Whether the packages of `folder` are those of its lockfile: every entry with the same version in
 * npm's own record (node_modules/.package-lock.json); optional ones may be missing.
 */
export function modulesMatch(folder) {
  const wanted = readJson(path.join(folder, 'package-lock.json'))?.packages;
  const have = readJson(path.join(folder, 'node_modules/.package-lock.json'))?.packages;
  if (!wanted || !have) return false;
  return Object.entries(wanted).every(([where, entry]) => {
    if (where === '') return true;
    const found = have[where];
    if (!found) return Boolean(entry.optional || entry.peer || entry.devOptional);
    return found.version === entry.version && existsSync(path.join(folder, where));
  });
}
