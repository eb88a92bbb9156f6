/** Collect Diagnostics…: versions, ports, boards, operations, settings and logs in one archive. */
import { homedir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BoardError } from '../../core/errors';
import { archiveName, logTails, writeDiagnostics } from '../../operations/diagnostics';
import type { Command } from '../command';
import { boardLine } from '../issueReport';
import type { Services } from '../services';
import { t } from '../../core/words';

export const collectDiagnostics: Command = async (services, call) => {
  const file = call.options.file ?? (await savePath());
  const from = {
    versions: versions(services),
    ports: await services.ports(),
    boards: services.registry.boards.map(boardLine),
    operations: services.times.all,
    settings: ownSettings(services),
    logs: {
      ...(await logTails(services.context.logUri.fsPath)),
      // The output channel leaves out what its level does; this does not.
      'recent.log': `${services.recent.lines.join('\n')}\n`,
    },
    more: { 'broker.txt': brokerText(services) },
  };
  const hide = { home: homedir(), secrets: await services.secrets.everyone() };
  const files = await writeDiagnostics(file, from, hide);
  tellWhere(file);
  return { file, files };
};

function versions({ context }: Services): string[] {
  const { version } = context.extension.packageJSON as { version: string };
  const { appName, uiKind, remoteName, language } = vscode.env;
  return [
    `Parley ${version}`,
    `${appName} ${vscode.version} (${uiKind === vscode.UIKind.Web ? 'web' : 'desktop'})`,
    `${process.platform} ${process.arch}, Node ${process.versions.node}`,
    `remote: ${remoteName ?? 'no'}; language: ${language}`,
    `workspace: ${vscode.workspace.isTrusted ? 'trusted' : 'not trusted'}, folders: ${vscode.workspace.workspaceFolders?.length ?? 0}`,
  ];
}

/** What is set, by name and with where it is set; what is the default is left out. */
function ownSettings({ context }: Services): Record<string, unknown> {
  const { contributes } = context.extension.packageJSON as {
    contributes: { configuration: { properties: object }[] };
  };
  const names = contributes.configuration.flatMap(({ properties }) => Object.keys(properties));
  const found: Record<string, unknown> = {};
  for (const name of names) {
    const short = name.replace(/^parley\./, '');
    const at = vscode.workspace.getConfiguration('parley').inspect<unknown>(short);
    const value = at?.workspaceFolderValue ?? at?.workspaceValue ?? at?.globalValue;
    if (value !== undefined) found[short] = value;
  }
  return found;
}

function brokerText({ broker }: Services): string {
  const state = broker.running ? `running at ${broker.address}` : 'not running';
  const open = broker.openToNetwork ? 'open to the network' : 'this computer only';
  const guard = broker.guarded ? 'with users' : 'without users';
  return `${broker.kind}: ${state}, ${open}, ${guard}, ${broker.clientIds.length} clients\n`;
}

/** @throws BoardError 'cancelled' */
async function savePath(): Promise<string> {
  const uri = await vscode.window.showSaveDialog({
    title: t('Diagnostics of Parley'),
    saveLabel: t('Collect'),
    // Not into the workspace, which is often shared.
    defaultUri: vscode.Uri.file(path.join(homedir(), archiveName(new Date()))),
    filters: { [t('Archive')]: ['zip'] },
  });
  if (!uri) throw new BoardError('cancelled', 'no file chosen');
  return uri.fsPath;
}

/** Returns at once. */
function tellWhere(file: string): void {
  const show = t('Show in Folder');
  const sentence = t(
    'Diagnostics are in {file}. Passwords and addresses of boards are left out; look through it before you send it.',
    { file },
  );
  void vscode.window.showInformationMessage(sentence, show).then((answer) => {
    if (answer !== show) return;
    void vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(file));
  });
}
