/** Broker…: what can be done with the running broker, from the status bar. */
import * as vscode from 'vscode';
import type { Command } from '../command';
import type { CommandId } from '../commandTable';
import { runCommand } from '../notify';

const items: readonly (vscode.QuickPickItem & { id: CommandId })[] = [
  { label: '$(comment-discussion) See the Conversation', id: 'parley.showConversation' },
  { label: '$(send) Publish a Message…', id: 'parley.publish' },
  { label: '$(pulse) Check the Broker', id: 'parley.checkBroker' },
  { label: '$(debug-stop) Stop Broker', id: 'parley.stopBroker' },
];

export const brokerMenu: Command = async (services) => {
  const placeHolder = `Broker at ${services.broker.address}`;
  const picked = await vscode.window.showQuickPick(items, { placeHolder });
  if (!picked) return undefined;
  return runCommand(picked.id);
};
