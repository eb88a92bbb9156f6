/**
 * What a VS Code of any kind is promised by the manifest: where the extension runs, what it drags in,
 * and where it holds back. Below: manifest.ts. Above: npm test.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readManifest } from './manifest';

const manifest = readManifest() as {
  extensionKind: string[];
  extensionPack?: string[];
  extensionDependencies?: string[];
  activationEvents: string[];
  contributes: { configurationDefaults: Record<string, Record<string, object>> };
  capabilities: {
    virtualWorkspaces: boolean | { supported: boolean };
    untrustedWorkspaces: { supported: string };
  };
};

test('runs where the files and the virtual boards are: in WSL, over SSH, in a container', () => {
  // A port of the other side is shared over RFC 2217 (docs/how-to.md).
  assert.deepEqual(manifest.extensionKind, ['workspace']);
});

test('brings no other extension with it, and needs none', () => {
  assert.equal(manifest.extensionPack, undefined);
  assert.equal(manifest.extensionDependencies, undefined);
});

test('waits until the window is there, and says what it does in restricted ones', () => {
  assert.deepEqual(manifest.activationEvents, ['onStartupFinished']);
  assert.equal(manifest.capabilities.virtualWorkspaces, false);
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
});

test('VS Code does not offer to open the ports of brokers and virtual boards in a browser', () => {
  // By the process behind the port, as VS Code reads it where the window is remote.
  const ports = manifest.contributes.configurationDefaults['remote.portsAttributes'] ?? {};
  const patterns = Object.keys(ports).map((key) => new RegExp(key));
  const ignored = (line: string): boolean => patterns.some((pattern) => pattern.test(line));
  const home = '/home/me/.vscode-server/extensions/parley.parley-0.1.0-linux-x64/dist';
  for (const ours of [
    `/usr/bin/node ${home}/virtual/main.js --name machine1 --port 0`,
    `/usr/bin/node ${home}/broker.js`,
    'node /home/me/project/node_modules/parley/dist/virtual/main.js --name one',
    'mosquitto -c /home/me/.vscode-server/data/User/globalStorage/parley.parley/mosquitto/mosquitto.conf',
  ]) {
    assert.ok(ignored(ours), ours);
  }
  for (const other of [
    'node /home/me/shop/dist/broker.js',
    'node server.js',
    'mosquitto -c /etc/mosquitto/mosquitto.conf',
  ]) {
    assert.ok(!ignored(other), other);
  }
  for (const attributes of Object.values(ports)) {
    assert.deepEqual(attributes, { onAutoForward: 'ignore' });
  }
});

test('what is typed stands out in the walkthrough: VS Code reads two backticks there, not one', () => {
  for (const file of ['package.nls.json', 'package.nls.vi.json']) {
    const words = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    const steps = Object.entries(words).filter(([key]) => key.startsWith('walkthroughs.'));
    assert.ok(steps.length > 15);
    for (const [key, text] of steps)
      assert.doesNotMatch(text, /(^|[^`])`([^`]|$)/, `${file} ${key}`);
  }
});
