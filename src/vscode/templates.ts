/**
 * Messages to say again another day: a setting of the workspace, so that they travel with it.
 * Below: settings.ts. Above: conversation.ts hands them to the view's publish box.
 */
import * as vscode from 'vscode';
import type { Draft, Template } from '../conversation/protocol';
import type { TemplateStore } from '../conversation/viewFeed';
import type { Settings } from './settings';
import { t } from '../core/words';

/** More would not fit into a menu. */
const MOST = 50;

export function createTemplates(settings: Settings): TemplateStore {
  return {
    get list() {
      return settings.templates;
    },
    onChange: (listener) =>
      settings.onDidChange('parley.conversation.templates', () => listener(undefined)),
    save: (draft) => void save(settings, draft),
    delete: (name) => void settings.setTemplates(settings.templates.filter((t) => t.name !== name)),
  };
}

async function save(settings: Settings, draft: Draft): Promise<void> {
  const beginning = draft.payload.length > 30 ? `${draft.payload.slice(0, 30)}…` : draft.payload;
  const name = await vscode.window.showInputBox({
    title: t('Save as a Template'),
    prompt: t('Name of the template. It is kept in the settings of this workspace.'),
    value: `${draft.topic}: ${beginning || 'empty'}`,
    validateInput: (text) => (text.trim() === '' ? t('It needs a name.') : undefined),
  });
  if (name === undefined) return;
  const template: Template = { name: name.trim(), ...draft };
  const others = settings.templates.filter((one) => one.name !== template.name);
  await settings.setTemplates([template, ...others].slice(0, MOST));
}
