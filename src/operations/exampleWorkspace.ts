/**
 * The example workspace: the tutorial's conversation as a folder that a newcomer may change.
 * Below: newProject.ts. Above: `npm start`, and the command that opens the example.
 */
import {
  conversationTemplate,
  copyProjectStubs,
  copyPrograms,
  settingsOf,
  writeSettings,
} from './newProject';

/** What makes the two virtual boards and the conversation start in this workspace. */
export const exampleSettings = {
  'parley.virtualBoards': ['machine1', 'machine2'],
  'parley.wifi.ssid': 'Parley',
  'parley.sharedFolder': 'lib',
  'parley.conversation.startOnOpen': true,
  // `npm start` makes it inside the clone of Parley: no question about that repository.
  'git.openRepositoryInParentFolders': 'never',
} as const;

/**
 * Makes the workspace at `target` from the folder that holds machine1/, machine2/ and lib/.
 * What is already there stays as it is: it may be the user's work.
 */
export async function makeExampleWorkspace(firmware: string, target: string): Promise<void> {
  await copyPrograms(firmware, conversationTemplate, target);
  await copyProjectStubs(firmware, target);
  await writeSettings(target, { ...settingsOf(conversationTemplate), ...exampleSettings });
}
