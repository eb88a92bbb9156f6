/**
 * The window's language: fills core/words.ts before anything else of the extension loads, so that
 * constants are made in it. VS Code has words for us where its own language is one we have; there is
 * no Vietnamese VS Code of Microsoft's, so `parley.language` can ask for ours alone.
 * Below: vscode.l10n, l10n/. Above: extension.ts imports it first; webviewFrame.ts names it.
 */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { useWords, type Words } from '../core/words';

/** The languages there are words for, beside English. */
export const translated = ['vi'] as const;

/** The language of what Parley says in this window: "en", "vi". */
export const language = start();

function start(): string {
  const wanted = vscode.workspace.getConfiguration('parley').get<unknown>('language');
  const given = vscode.l10n.bundle;
  if (wanted !== 'en' && given && (wanted !== 'vi' || vscode.env.language === 'vi')) {
    useWords(given);
    return vscode.env.language;
  }
  if (!translated.some((known) => known === wanted)) return 'en';
  useWords(read(String(wanted)));
  return String(wanted);
}

/** The words of `name`; English where the file is damaged, because nothing must not start for it. */
function read(name: string): Words {
  try {
    // dist/extension.js and the folder l10n lie side by side.
    const file = path.join(__dirname, '..', 'l10n', `bundle.l10n.${name}.json`);
    return JSON.parse(readFileSync(file, 'utf8')) as Words;
  } catch {
    return {};
  }
}
