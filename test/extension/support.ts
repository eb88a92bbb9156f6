/**
 * What tests inside VS Code share: the extension, and waiting with an end. Below: vscode.
 * Above: *.test.ts of this folder.
 */
import assert from 'node:assert/strict';
import * as path from 'node:path';
import * as vscode from 'vscode';

/** The extension under test. Fails where VS Code has not found it. */
export function parley(): vscode.Extension<unknown> {
  const extension = vscode.extensions.getExtension('parley.parley');
  assert.ok(extension, 'VS Code does not know parley.parley');
  return extension;
}

/** MicroPython for a virtual board with that chip. */
export function virtualImage(chip = 'esp32'): string {
  return path.join(parley().extensionPath, 'dist', 'firmware', `parley-virtual-${chip}.bin`);
}

/** Adds a virtual board of that name and flashes MicroPython onto it. */
export async function addFlashedBoard(board: string): Promise<void> {
  await parley().activate();
  const options = { throws: true, board };
  await vscode.commands.executeCommand('parley.addVirtualBoard', { ...options, name: board });
  await vscode.commands.executeCommand('parley.flashBoard', { ...options, file: virtualImage() });
}

/** The folder of the window that runs the tests: empty at first, thrown away afterwards. */
export function workspaceFolder(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'The window has no folder');
  return folder.uri;
}

/**
 * Waits until `look` gives something other than undefined or false. For what VS Code does in its own
 * time and gives no event for. Fails after `deadlineMs` with `what` in the message.
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  deadlineMs = 10_000,
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    if (Date.now() > deadline) throw new Error(`Not within ${deadlineMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
