/** Open Settings: Parley's, of this workspace where there is one. */
import * as vscode from 'vscode';
import type { Command } from '../command';

export const openSettings: Command = async (services) => {
  const where = services.settings.hasWorkspace ? 'openWorkspaceSettings' : 'openSettings';
  const query = `@ext:${services.context.extension.id}`;
  await vscode.commands.executeCommand(`workbench.action.${where}`, { query });
};
