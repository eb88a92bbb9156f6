/**
 * Stubs: what an editor completes and checks MicroPython's modules with, and the settings of Pylance
 * and pyright that lead to them. Pure but for copying.
 * Below: node:fs, the folder stubs/ of Parley. Above: the command and newProject.ts.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';

/** Where the stubs lie in a workspace: with it on every computer, and not in a board's folder. */
export const STUB_FOLDER = '.vscode/micropython';
/** Says which stubs lie there, so that newer ones take their place. */
const MARK = 'parley-stubs.json';

export interface StubPlaces {
  /** From the workspace's folder. */
  readonly stubPath: string;
  /** Folders with modules that go onto every board. */
  readonly libraries: readonly string[];
}

/** A rule that is wrong with stubs: the modules themselves are on the board. */
const NO_SOURCE = 'reportMissingModuleSource';

/** Settings of VS Code for Pylance and pyright; what is there already stays. */
export function analysisSettings(
  known: {
    readonly extraPaths?: readonly string[] | undefined;
    readonly overrides?: Readonly<Record<string, string>> | undefined;
  },
  { stubPath, libraries }: StubPlaces,
): Record<string, unknown> {
  return {
    'python.analysis.stubPath': stubPath,
    'python.analysis.extraPaths': withThese(known.extraPaths, libraries),
    'python.analysis.diagnosticSeverityOverrides': { [NO_SOURCE]: 'none', ...known.overrides },
  };
}

/** The same in a pyrightconfig.json, which takes the place of those settings where there is one. */
export function pyrightSettings(
  known: Readonly<Record<string, unknown>>,
  { stubPath, libraries }: StubPlaces,
): Record<string, unknown> {
  const before = known['extraPaths'];
  const paths = Array.isArray(before) ? (before as string[]) : [];
  return { [NO_SOURCE]: false, ...known, stubPath, extraPaths: withThese(paths, libraries) };
}

function withThese(before: readonly string[] = [], more: readonly string[]): string[] {
  return [...new Set([...before, ...more])];
}

/**
 * The text of a pyrightconfig.json with the stubs in it; undefined where it has comments or is no
 * JSON: a person changes it then.
 */
export function wiredPyrightConfig(text: string, places: StubPlaces): string | undefined {
  return changed(text, (known) => pyrightSettings(known, places));
}

/** The text of a workspace's settings.json with the stubs in it; undefined as above. */
export function wiredSettings(text: string, places: StubPlaces): string | undefined {
  return changed(text, (known) => {
    const extraPaths = known['python.analysis.extraPaths'];
    const overrides = known['python.analysis.diagnosticSeverityOverrides'];
    const settings = analysisSettings(
      {
        extraPaths: Array.isArray(extraPaths) ? (extraPaths as string[]) : undefined,
        overrides: isObject(overrides) ? (overrides as Record<string, string>) : undefined,
      },
      places,
    );
    return { ...known, ...settings };
  });
}

function changed(
  text: string,
  change: (known: Record<string, unknown>) => Record<string, unknown>,
): string | undefined {
  try {
    const known = JSON.parse(text.trim() === '' ? '{}' : text) as unknown;
    if (!isObject(known)) return undefined;
    const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
    return `${JSON.stringify(change(known), undefined, indent)}\n`;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Copies Parley's stubs to `target`. A person's own stubs beside them stay. */
export async function copyStubs(stubs: string, target: string, version: string): Promise<void> {
  const before = await readMark(target);
  // What an older version had and this one has not would go on being completed.
  for (const name of before?.files ?? []) await rm(path.join(target, name), { force: true });
  await mkdir(target, { recursive: true });
  const files: string[] = [];
  await cp(stubs, target, {
    recursive: true,
    filter: (source) => {
      if (source.endsWith('.pyi')) {
        files.push(path.relative(stubs, source).split(path.sep).join('/'));
      }
      return true;
    },
  });
  const mark = { from: 'Parley: MicroPython’s modules for completion', version, files };
  await writeFile(path.join(target, MARK), `${JSON.stringify(mark, undefined, 2)}\n`);
}

/** The version of the stubs that lie at `target`; undefined where there are none of ours. */
export async function stubVersion(target: string): Promise<string | undefined> {
  return (await readMark(target))?.version;
}

async function readMark(
  target: string,
): Promise<{ version: string; files: readonly string[] } | undefined> {
  try {
    const mark = JSON.parse(await readFile(path.join(target, MARK), 'utf8')) as {
      version?: unknown;
      files?: unknown;
    };
    const files = Array.isArray(mark.files) ? mark.files : [];
    const inside = files.filter(
      (name): name is string =>
        typeof name === 'string' && /^[\w./]+\.pyi$/.test(name) && !name.includes('..'),
    );
    return typeof mark.version === 'string' ? { version: mark.version, files: inside } : undefined;
  } catch {
    return undefined;
  }
}

/** Modules that only a board has: a program that imports one of them is MicroPython. */
const ONLY_ON_A_BOARD = new Set([
  'machine',
  'network',
  'esp',
  'esp32',
  'micropython',
  'neopixel',
  'dht',
  'onewire',
  'ds18x20',
  'ntptime',
  'umqtt',
  'umqttsimple',
  'uasyncio',
  'utime',
  'uos',
  'usys',
  'ujson',
  'usocket',
  'uselect',
  'ussl',
  'ustruct',
  'ubinascii',
  'uhashlib',
  'framebuf',
]);

/** True for Python that imports what only a board has. */
export function isMicroPython(source: string): boolean {
  for (const [, from, list] of source.matchAll(
    /^[ \t]*(?:from[ \t]+([\w.]+)|import[ \t]+([\w., \t]+))/gm,
  )) {
    const names = (from ?? list ?? '')
      .split(',')
      .map((name) => name.trim().split(/[. \t]/)[0] ?? '');
    if (names.some((name) => ONLY_ON_A_BOARD.has(name))) return true;
  }
  return false;
}
