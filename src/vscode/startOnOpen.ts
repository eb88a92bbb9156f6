/**
 * The example workspace starts its conversation by itself, the first time it is opened.
 * Below: notify, startConversation through its command. Above: extension.ts.
 */
import * as vscode from 'vscode';
import { VirtualBoards } from '../board/virtualBoards';
import { runCommand } from './notify';
import type { Services } from './services';
import { t } from '../core/words';

const DONE = 'startedOnOpen';
let begun = false;

/**
 * Once per workspace, and only where the person trusts it. Called whenever the boards of the settings
 * have been started: right after trust is granted the settings come later than the trust.
 */
export async function startOnOpen(services: Services): Promise<void> {
  const { context, settings, registry } = services;
  if (!settings.startOnOpen || !settings.hasWorkspace || !vscode.workspace.isTrusted) return;
  if (begun || context.workspaceState.get<boolean>(DONE)) return;
  const here = new Set(registry.boards.map((board) => board.id));
  if (!settings.virtualBoards.every((name) => here.has(VirtualBoards.idOf(name)))) return;
  begun = true;
  const told = vscode.window.showInformationMessage(
    t(
      'Parley starts this example by itself: it flashes MicroPython onto two virtual boards, starts a broker, puts a program on each board, and resets them so that they talk. Every step can be done by hand too.',
    ),
    t('Show Me How'),
  );
  void told.then((answer) => answer && runCommand('parley.showSteps'));
  await runCommand('parley.startConversation', {});
  // Set at the end: a window closed halfway starts again next time, skipping what is done.
  await context.workspaceState.update(DONE, true);
}
