/**
 * What a VS Code of any kind is promised by the manifest: where the extension runs, what it drags in,
 * and where it holds back. Below: manifest.ts. Above: npm test.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readManifest } from './manifest';

const manifest = readManifest() as {
  extensionKind: string[];
  extensionPack?: string[];
  extensionDependencies?: string[];
  activationEvents: string[];
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
