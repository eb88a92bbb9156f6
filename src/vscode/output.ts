/**
 * The one log of Parley: View > Output > Parley.
 * Below: vscode. Above: everything that logs gets it as a `Log`.
 */
import * as vscode from 'vscode';

export function createOutput(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel('Parley', { log: true });
}
