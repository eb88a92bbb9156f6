/**
 * Programs the scripts start, each in a process group of its own, so that it can be ended whole:
 * on its deadline, on Ctrl-C, at the end. Below: node:child_process. Above: every script.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const windows = process.platform === 'win32';
/** Children whose group may still have members. */
const running = new Set();
/** Things to undo at the end, last first. */
const cleanups = [];

/** Does `undo` when the script ends by a signal or by `endEverything`. Returns a way to forget it. */
export function atEnd(undo) {
  cleanups.push(undo);
  return () => {
    const index = cleanups.indexOf(undo);
    if (index >= 0) cleanups.splice(index, 1);
  };
}

/** Starts a program in its own process group. `options` as for node's spawn. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { ...options, detached: !windows });
  running.add(child);
  child.once('error', () => running.delete(child));
  return child;
}

function signalGroup(child, signal) {
  if (child.pid === undefined) return false;
  try {
    if (windows) {
      spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
      return false;
    }
    process.kill(-child.pid, signal);
    return true;
  } catch {
    return false; // ESRCH: nobody of the group is left
  }
}

/**
 * Ends a program and everything it started: SIGTERM to its group, SIGKILL after `graceMs`.
 * Resolves when nobody of the group is left.
 */
export async function endGroup(child, graceMs = 4000) {
  const deadline = Date.now() + graceMs;
  let alive = signalGroup(child, 'SIGTERM');
  while (alive && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    alive = signalGroup(child, 0);
  }
  if (alive) signalGroup(child, 'SIGKILL');
  running.delete(child);
}

/** Ends every program that is still running and undoes what was registered with `atEnd`. */
export async function endEverything(graceMs) {
  await Promise.all([...running].map((child) => endGroup(child, graceMs)));
  for (const undo of cleanups.splice(0).reverse()) {
    try {
      await undo();
    } catch {
      // an end that fails must not keep the next one from happening
    }
  }
}

let ending = false;

/**
 * The last line of a script: ends what it started and exits. `work` gives the exit code; what it
 * throws is printed as one sentence. After a signal the signal decides, not what broke because of it.
 */
export async function finish(work) {
  let code;
  try {
    code = await work;
  } catch (error) {
    if (!ending) process.stderr.write(`${error.message}\n`);
    code = 1;
  }
  if (ending) return;
  await endEverything();
  process.exit(code);
}

/** On Ctrl-C, SIGTERM or a closed terminal: `before`, end everything, exit as a shell expects. */
export function endOnSignals(before = () => {}) {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  for (const [signal, code] of Object.entries(codes)) {
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      before(signal);
      void endEverything().finally(() => process.exit(code));
    });
  }
  // The last net, where no promise can run any more.
  process.on('exit', () => running.forEach((child) => signalGroup(child, 'SIGKILL')));
}

/**
 * Runs a program to its end. Never rejects for a non-zero exit: look at `code`.
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, deadlineMs?: number, onLine?: (line: string) => void,
 *   shell?: boolean, inherit?: boolean }} options `deadlineMs`: after it the whole group is killed and
 *   `timedOut` is true. `inherit`: output goes straight to the terminal and is not collected.
 * @returns {Promise<{ code: number | null, timedOut: boolean, output: string }>}
 */
export function run(command, args, options = {}) {
  const { cwd, env, deadlineMs, onLine, shell, inherit } = options;
  return new Promise((resolve) => {
    const stdio = ['ignore', inherit ? 'inherit' : 'pipe', inherit ? 'inherit' : 'pipe'];
    const child = start(command, args, { cwd, env, shell, stdio });
    let output = '';
    let rest = '';
    let timedOut = false;
    const timer =
      deadlineMs &&
      setTimeout(() => {
        timedOut = true;
        void endGroup(child, 2000);
      }, deadlineMs);
    const done = (code) => {
      clearTimeout(timer);
      if (rest) onLine?.(rest);
      // A program that ended may have left others behind, in its group.
      void endGroup(child, 1000).then(() => resolve({ code, timedOut, output }));
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (!onLine) return;
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(onLine);
      });
    }
    child.once('error', (error) => {
      output += String(error);
      done(null);
    });
    // 'exit', not 'close': something left behind that holds the pipe must not hold us.
    child.once('exit', (code) => setTimeout(done, 50, code));
  });
}

/** The full path of a program on PATH, or undefined. */
export function which(name, searchPath = process.env.PATH ?? '') {
  const endings = windows ? ['.exe', '.cmd', ''] : [''];
  for (const folder of searchPath.split(path.delimiter).filter(Boolean)) {
    for (const ending of endings) {
      const file = path.join(folder, name + ending);
      if (existsSync(file)) return file;
    }
  }
  return undefined;
}

/** Whether we may act as root: 'root', 'sudo' (without a password), or undefined. */
export function rootPower() {
  if (process.getuid?.() === 0) return 'root';
  if (!which('sudo')) return undefined;
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? 'sudo' : undefined;
}
