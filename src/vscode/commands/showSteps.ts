/** Show the Steps: the walkthrough, each step with its button. */
import * as vscode from 'vscode';
import type { Command } from '../command';

export const showSteps: Command = async (services) => {
  const id = `${services.context.extension.id}#parley.steps`;
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', id, false);
};
