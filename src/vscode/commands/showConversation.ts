/** Show the Conversation: brings the view forward. */
import * as vscode from 'vscode';
import type { Command } from '../command';

export const showConversation: Command = async () => {
  await vscode.commands.executeCommand('parley.conversation.focus');
};
