/**
 * The example workspace starts its conversation by itself, the first time it is opened.
 * Below: notify, startConversation through its command. Above: extension.ts.
 */
import * as vscode from 'vscode';
import { runCommand } from './notify';
import type { Services } from './services';

const DONE = 'startedOnOpen';

/** Once per workspace, and only where the person trusts it. */
export async function startOnOpen(services: Services): Promise<void> {
  const { context, settings } = services;
  if (!settings.startOnOpen || !settings.hasWorkspace || !vscode.workspace.isTrusted) return;
  if (context.workspaceState.get<boolean>(DONE)) return;
  const told = vscode.window.showInformationMessage(
    'Parley starts this example by itself: it flashes MicroPython onto two virtual boards, starts a broker, puts a program on each board, and resets them so that they talk. Every step can be done by hand too.',
    'Show Me How',
  );
  void told.then((answer) => answer && runCommand('parley.showSteps'));
  await runCommand('parley.startConversation', {});
  // Set at the end: a window closed halfway starts again next time, skipping what is done.
  await context.workspaceState.update(DONE, true);
}
