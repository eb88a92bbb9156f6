/** New Conversation Project: a template is chosen, then a folder; it opens as a workspace. */
import { homedir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BoardError } from '../../core/errors';
import { makeProject, projectTemplates, type ProjectTemplate } from '../../operations/newProject';
import { projectWords } from '../../operations/projectWords';
import { listText } from '../boardText';
import type { Command } from '../command';
import { t } from '../../core/words';

export const newProject: Command = async ({ context, settings }, { options }) => {
  const firmware = path.join(context.extensionPath, 'firmware');
  const templates = await projectTemplates(firmware);
  const template =
    templates.find(({ id }) => id === options.name) ?? (await pickTemplate(templates));
  const target = options.folder ?? (await askFolder(template));
  await makeProject(firmware, template, target);
  if (!options.confirm) {
    const how = { forceNewWindow: settings.hasWorkspace };
    await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(target), how);
  }
  return target;
};

async function pickTemplate(templates: readonly ProjectTemplate[]): Promise<ProjectTemplate> {
  const rows = templates.map((template) => {
    const { title, description } = projectWords(template);
    const boards = listText(template.boards);
    return { label: title, description: boards, detail: description, template };
  });
  const picked = await vscode.window.showQuickPick(rows, {
    title: t('New Conversation Project'),
    placeHolder: t('What are the boards to do?'),
    matchOnDetail: true,
  });
  if (!picked) throw new BoardError('cancelled', 'no template picked');
  return picked.template;
}

/** A folder that is not there yet, below one that the user picks. */
async function askFolder(template: ProjectTemplate): Promise<string> {
  const { id } = template;
  const { title } = projectWords(template);
  const [parent] =
    (await vscode.window.showOpenDialog({
      title: t('Where does “{title}” go? A folder {id} is made there.', { title, id }),
      openLabel: t('Make It Here'),
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: vscode.Uri.file(homedir()),
    })) ?? [];
  if (!parent) throw new BoardError('cancelled', 'no folder picked');
  return path.join(parent.fsPath, id);
}
