/**
 * docs/reference.md, made of the manifest: every command and every setting. PARLEY_WRITE_DOCS=1
 * writes it. Below: manifest.ts. Above: npm test.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { format } from 'prettier';
import { commandTable, type CommandEntry } from './commandTable';
import { readManifest } from './manifest';

interface Setting {
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly markdownDescription?: string;
  readonly scope?: string;
}
interface Manifest {
  readonly contributes: {
    readonly commands: readonly { command: string; title: string }[];
    readonly keybindings: readonly { command: string; key: string; mac: string }[];
    readonly configuration: readonly { properties: Readonly<Record<string, Setting>> }[];
  };
}

const HEAD = `# Reference

Every command and every setting of Parley. Made from \`package.json\`, \`package.nls.json\` and \`src/vscode/commandTable.ts\` by a test; \`PARLEY_WRITE_DOCS=1\` with it writes the page. The window has all of it in Vietnamese too.
`;

/** The page, from the manifest as `readManifest` gives it. */
function referencePage(manifest: unknown): string {
  const { commands, keybindings, configuration } = (manifest as Manifest).contributes;
  const rows = commands.map(({ command, title }) => {
    const key = keybindings.find((binding) => binding.command === command);
    const keys = key ? `\`${key.key}\` (macOS \`${key.mac}\`)` : '';
    return `| ${title} | \`${command}\` | ${where(command)} | ${keys} |`;
  });
  const settings = configuration.flatMap(({ properties }) => Object.entries(properties));
  return [
    HEAD,
    '## Commands\n',
    'In the palette (F1) each begins with “Parley: ”.\n',
    '| Title | Id | Where | Keys |\n| --- | --- | --- | --- |',
    `${rows.join('\n')}\n`,
    '## Settings\n',
    ...settings.map(([name, setting]) => settingText(name, setting)),
  ].join('\n');
}

function where(id: string): string {
  const { palette } = commandTable[id as keyof typeof commandTable] as CommandEntry;
  if (palette === 'false') return 'menus and buttons';
  return palette === undefined ? 'palette' : 'palette, when it makes sense';
}

function settingText(name: string, setting: Setting): string {
  const type = Array.isArray(setting.type) ? setting.type.join(' or ') : (setting.type as string);
  const value = `\`${JSON.stringify(setting.default)}\``;
  const choices = (setting.enum ?? []).map((choice, i) => {
    const told = setting.enumDescriptions?.[i];
    return `- \`${choice}\`${told ? `: ${told}` : ''}`;
  });
  return [
    `### ${name}\n`,
    // A link between settings means something in the settings editor alone.
    `${(setting.markdownDescription ?? '').replace(/`#([\w.]+)#`/g, '`$1`')}\n`,
    ...(choices.length > 0 ? [`${choices.join('\n')}\n`] : []),
    `${type}, ${value} where nothing is set; per ${setting.scope}.\n`,
  ].join('\n');
}

test('docs/reference.md has each command and each setting as the window shows them', async () => {
  const page = await format(referencePage(readManifest()), {
    parser: 'markdown',
    printWidth: 100,
  });
  if (process.env['PARLEY_WRITE_DOCS']) writeFileSync('docs/reference.md', page);
  assert.equal(readFileSync('docs/reference.md', 'utf8'), page, 'write it: PARLEY_WRITE_DOCS=1');
  assert.ok((page.match(/^### parley\./gm) ?? []).length > 30);
  assert.ok((page.match(/^\| .*`parley\./gm) ?? []).length > 75);
});
