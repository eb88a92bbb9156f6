/**
 * `npm start`: from a fresh clone to a window with Parley and an example workspace in it. Needs only
 * Node and npm; what is missing is installed and said. Below: scripts/lib. Above: a newcomer.
 */
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { windowAddress } from './lib/browser.mjs';
import { findDesktop } from './lib/desktop.mjs';
import { ensureBuilt, ensureModules, requireNode } from './lib/install.mjs';
import { cleanEnv } from './lib/npm.mjs';
import { dist, example, root, state } from './lib/paths.mjs';
import { endOnSignals, finish, run, which } from './lib/processes.mjs';
import { calmSettings, ensureRealVscode, startCodeServer } from './lib/realVscode.mjs';
import { bold, dim, elapsed, say, seconds } from './lib/say.mjs';

const usage = `npm start -- [options]
  (no option)    a desktop VS Code where \`code\` is on PATH and there is a display;
                 else VS Code in the browser, on this computer's loopback address
  --browser      VS Code in the browser, whatever else is here
  --terminal     no window: the same conversation, line by line in this terminal
                 (what follows a further -- goes to it; -- --help tells what it takes)
  --port N       the port of the browser's address (default 8750; another one where it is
                 taken); with --terminal the broker's port (default 1883)
  --no-open      print the address, do not open it
  --fresh        forget what earlier windows kept (settings, boards); your files stay
  --help         this text`;

/** Where code-server is looked for first; any free port where this one is taken. */
const defaultPort = 8750;

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      browser: { type: 'boolean' },
      terminal: { type: 'boolean' },
      port: { type: 'string' },
      'no-open': { type: 'boolean' },
      fresh: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const port = values.port === undefined ? defaultPort : Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port ${values.port} is no port: a whole number from 0 to 65535.`);
  }
  if (positionals.length > 0 && !values.terminal) {
    throw new Error(`npm start does not know what to do with ${positionals.join(' ')}.`);
  }
  const forTerminal = values.port === undefined ? [] : ['--port', values.port];
  return { ...values, port, rest: [...forTerminal, ...positionals] };
}

async function main() {
  requireNode();
  const options = readOptions();
  if (options.help) {
    say(usage);
    return 0;
  }
  endOnSignals(() => say('\nEnding what was started …'));
  if (options.fresh) forget();

  await ensureModules();
  await ensureBuilt();
  if (options.terminal) return inTerminal(options);
  await makeExample();

  const desktop = options.browser ? { whyNot: 'as asked' } : await findDesktop();
  if (desktop.code) return inDesktop(desktop);
  say(dim(`VS Code in the browser: ${desktop.whyNot}.`));
  return inBrowser(options);
}

/** Forgets windows and boards; keeps what was only installed. */
function forget() {
  for (const name of ['window', 'terminal']) {
    rmSync(path.join(state, name), { recursive: true, force: true });
  }
}

/** Copies the example workspace where it is missing; files that are there stay as they are. */
async function makeExample() {
  const isNew = !existsSync(example);
  const args = [path.join(dist, 'terminal.js'), '--make-example', example];
  const { code, output } = await run(process.execPath, args, { cwd: root, deadlineMs: 60_000 });
  if (code !== 0) throw new Error(`The example workspace could not be made:\n${output.trim()}`);
  if (isNew) say(`The example workspace is in ${path.relative(process.cwd(), example) || '.'}`);
}

/** The runner in the foreground: the terminal's own Ctrl-C reaches it, SIGTERM is handed on. */
function inTerminal({ rest }) {
  const script = path.join(dist, 'terminal.js');
  return new Promise((resolve, reject) => {
    // Not in a group of its own: only the terminal's foreground group may read and gets Ctrl-C.
    const child = spawn(process.execPath, [script, ...rest], { cwd: root, stdio: 'inherit' });
    // A terminal sends SIGINT to both of us; without one (a supervisor) it is ours to hand on.
    const handedOn = ['SIGTERM', 'SIGHUP', ...(process.stdin.isTTY ? [] : ['SIGINT'])];
    process.removeAllListeners('SIGINT').on('SIGINT', () => {});
    for (const signal of handedOn) {
      process.removeAllListeners(signal).on(signal, () => child.kill(signal));
    }
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + os.constants.signals[signal]));
  });
}

async function inDesktop({ code, version }) {
  say(`Opening VS Code ${version} with Parley and the example workspace.`);
  const args = [`--extensionDevelopmentPath=${root}`, '--new-window', example];
  const result = await run(code, args, {
    env: cleanEnv(),
    deadlineMs: 60_000,
    shell: process.platform === 'win32',
  });
  if (result.code !== 0) throw new Error(`\`code\` failed:\n${result.output.trim()}`);
  say('Everything Parley starts ends with that window.');
  return 0;
}

async function inBrowser(options) {
  await ensureRealVscode();
  const server = await startCodeServer({
    folder: path.join(state, 'window'),
    settings: calmSettings(),
    port: options.port,
  });
  const address = windowAddress(server.port, example);
  say();
  say(`  ${bold(address)}`);
  say();
  const opener = options['no-open'] ? undefined : findOpener();
  if (opener) spawn(opener, [address], { stdio: 'ignore', detached: true }).on('error', () => {});
  const todo = opener ? 'It opens in your browser.' : 'Open this address in a browser.';
  say(`${todo} Ctrl-C here ends it. ${dim(`(Ready after ${seconds(elapsed())}.)`)}`);
  const code = await new Promise((resolve) => server.child.once('exit', resolve));
  throw new Error(`VS Code ended by itself (${code}).`);
}

/** The program that opens an address in the user's browser, where there is a display. */
function findOpener() {
  if (process.platform === 'darwin') return which('open');
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY && !process.env.WSL_DISTRO_NAME) {
    return undefined;
  }
  return process.env.WSL_DISTRO_NAME ? which('wslview') : which('xdg-open');
}

void finish(main());
