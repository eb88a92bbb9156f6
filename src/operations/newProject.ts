/**
 * New project: a folder per board, what they share, settings and a README, ready to be started.
 * Below: node:fs, firmware/projects. Above: the command, and exampleWorkspace.ts.
 */
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { BoardError } from '../core/errors';
import { analysisSettings, copyStubs, STUB_FOLDER } from './stubs';

/** A project as it can be chosen. */
export interface ProjectTemplate {
  /** Name of its folder under firmware/projects. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Names of its boards, which are names of its folders as well. */
  readonly boards: readonly string[];
  /** What is said where, by topic. */
  readonly topics: Readonly<Record<string, string>>;
}

/** The conversation of the tutorial; its files are those of the example workspace. */
export const conversationTemplate: ProjectTemplate = {
  id: 'conversation',
  title: 'Conversation',
  description: 'Two boards say hello to each other: the tutorial.',
  boards: ['machine1', 'machine2'],
  topics: {
    hello: 'what machine1 says: hello #1',
    notification: 'what machine2 answers: received #1',
    'hello/ack': 'machine1 says that it heard',
    'esp32/output': 'on or off, from you: both boards switch their LED',
    'esp32/state': 'what a board did with it',
  },
};

/**
 * Every template, the tutorial's conversation first.
 * @param firmware the folder firmware/ of Parley
 */
export async function projectTemplates(firmware: string): Promise<ProjectTemplate[]> {
  const home = path.join(firmware, 'projects');
  const found: ProjectTemplate[] = [];
  for (const entry of await readdir(home, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === 'lib') continue;
    const text = await readFile(path.join(home, entry.name, 'project.json'), 'utf8');
    found.push({ id: entry.name, ...(JSON.parse(text) as Omit<ProjectTemplate, 'id'>) });
  }
  return [conversationTemplate, ...found.sort((a, b) => a.title.localeCompare(b.title))];
}

/**
 * Writes the project into `target`, which is made where it is missing.
 * @throws BoardError folder-not-empty details { path } where the folder is there and not empty
 */
export async function makeProject(
  firmware: string,
  template: ProjectTemplate,
  target: string,
): Promise<void> {
  const there = await readdir(target).catch(() => []);
  if (there.length > 0) {
    throw new BoardError('folder-not-empty', `${target} is not empty`, {
      details: { path: target },
    });
  }
  await copyPrograms(firmware, template, target);
  await copyProjectStubs(firmware, target);
  await writeText(path.join(target, 'README.md'), readme(template));
  await writeSettings(target, settingsOf(template));
}

/** The settings that make its boards virtual ones, each with its folder. */
export function settingsOf({ boards }: Pick<ProjectTemplate, 'boards'>): Record<string, unknown> {
  return {
    'parley.virtualBoards': boards,
    'parley.folders': Object.fromEntries(boards.map((board) => [board, board])),
    'parley.sharedFolder': 'lib',
    'parley.wifi.ssid': 'Parley',
    ...analysisSettings({}, { stubPath: STUB_FOLDER, libraries: ['lib'] }),
  };
}

/** The folder of each board and `lib`. What is there stays as it is: it may be the user's work. */
export async function copyPrograms(
  firmware: string,
  template: ProjectTemplate,
  target: string,
): Promise<void> {
  const keep = { recursive: true, force: false } as const;
  const copy = (from: string, to: string): Promise<void> =>
    cp(path.join(firmware, from), path.join(target, to), keep);
  await copy('lib', 'lib');
  if (template.id === conversationTemplate.id) {
    for (const board of template.boards) await copy(board, board);
    return;
  }
  const own = path.join('projects', template.id);
  await copy(path.join('projects', 'lib'), 'lib');
  const library = path.join(own, 'lib');
  if (await stat(path.join(firmware, library)).catch(() => undefined)) await copy(library, 'lib');
  for (const board of template.boards) {
    await copy(path.join(own, board), board);
    // Every board joins the Wi-Fi in the same way.
    await copy(path.join('machine1', 'boot.py'), path.join(board, 'boot.py'));
  }
}

/** MicroPython's modules for the editor; {@link settingsOf} leads to them. */
export async function copyProjectStubs(firmware: string, target: string): Promise<void> {
  const home = path.join(firmware, '..');
  const manifest = await readFile(path.join(home, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  await copyStubs(path.join(home, 'stubs'), path.join(target, STUB_FOLDER), version);
}

/** Writes .vscode/settings.json unless there is one. */
export async function writeSettings(target: string, settings: object): Promise<void> {
  const file = path.join(target, '.vscode', 'settings.json');
  const known = await stat(file).catch(() => undefined);
  if (!known) await writeText(file, JSON.stringify(settings, undefined, 2) + '\n');
}

async function writeText(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

function readme({ title, description, boards, topics }: ProjectTemplate): string {
  const rows = Object.entries(topics).map(([topic, what]) => `| \`${topic}\` | ${what} |`);
  return `# ${title}

${description}

Run **Parley: Start the Conversation** (F1). It flashes MicroPython onto each board where there is none, starts a broker, puts each board's folder and \`lib/\` on it, resets them, and shows who says what.

The boards ${boards.join(', ')} are virtual: nothing needs to be plugged in. To use a real one, plug it in, give it the name of its folder (Rename Board…), and remove the virtual board of that name.

| Topic | What is said there |
| ----- | ------------------ |
${rows.join('\n')}

Wi-Fi and broker are filled in on the way to the board, from the settings \`parley.wifi.ssid\` and \`parley.broker.host\`; the password is asked once and is in no file.
`;
}
