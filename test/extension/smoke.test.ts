/**
 * The extension in a real extension host: it is there, it activates, and what its manifest promises
 * is registered. Below: vscode. Above: runner.ts.
 */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { parley } from './support';

interface Manifest {
  version: string;
  contributes?: { commands?: { command: string; title: string }[] };
}

describe('the extension in VS Code', () => {
  it('is found under its own id, from this project', () => {
    const manifest = parley().packageJSON as Manifest;
    assert.match(manifest.version, /^\d+\.\d+\.\d+$/);
    assert.equal(parley().extensionKind, vscode.ExtensionKind.Workspace);
  });

  it('activates without an error', async () => {
    await parley().activate();
    assert.equal(parley().isActive, true);
  });

  it('registers every command of its manifest', async () => {
    await parley().activate();
    const manifest = parley().packageJSON as Manifest;
    const promised = (manifest.contributes?.commands ?? []).map(({ command }) => command);
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      promised.filter((command) => !registered.has(command)),
      [],
    );
  });
});
