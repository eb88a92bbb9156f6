import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { describe, test } from 'node:test';
import { boardContextValue, fileContextValue, type ShownBoard } from './boardText';
import {
  category,
  commandIds,
  commandTable,
  contextKeyNames,
  type CommandEntry,
} from './commandTable';
import { readManifest } from './manifest';

interface MenuItem {
  /** None where it opens a menu of its own. */
  command?: string;
  submenu?: string;
  when?: string;
  group?: string;
}
interface Manifest {
  contributes: {
    commands: { command: string; title: string; category: string; icon?: string }[];
    submenus: { id: string; label: string }[];
    menus: Record<string, MenuItem[]>;
    keybindings: { command: string; key: string; mac: string; when: string }[];
    viewsWelcome: { contents: string; when?: string }[];
    configuration: {
      properties: Record<
        string,
        { scope?: string; default?: unknown; markdownDescription?: string }
      >;
    }[];
    walkthroughs: {
      steps: {
        id: string;
        description: string;
        media: { markdown: string };
        completionEvents: string[];
      }[];
    }[];
  };
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
}

const manifest = readManifest() as Manifest;
const { commands, submenus, menus, keybindings, viewsWelcome, configuration, walkthroughs } =
  manifest.contributes;
/** What a board's row offers, in its menu and in those that open from it. */
const rowMenu = [
  menus['view/item/context'] ?? [],
  ...submenus.map(({ id }) => menus[id] ?? []),
].flat();
const entries: readonly [string, CommandEntry][] = Object.entries(commandTable);

/** Keys of VS Code itself that the manifest may use. */
const foreignKeys = new Set([
  'view',
  'viewItem',
  'resourceLangId',
  'resourceScheme',
  'resourceExtname',
  'explorerResourceIsFolder',
  'listMultiSelection',
  'editorLangId',
  'editorTextFocus',
]);

