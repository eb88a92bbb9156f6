/**
 * The package as a user gets it: what is in it, how big it is, and that it works where it is installed
 * in a VS Code that has never seen this repository. Below: scripts/lib/extensionPackage. Above: npm test.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { test } from 'node:test';
import {
  ensureVsce,
  ownTarget,
  packExtension,
  partsList,
  targets,
} from '../../scripts/lib/extensionPackage.mjs';
import { startWindow, temporaryFolder } from './support';

/** The limits that the package must stay under, in bytes. */
const mostPackage = 6_000_000;
const mostActivation = 1_000_000;

/** The names in a .vsix, which is a zip; Python comes with every machine that builds native modules. */
function namesIn(file: string): string[] {
  const list = 'import sys, zipfile; print("\\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))';
  return execFileSync('python3', ['-c', list, file], { encoding: 'utf8' }).trim().split('\n');
}

/** What brings a binary for each platform; and the platforms it has none for, which is said there. */
const native = [
  { name: '@serialport/bindings-cpp', none: [] },
  { name: 'classic-level', none: ['win32-arm64', 'alpine-arm64'] },
];

test('a package for each platform has its binaries alone, no sources, and stays small', async () => {
  const folder = temporaryFolder();
  try {
    await ensureVsce();
    for (const target of Object.keys(targets)) {
      const { file, bytes } = await packExtension(target, folder);
      assert.ok(bytes < mostPackage, `${target}: ${bytes} bytes`);
      const names = namesIn(file);
      const system = target.split('-')[0]!.replace('alpine', 'linux');
      for (const { name: owner, none } of native) {
        const binaries = names.filter(
          (name) => name.endsWith('.node') && name.includes(`/node_modules/${owner}/`),
        );
        // 32-bit ARM has two, for the two generations of processors that are still about.
        const wanted = none.some((one) => one === target) ? 0 : target === 'linux-armhf' ? 2 : 1;
        assert.equal(binaries.length, wanted, `${target} ${owner}: ${binaries.join('\n')}`);
        for (const name of binaries) {
          assert.ok(name.includes(`/prebuilds/${system}`), `${target}: ${name}`);
          assert.equal(/musl/.test(name), target.startsWith('alpine'), `${target}: ${name}`);
        }
      }
      const all = names.filter((name) => name.endsWith('.node'));
      assert.ok(
        all.every((name) => native.some((one) => name.includes(`/node_modules/${one.name}/`))),
        all.join('\n'),
      );
      const unwanted = names.filter((name) => /\.(ts|map)$|\/(src|test)\//.test(name));
      assert.deepEqual(unwanted, []);
      for (const wanted of [
        'dist/extension.js',
        'dist/virtual/micropython.wasm',
        'media/icon.png',
        'stubs/machine.pyi',
        'firmware/projects/ring/project.json',
        'l10n/bundle.l10n.vi.json',
        'package.nls.json',
        'package.nls.vi.json',
        'media/walkthrough/boards.nls.vi.md',
        'media/walkthrough/boards.png',
        'THIRD-PARTY-NOTICES.txt',
      ]) {
        assert.ok(names.includes(`extension/${wanted}`), `${target} has no ${wanted}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the list of parts has every runtime dependency with its version and licence', async () => {
  const { bomFormat, components } = await partsList();
  assert.equal(bomFormat, 'CycloneDX');
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const [name, version] of Object.entries(dependencies)) {
    const part = components.find((one) => one.name === name && one.version === version);
    assert.ok(part?.licenses?.length, name);
  }
});

test('what loads at activation is small, and what is heavy waits for its first use', () => {
  assert.ok(statSync('dist/extension.js').size < mostActivation);
  const map = JSON.parse(readFileSync('dist/extension.js.map', 'utf8')) as { sources: string[] };
  const heavies = [
    'esptool-js',
    'aedes',
    'mqtt',
    'micropython-webassembly-pyscript',
    'classic-level',
  ];
  for (const heavy of heavies) {
    const found = map.sources.filter((source) => source.includes(`/node_modules/${heavy}/`));
    assert.deepEqual(found, [], heavy);
  }
});

test(
  'installed from its .vsix into a clean VS Code, it holds the conversation',
  { timeout: 240_000 },
  async () => {
    const folder = temporaryFolder();
    const target = ownTarget();
    assert.ok(target, 'no package for this platform');
    await ensureVsce();
    const { file } = await packExtension(target, folder);
    const window = await startWindow({
      workspace: 'example',
      extension: file,
      settings: { 'parley.broker.port': 18850 },
    });
    try {
      await window.openSidebar();
      await window.notification('are talking', 120_000);
      const log = window.conversation().locator('[role="log"]');
      await log
        .getByText(/^heard #\d+/)
        .first()
        .waitFor({ timeout: 60_000 });
      await window.treeAction('machine1', 'Open REPL');
      await window.terminalShows('I say');
      assert.deepEqual(window.problems(), []);
      await window.screenshot('package-installed');
    } catch (error) {
      await window.screenshot('failed-package-installed');
      throw error;
    } finally {
      await window.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
