/**
 * One .vsix for one platform: the bundles, the pictures, and of the packages that bring binaries
 * (serialport, classic-level) only the one that this platform loads. Below: thirdParty.mjs, Microsoft's vsce (scripts/vsce). Above: package.mjs.
 */
import { cpSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { findFiles, readJson, withLock, writeJson } from './files.mjs';
import { modulesMatch, npm } from './npm.mjs';
import { out, root, state } from './paths.mjs';
import { step } from './say.mjs';
import { bundledPackages, notices, withDependencies } from './thirdParty.mjs';

/**
 * VS Code's platforms, and which prebuilt files each loads (as node-gyp-build chooses: folder by
 * platform and processor, file by C library; classic-level names only musl). classic-level has none
 * for Windows and Alpine on ARM: there the conversation is kept in memory, and that is said.
 */
export const targets = {
  'win32-x64': /^win32-x64\//,
  'win32-arm64': /^win32-arm64\//,
  'linux-x64': /^linux-x64\/(?!.*musl)/,
  'linux-arm64': /^linux-arm64\/(?!.*musl)/,
  'linux-armhf': /^linux-arm\/(?!.*musl)/,
  'alpine-x64': /^linux-x64\/.*musl/,
  'alpine-arm64': /^linux-arm64\/.*musl/,
  'darwin-x64': /^darwin-x64\+arm64\//,
  'darwin-arm64': /^darwin-x64\+arm64\//,
};

/** Packages that are not in the bundles: each finds its binary beside its own files. */
const outside = ['serialport', 'classic-level'];

/** This computer's platform by VS Code's name, or undefined where there is none. */
export function ownTarget() {
  const arch = process.arch === 'arm' ? 'armhf' : process.arch;
  const musl =
    process.platform === 'linux' && !process.report?.getReport().header.glibcVersionRuntime;
  const name = `${musl ? 'alpine' : process.platform}-${arch}`;
  return name in targets ? name : undefined;
}

const vsceFolder = path.join(root, 'scripts', 'vsce');

/** Microsoft's packer, installed on first use. */
export async function ensureVsce() {
  if (modulesMatch(vsceFolder)) return;
  await withLock('vsce', state, async () => {
    if (modulesMatch(vsceFolder)) return;
    await step('Installing the packer (vsce)', () =>
      npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], vsceFolder).then(() => undefined),
    );
  });
}

/** What of the repository goes in as it is; of a folder everything but source maps and sources. */
const shipped = [
  'dist',
  'media',
  'snippets',
  'stubs',
  'docs/images',
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'l10n',
  'package.nls.json',
  'package.nls.vi.json',
];
const firmware = ['machine1', 'machine2', 'lib', 'projects'].map((name) => `firmware/${name}`);
const left =
  /\.(map|ts)$|(^|\/)(terminal\.js|cli\.js|\.built\.json)$|^media\/(conversation|plot|virtual)(\/|$)|^docs\/images\/tutorial-/;

/** Of a runtime package: what Node loads and what its licence asks for. */
const runtime = /(\.(c|m)?js|package\.json|\.node|licen[cs]e(\.\w+)?)$/i;
const neverRuntime = /\/(test|tests|src|docs|benchmark|\.github)\/|\.(test|spec)\.js$/;

/**
 * Packs one platform's .vsix. The bundles must have been built.
 * @param {string} target one of `targets`
 * @param {string} folder where the .vsix goes; made where missing
 * @returns {Promise<{ file: string, bytes: number }>}
 */
export async function packExtension(target, folder = path.join(out, 'package')) {
  const stage = path.join(out, 'stage', target);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const entry of [...shipped, ...firmware]) {
    copy(entry, stage, (name) => !left.test(name));
  }
  const packages = [...new Set(outside.flatMap((name) => withDependencies(name)))].sort();
  for (const at of packages) copyPackage(at, stage, targets[target]);
  writeFileSync(
    path.join(stage, 'THIRD-PARTY-NOTICES.txt'),
    notices([...new Set([...packages, ...bundledPackages()])].sort()),
  );
  const manifest = shippedManifest();
  writeJson(path.join(stage, 'package.json'), manifest);
  writeFileSync(path.join(stage, '.vscodeignore'), ''); // all that is here is meant to go in
  const file = path.join(folder, `${manifest.name}-${manifest.version}-${target}.vsix`);
  const vsce = createRequire(path.join(vsceFolder, 'package.json'))('@vscode/vsce');
  await vsce.createVSIX({
    cwd: stage,
    target,
    packagePath: file,
    rewriteRelativeLinks: false,
    allowMissingRepository: true,
  });
  return { file, bytes: statSync(file).size };
}

/** What is in a package: every runtime dependency with its version and licence, as CycloneDX. */
export async function partsList() {
  // npm's own `--omit dev` leaves out what a tool of development needs as well: filtered here.
  const all = JSON.parse(await npm(['sbom', '--sbom-format', 'cyclonedx'], root));
  const forDevelopment = ({ properties = [] }) =>
    properties.some(({ name }) => name === 'cdx:npm:package:development');
  const components = all.components.filter((part) => !forDevelopment(part));
  const known = new Set(components.map((part) => part['bom-ref']));
  const dependencies = all.dependencies
    .filter(({ ref }) => known.has(ref) || ref === all.metadata.component['bom-ref'])
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((r) => known.has(r)) }));
  return { ...all, components, dependencies };
}

/** The manifest without what only developers need and what is in the bundles. */
function shippedManifest() {
  const manifest = readJson(path.join(root, 'package.json'));
  for (const key of ['private', 'scripts', 'devDependencies', 'allowScripts']) delete manifest[key];
  manifest.dependencies = Object.fromEntries(
    outside.map((name) => [name, manifest.dependencies[name]]),
  );
  return manifest;
}

function copy(entry, stage, wanted) {
  const from = path.join(root, entry);
  if (!existsSync(from)) throw new Error(`${entry} is missing: run npm run build first.`);
  const filter = (file) => {
    const name = path.relative(root, file).split(path.sep).join('/');
    return wanted(name) && path.basename(file) !== '__pycache__';
  };
  cpSync(from, path.join(stage, entry), { recursive: true, filter });
}

function copyPackage(at, stage, prebuild) {
  const folder = path.join(root, at);
  const onlyManifest = /\/(node-addon-api|napi-macros)$/.test(at); // for compilers; npm wants to see it
  const files = findFiles(folder, (file) => {
    const name = path.relative(folder, file).split(path.sep).join('/');
    if (onlyManifest) return name === 'package.json';
    const binary = /^prebuilds\/(.*)$/.exec(name);
    if (binary) return prebuild.test(binary[1]);
    return runtime.test(name) && !neverRuntime.test(`/${name}`);
  });
  // findFiles leaves out folders called dist, where several of these packages have all they do.
  const built = path.join(folder, 'dist');
  const more = onlyManifest
    ? []
    : findFiles(built, (file) => /\.js$/.test(file) && !/\.test\./.test(file));
  for (const file of [...files, ...more]) {
    const to = path.join(stage, path.relative(root, file));
    mkdirSync(path.dirname(to), { recursive: true });
    cpSync(file, to);
  }
}
