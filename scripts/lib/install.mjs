/**
 * What must be there before anything else: the project's packages, its bundles, and Debian's
 * programs for the tests. Each is done only when it is missing or out of date.
 * Below: npm.mjs, debian.mjs. Above: start.mjs, test.mjs, bench.mjs.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { findFiles, hashOf, readJson, withLock, writeJson } from './files.mjs';
import { modulesMatch, npm } from './npm.mjs';
import { dist, root, state } from './paths.mjs';
import { step } from './say.mjs';

/** Says in one sentence when this Node is too old, and ends the script. */
export function requireNode(major = 20) {
  if (Number(process.versions.node.split('.')[0]) >= major) return;
  process.stderr.write(
    `Parley needs Node ${major} or newer; this is ${process.version}. See https://nodejs.org\n`,
  );
  process.exit(1);
}

/** The project's packages, exactly as package-lock.json says. @returns whether they were installed now */
export async function ensureModules() {
  if (modulesMatch(root)) return false;
  return withLock('modules', state, async () => {
    if (modulesMatch(root)) return false;
    await step('Installing the packages of package-lock.json', () =>
      npm(['ci', '--no-audit', '--no-fund'], root).then(() => undefined),
    );
    return true;
  });
}

/** Everything the bundles are made of. */
function sources() {
  const source = (file) => !/\.test\.ts$/.test(file);
  return [
    ...['src', 'media', 'firmware'].flatMap((f) => findFiles(path.join(root, f), source)),
    ...['package.json', 'package-lock.json', 'webpack.config.js', 'tsconfig.json'].map((f) =>
      path.join(root, f),
    ),
    path.join(root, 'scripts/makeVirtualImage.mjs'),
    path.join(root, 'scripts/lib/vmBuild.mjs'),
  ];
}

const stamp = path.join(dist, '.built.json');

/** Whether dist was made from the sources as they are now. */
export function buildIsFresh() {
  const made = [
    'extension.js',
    'terminal.js',
    'cli.js',
    'virtual/main.js',
    'webview/conversation.js',
  ];
  return (
    made.every((f) => existsSync(path.join(dist, f))) &&
    readJson(stamp)?.sources === hashOf(sources())
  );
}

/**
 * `npm run build`, when the sources differ from those of the last build.
 * @returns {Promise<boolean>} whether it was built now. Throws with webpack's words when it fails.
 */
export async function ensureBuilt({ quiet = false } = {}) {
  if (buildIsFresh()) return false;
  return withLock('build', state, async () => {
    if (buildIsFresh()) return false;
    const hash = hashOf(sources());
    const build = () => npm(['run', '--silent', 'build'], root).then(() => undefined);
    await (quiet ? build() : step('Building the extension', build));
    writeJson(stamp, { sources: hash });
    return true;
  });
}
