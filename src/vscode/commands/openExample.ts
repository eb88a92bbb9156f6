/** Open the Example Workspace: a copy the newcomer may change, in a window of its own. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { makeExampleWorkspace } from '../../operations/exampleWorkspace';
import type { Command } from '../command';

export const openExample: Command = async (services, { options }) => {
  const { context, settings } = services;
  const target = options.folder ?? path.join(context.globalStorageUri.fsPath, 'two-boards');
  await makeExampleWorkspace(path.join(context.extensionPath, 'firmware'), target);
  if (!options.confirm) {
    const how = { forceNewWindow: settings.hasWorkspace };
    await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(target), how);
  }
  return target;
};
