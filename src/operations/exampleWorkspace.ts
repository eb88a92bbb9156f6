/**
 * The example workspace: a copy of firmware/ that a newcomer may change, with its settings.
 * Below: node:fs. Above: `npm start`, and the command that opens the example.
 */
import { cp, mkdir, stat, writeFile } from 'node:fs/promises';
import * as path from 'node:path';

/** What makes the two virtual boards and the conversation start in this workspace. */
export const exampleSettings = {
  'parley.virtualBoards': ['machine1', 'machine2'],
  'parley.folders': { machine1: 'machine1', machine2: 'machine2' },
  'parley.sharedFolder': 'lib',
  'parley.wifi.ssid': 'Parley',
  'parley.conversation.startOnOpen': true,
  // `npm start` makes it inside the clone of Parley: no question about that repository.
  'git.openRepositoryInParentFolders': 'never',
} as const;

/**
 * Makes the workspace at `target` from the folder that holds machine1/, machine2/ and lib/.
 * What is already there stays as it is: it may be the user's work.
 */
export async function makeExampleWorkspace(firmware: string, target: string): Promise<void> {
  for (const folder of ['machine1', 'machine2', 'lib']) {
    const from = path.join(firmware, folder);
    await cp(from, path.join(target, folder), { recursive: true, force: false });
  }
  const settings = path.join(target, '.vscode', 'settings.json');
  if (await exists(settings)) return;
  await mkdir(path.dirname(settings), { recursive: true });
  await writeFile(settings, JSON.stringify(exampleSettings, undefined, 2) + '\n');
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
