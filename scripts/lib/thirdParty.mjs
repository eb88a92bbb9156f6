/**
 * What of other people's work is in the package: which npm packages, under which licence.
 * Below: package-lock.json and webpack's source maps. Above: extensionPackage.mjs.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { dist, root } from './paths.mjs';
import { findFiles, readJson } from './files.mjs';

/** MicroPython's WebAssembly is copied, not bundled: no source map names it. */
const copied = ['node_modules/@micropython/micropython-webassembly-pyscript'];

/**
 * A package and everything it needs, as paths in node_modules ("node_modules/serialport"), found as
 * Node would find them. Throws an Error where the lockfile does not have one.
 */
export function withDependencies(name, lock = lockfile()) {
  const found = new Set();
  const visit = (wanted, from) => {
    const at = resolveIn(lock, wanted, from);
    if (found.has(at)) return;
    found.add(at);
    for (const next of Object.keys(lock[at].dependencies ?? {})) visit(next, at);
  };
  visit(name, '');
  return [...found].sort();
}

function resolveIn(lock, name, from) {
  for (let folder = from; ;) {
    const at = `${folder ? `${folder}/` : ''}node_modules/${name}`;
    if (lock[at]) return at;
    if (!folder) throw new Error(`package-lock.json has no ${name} (needed by ${from}).`);
    const above = folder.lastIndexOf('/node_modules/');
    folder = above >= 0 ? folder.slice(0, above) : '';
  }
}

const lockfile = () => readJson(path.join(root, 'package-lock.json')).packages;

/** The packages whose code is in the bundles, as paths in node_modules, from the source maps. */
export function bundledPackages() {
  const found = new Set(copied);
  for (const file of findMaps()) {
    for (const source of readJson(file)?.sources ?? []) {
      const at = source.lastIndexOf('node_modules/');
      if (at < 0) continue;
      const [scope, name] = source.slice(at + 'node_modules/'.length).split('/');
      const folder = source.slice(source.indexOf('node_modules/'), at + 'node_modules/'.length);
      found.add(`${folder}${scope.startsWith('@') ? `${scope}/${name}` : scope}`);
    }
  }
  return [...found].filter((at) => existsSync(path.join(root, at, 'package.json'))).sort();
}

const findMaps = () =>
  // Not findFiles on the root: it leaves dist out.
  [dist, path.join(dist, 'virtual'), path.join(dist, 'webview')].flatMap((folder) =>
    findFiles(folder, (file) => file.endsWith('.js.map')),
  );

/** @returns {{ name: string, version: string, licence: string, by?: string, text?: string }} */
export function licenceOf(at) {
  const folder = path.join(root, at);
  const { name, version, license, author } = readJson(path.join(folder, 'package.json'));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry));
  const text = file && readFileSync(path.join(folder, file), 'utf8').trim();
  const by = typeof author === 'string' ? author : author?.name;
  return { name, version, licence: license ?? 'unknown', by, text };
}

/** The notices that travel with the package: each name and version, its licence and its text. */
export function notices(packages) {
  const parts = packages.map(licenceOf).map(({ name, version, licence, by, text }) => {
    const body = text ?? `${by ? `Copyright ${by}. ` : ''}Licence: ${licence}.`;
    return `${name} ${version} (${licence})\n\n${body}\n`;
  });
  const head = 'Parley contains the work of others, under these licences.\n';
  return [head, ...new Set(parts)].join(`\n${'-'.repeat(80)}\n\n`);
}