/** The context keys a clause asks for: what stands left of an operator, patterns left out. */
function keysOf(when: string): string[] {
  return when
    .replace(/=~ *\/(\\.|[^/])*\//g, '')
    .replace(/[!=]= *[\w.*]+/g, '')
    .split(/&&|\|\||[()!\s]/)
    .filter((word) => word && word !== 'false' && word !== 'true');
}

describe('the manifest', () => {
  test('has the commands of the table, with the same titles and icons', () => {
    assert.deepEqual(
      commands.map(({ command, title, icon }) => [command, title, icon]),
      entries.map(([id, { title, icon }]) => [id, title, icon]),
    );
    assert.ok(commands.every((command) => command.category === category));
  });

  test('offers a command in the palette when the table says so', () => {
    assert.deepEqual(
      menus['commandPalette'],
      entries
        .filter(([, { palette }]) => palette !== undefined)
        .map(([command, { palette }]) => ({ command, when: palette })),
    );
  });

  test('asks only for context keys that someone sets, and asks for each that is set', () => {
    const known = new Set<string>([...contextKeyNames, ...foreignKeys]);
    const places = [...Object.values(menus).flat(), ...viewsWelcome, ...keybindings];
    const clauses = places.flatMap((i) => i.when ?? []);
    const ticks = steps().flatMap(({ completionEvents }) => completionEvents);
    const context = ticks.flatMap((event) => /^onContext:(.*)$/.exec(event)?.[1] ?? []);
    const asked = new Set([...clauses, ...context].flatMap(keysOf));
    assert.deepEqual(
      [...asked].filter((key) => !known.has(key)),
      [],
    );
    assert.deepEqual(
      contextKeyNames.filter((key) => !asked.has(key)),
      [],
    );
  });

  test('has a text and a picture of the real thing for each step, in both languages', () => {
    const order = ['boards', 'flash', 'repl', 'broker', 'wifi', 'put', 'reset', 'say', 'all'];
    assert.deepEqual(
      steps().map(({ id }) => id),
      order,
    );
    for (const { id, media, completionEvents } of steps()) {
      assert.ok(completionEvents.length > 0, id);
      for (const file of [media.markdown, media.markdown.replace(/md$/, 'nls.vi.md')]) {
        const text = readFileSync(file, 'utf8');
        const pictures = [...text.matchAll(/!\[(.+?)\]\((\S+?)\)/g)].map(([, , name]) => name!);
        if (id !== 'all') assert.equal(pictures.length, 1, file);
        for (const name of pictures) {
          assert.ok(statSync(`media/walkthrough/${name}`).size > 2000, `${file}: ${name}`);
        }
      }
    }
  });

  test('knows every command that a menu, a welcome or a walkthrough names', () => {
    const ids = new Set<string>(commandIds);
    const links = [...viewsWelcome.map((w) => w.contents), ...steps().map((s) => s.description)];
    const linked = links.flatMap((text) =>
      [...text.matchAll(/\(command:(parley\.\w+)\)/g)].map((match) => match[1]!),
    );
    assert.ok(linked.length > 10);
    const named = [
      ...Object.values(menus)
        .flat()
        .flatMap((item) => item.command ?? []),
      ...linked,
      ...steps().flatMap(({ completionEvents }) =>
        completionEvents.flatMap((event) => /^onCommand:(.*)$/.exec(event)?.[1] ?? []),
      ),
      ...keybindings.map((binding) => binding.command),
    ];
    assert.deepEqual(
      named.filter((id) => !ids.has(id)),
      [],
    );
  });

  test('has keys of one prefix, each once, and none without a condition', () => {
    const keys = keybindings.map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length);
    for (const { key, mac, when } of keybindings) {
      assert.match(key, /^alt\+m [a-z]$/);
      assert.match(mac, /^ctrl\+cmd\+m [a-z]$/);
      assert.match(when, /parley\./);
    }
  });

  test('gives every row menu a board or a file on which it shows', () => {
    const files = (['file', 'folder'] as const).flatMap((kind) => [
      fileContextValue(kind, true),
      fileContextValue(kind, false),
    ]);
    const boards = (['idle', 'open', 'busy', 'unplugged'] as const).flatMap((status) =>
      ['virtual:a', 'usb:1:2:3', 'rfc2217:h:1'].flatMap((id) => {
        const shown: ShownBoard = {
          id,
          name: 'a',
          virtual: id.startsWith('virtual'),
          status,
          busyWith: undefined,
          facts: {},
          where: undefined,
        };
        return [boardContextValue(shown, false), boardContextValue(shown, true)];
      }),
    );
    const states = [...boards, ...files];
    for (const { command, submenu, when = '' } of rowMenu) {
      const pattern = /viewItem =~ \/(.*)\//.exec(when)?.[1];
      if (!pattern) {
        // A clause without a pattern would show on files and notes as well.
        assert.fail(`${command ?? submenu}: on which rows?`);
      }
      const shows = states.filter((state) => new RegExp(pattern).test(state));
      assert.ok(
        shows.length > 0 && shows.length < states.length,
        `${command ?? submenu}: ${pattern}`,
      );
    }
  });

  test('has menus of a row that are each opened from one place and hold something', () => {
    const opened = Object.values(menus)
      .flat()
      .flatMap((item) => item.submenu ?? []);
    assert.deepEqual(
      opened,
      submenus.map(({ id }) => id),
    );
    for (const { id } of submenus) assert.ok((menus[id] ?? []).length > 2, id);
  });

  test('never erases, flashes or puts on a board that is busy or not there', () => {
    const dangerous = [
      'eraseBoard',
      'flashBoard',
      'putFolder',
      'syncFolder',
      'putFile',
      'resetBoard',
      'backupFlash',
      'restoreFlash',
    ];
    const commandsOfRows = rowMenu.filter((item): item is MenuItem & { command: string } =>
      Boolean(item.command),
    );
    const onFiles = ['deleteBoardFile', 'renameBoardFile'];
    for (const item of commandsOfRows) {
      if (!onFiles.includes(item.command.slice('parley.'.length))) continue;
      assert.match(item.when ?? '', /;free/, item.command);
    }
    for (const item of commandsOfRows) {
      if (!dangerous.includes(item.command.slice('parley.'.length))) continue;
      const pattern = new RegExp(/viewItem =~ \/(.*)\//.exec(item.when ?? '')?.[1] ?? '');
      assert.equal(pattern.test('board;usb;busy'), false, item.command);
      assert.equal(pattern.test('board;usb;unplugged'), false, item.command);
      assert.equal(pattern.test('board;usb;idle'), true, item.command);
    }
  });

  test('describes every setting and gives it a default and a place', () => {
    const properties = configuration.flatMap((c) => Object.entries(c.properties));
    assert.ok(properties.length >= 11);
    for (const [name, setting] of properties) {
      assert.ok((setting.markdownDescription ?? '').length > 30, name);
      assert.notEqual(setting.default, undefined, name);
      assert.match(setting.scope ?? '', /^(resource|window|machine)$/, name);
      assert.doesNotMatch(name, /password/i);
    }
    const names = properties.map(([name]) => name);
    for (const name of manifest.capabilities.untrustedWorkspaces.restrictedConfigurations) {
      assert.ok(names.includes(name), name);
    }
  });

  test('lets no workspace name a program, nor one that nobody trusts turn one on', () => {
    const properties = Object.fromEntries(
      configuration.flatMap((c) => Object.entries(c.properties)),
    );
    const programs = Object.keys(properties).filter((name) => name.endsWith('Path'));
    assert.ok(programs.includes('parley.mpy.crossPath'), String(programs));
    for (const name of programs) assert.equal(properties[name]?.scope, 'machine', name);
    const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
    assert.ok(restricted.includes('parley.mpy.compile'));
    assert.equal(properties['parley.mpy.compile']?.default, false);
  });

  test('names files that exist, and each command has a file of its own', () => {
    const pictures = JSON.stringify(manifest).match(/media\/[\w/.-]+/g) ?? [];
    assert.ok(pictures.length > 5);
    assert.deepEqual(
      pictures.filter((file) => !existsSync(file)),
      [],
    );
    const files = readdirSync('src/vscode/commands').map((file) => path.basename(file, '.ts'));
    const named = commandIds.map((id) => id.slice('parley.'.length));
    // flashImage is flashBoard under a title for a file in the explorer.
    assert.deepEqual(files.sort(), named.filter((name) => name !== 'flashImage').sort());
  });
});

function steps(): Manifest['contributes']['walkthroughs'][number]['steps'] {
  return walkthroughs.flatMap((walkthrough) => walkthrough.steps);
}
