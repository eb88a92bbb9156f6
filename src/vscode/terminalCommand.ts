/**
 * `parley` in VS Code's terminals: a small file in the extension's storage, and that folder at the end
 * of their PATH, so that a `parley` of the user's own comes first. Below: shims.ts. Above: extension.ts.
 */
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { t } from '../core/words';
import type { Services } from './services';
import { shimsFor } from './shims';

/** Never fails: without it everything else is there. */
export async function offerTerminalCommand({ context, log }: Services): Promise<void> {
  const { environmentVariableCollection: variables, globalStorageUri, extensionUri } = context;
  const folder = vscode.Uri.joinPath(globalStorageUri, 'bin').fsPath;
  const script = vscode.Uri.joinPath(extensionUri, 'dist', 'cli.js').fsPath;
  try {
    await mkdir(folder, { recursive: true });
    for (const shim of shimsFor(process.platform, process.execPath, script)) {
      const file = path.join(folder, shim.name);
      if ((await readFile(file, 'utf8').catch(() => '')) === shim.text) continue;
      // Whole or not at all: another window may be running it.
      const draft = `${file}.${process.pid}`;
      await writeFile(draft, shim.text);
      await chmod(draft, shim.mode);
      await rename(draft, file);
    }
  } catch (error) {
    log.warn(`parley is not offered in terminals: ${String(error)}`);
    return;
  }
  variables.description = t('Adds `parley`, the command line of this extension');
  const wanted = path.delimiter + folder;
  // Said anew it would ask for open terminals to be restarted.
  if (variables.get('PATH')?.value !== wanted) variables.append('PATH', wanted);
}
