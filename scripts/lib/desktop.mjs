/**
 * Whether a desktop VS Code can be had, and why not. Below: processes.mjs. Above: start.mjs.
 */
import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { readJson } from './files.mjs';
import { root } from './paths.mjs';
import { run, which } from './processes.mjs';

/** Whether version `have` (1.2.3) is at least the one of a caret range (^1.100.0), same major. */
export function satisfiesCaret(have, range) {
  const [a, b] = [have, range.replace(/^\^/, '')].map((v) => v.split('.').map(Number));
  if (a.some(Number.isNaN) || a[0] !== b[0]) return false;
  return a[1] > b[1] || (a[1] === b[1] && (a[2] ?? 0) >= (b[2] ?? 0));
}

/** Whether a `code` on PATH belongs to a remote or browser VS Code, which opens no desktop window. */
function isRemoteCli(file) {
  const real = realpathSync(file);
  if (/remote-cli|code-server/.test(real)) return true;
  return /remote-cli|code-server/.test(readFileSync(real, 'utf8').slice(0, 4000));
}

/**
 * Looks for a desktop VS Code that can show a window here and is new enough for the extension.
 * @returns {Promise<{ code: string, version: string } | { whyNot: string }>}
 */
export async function findDesktop(env = process.env) {
  const code = which('code', env.PATH);
  if (!code) return { whyNot: 'no desktop VS Code (`code`) on PATH' };
  if (env.WSL_DISTRO_NAME) return { whyNot: 'inside WSL, where `code` is that of Windows' };
  if (process.platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) {
    return { whyNot: 'no display for a desktop VS Code' };
  }
  if (isRemoteCli(code)) {
    return { whyNot: `${path.dirname(code)}/code is that of a remote VS Code` };
  }
  const { code: exit, output } = await run(code, ['--version'], {
    deadlineMs: 20_000,
    env,
    shell: process.platform === 'win32',
  });
  const version = /^\d+\.\d+\.\d+$/m.exec(output)?.[0];
  if (exit !== 0 || !version) return { whyNot: '`code --version` does not answer' };
  const wanted = readJson(path.join(root, 'package.json')).engines.vscode;
  if (!satisfiesCaret(version, wanted)) {
    return { whyNot: `the desktop VS Code is ${version}, Parley needs ${wanted}` };
  }
  return { code, version };
}
