/**
 * Every package that runs a script of its own when it is installed is named in SECURITY.md, with the
 * script that was read there. Below: package-lock.json, node_modules. Above: npm test.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

test('SECURITY.md lists the install scripts of the dependencies, and no others', () => {
  const { packages } = JSON.parse(read('package-lock.json'));
  const running = Object.entries(packages)
    // What is for macOS alone is not installed here, so its script cannot be looked at.
    .filter(([, { hasInstallScript, os }]) => hasInstallScript && !os)
    .map(([path]) => {
      const { name, scripts } = JSON.parse(read(`${path}/package.json`));
      const script = scripts.preinstall ?? scripts.install ?? scripts.postinstall;
      return `${name}: ${script}`;
    });
  const listed = [...read('SECURITY.md').matchAll(/^\| `([^`]+)`[^|]*\| `([^`]+)` +\|/gm)]
    .filter(([, , script]) => /^(node|npm|node-gyp)/.test(script))
    .map(([, name, script]) => `${name}: ${script}`);
  assert.ok(running.length > 0, 'the lock file tells of install scripts');
  assert.deepEqual(listed.sort(), running.sort());
});

test('every package of the lock files has an integrity hash', () => {
  for (const file of ['package-lock.json', 'test/vscode/package-lock.json']) {
    const { packages } = JSON.parse(read(file));
    const without = Object.entries(packages)
      .filter(([path, { link, inBundle }]) => path !== '' && !link && !inBundle)
      .filter(
        ([, { integrity = '', resolved = 'https:' }]) =>
          !integrity.startsWith('sha512-') || !resolved.startsWith('https:'),
      );
    assert.deepEqual(
      without.map(([path]) => path),
      [],
      file,
    );
  }
});

test('what package.json asks for is one version each', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(version, /^\d+\.\d+\.\d+/, `${name} is pinned`);
  }
});
