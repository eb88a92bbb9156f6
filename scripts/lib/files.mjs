/**
 * Finding files and telling whether they changed. Below: node:fs. Above: every script that reuses
 * what an earlier run made.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const never = new Set(['node_modules', '.git', 'dist', 'out', '__pycache__']);

/** Every file under `folder` that `wanted` accepts, as absolute paths in a stable order. */
export function findFiles(folder, wanted = () => true) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) return never.has(entry.name) ? [] : findFiles(file, wanted);
      return entry.isFile() && wanted(file) ? [file] : [];
    });
}

/** A SHA-256 over names and contents; a file that is missing counts as missing. */
export function hashOf(files, salt = '') {
  const hash = createHash('sha256').update(salt);
  for (const file of files) {
    hash.update(`\0${file}\0`);
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** JSON from a file, or undefined where there is none or it is broken. */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Writes JSON, making the folder where it is missing. */
export function writeJson(file, value) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Does `work` while no other script holds the same lock, so that two `npm test` do not install into
 * one folder. A lock whose process has died is taken over. Waits at most `deadlineMs`.
 */
export async function withLock(name, folder, work, deadlineMs = 15 * 60_000) {
  const lock = path.join(folder, `${name}.lock`);
  mkdirSync(folder, { recursive: true });
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!holderLives(lock)) rmSync(lock, { force: true });
      else if (Date.now() > deadline)
        throw new Error(`Another script holds ${lock}.`, { cause: error });
      else await wait(200);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function holderLives(lock) {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    if (!pid) return true; // being written this moment
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
