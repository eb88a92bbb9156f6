/**
 * MicroPython's modules for the editor: offered once in a workspace whose Python is MicroPython, copied
 * into it, and wired to Pylance and pyright. Below: operations/stubs. Above: extension.ts, Set Up.
 */
import { readFile, stat, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BoardError } from '../core/errors';
import type { Disposable } from '../core/event';
import {
  analysisSettings,
  copyStubs,
  isMicroPython,
  pyrightSettings,
  STUB_FOLDER,
  stubVersion,
  wiredPyrightConfig,
  wiredSettings,
  type StubPlaces,
} from '../operations/stubs';
import { runCommand } from './notify';
import type { Services } from './services';
import { t } from '../core/words';

/** Extensions that read the settings: Pylance, pyright's own, and a fork of it. */
const CHECKERS = ['ms-python.vscode-pylance', 'ms-pyright.pyright', 'detachhead.basedpyright'];
const ASKED = 'askedAboutStubs';

export interface StubsReport {
  /** Where the stubs are. */
  readonly folder: string;
  /** The file that leads to them; undefined where it could not be changed by a program. */
  readonly wired: string | undefined;
  /** Lines for a person to put there then. */
  readonly lines?: string;
}

/** Asks once, when a Python file that is MicroPython is opened, and keeps what was set up current. */
export function registerStubs(services: Services): Disposable {
  const look = (document: vscode.TextDocument | undefined): void => {
    if (!document || document.languageId !== 'python' || document.uri.scheme !== 'file') return;
    if (!vscode.workspace.isTrusted || !isMicroPython(document.getText())) return;
    const root = vscode.workspace.getWorkspaceFolder(document.uri);
    if (root) void offer(services, root).catch((error) => services.recent.warn(String(error)));
  };
  look(vscode.window.activeTextEditor?.document);
  return vscode.window.onDidChangeActiveTextEditor((editor) => look(editor?.document));
}

async function offer(services: Services, root: vscode.WorkspaceFolder): Promise<void> {
  const { context } = services;
  const places = await placesIn(services, root);
  const folder = path.join(root.uri.fsPath, places.stubPath);
  const version = await stubVersion(folder);
  if (version !== undefined) {
    // Set up before; a newer Parley knows more.
    const own = String(context.extension.packageJSON.version);
    if (version !== own) await copyStubs(stubsOf(services), folder, own);
    return;
  }
  const key = `${ASKED}:${root.uri.toString()}`;
  if (context.workspaceState.get<boolean>(key)) return;
  if (!CHECKERS.some((id) => vscode.extensions.getExtension(id))) return;
  // Somebody else's stubs of MicroPython are there.
  if (await exists(path.join(folder, 'machine.pyi'))) return;
  await context.workspaceState.update(key, true);
  const yes = t('Set Up');
  const answer = await vscode.window.showInformationMessage(
    t(
      'This is MicroPython. Parley can teach the editor its modules (machine, network, …): completion, hovers and checks. They are put into {stubPath} of this workspace.',
      { stubPath: places.stubPath },
    ),
    yes,
    t('Not Here'),
  );
  if (answer === yes) await runCommand('parley.setUpStubs', { folder: root.uri.fsPath });
}

/**
 * Copies the stubs into the workspace's folder and leads Pylance and pyright to them.
 * @throws BoardError no-workspace details { path } for a folder that is not open
 */
export async function setUpStubs(services: Services, folder?: string): Promise<StubsReport> {
  const roots = vscode.workspace.workspaceFolders ?? [];
  const root = folder ? roots.find(({ uri }) => uri.fsPath === folder) : roots[0];
  if (!root)
    throw new BoardError('no-workspace', 'no folder is open', { details: { path: folder } });
  const places = await placesIn(services, root);
  const target = path.join(root.uri.fsPath, places.stubPath);
  await copyStubs(
    stubsOf(services),
    target,
    String(services.context.extension.packageJSON.version),
  );
  const config = path.join(root.uri.fsPath, 'pyrightconfig.json');
  const text = await readFile(config, 'utf8').catch(() => undefined);
  if (text !== undefined) return wireFile(config, target, wiredPyrightConfig(text, places), places);
  const analysis = vscode.workspace.getConfiguration('python.analysis', root.uri);
  if (analysis.inspect('stubPath')?.defaultValue !== undefined) {
    await wireSettings(analysis, roots.length > 1, places);
    return { folder: target, wired: '.vscode/settings.json' };
  }
  // Nobody here knows those settings, so VS Code refuses to write them: for whoever opens it next.
  const file = path.join(root.uri.fsPath, '.vscode', 'settings.json');
  const before = await readFile(file, 'utf8').catch(() => '{}');
  return wireFile(file, target, wiredSettings(before, places), places);
}

async function wireFile(
  file: string,
  folder: string,
  text: string | undefined,
  places: StubPlaces,
): Promise<StubsReport> {
  if (text === undefined) return { folder, wired: undefined, lines: linesFor(file, places) };
  await writeFile(file, text);
  return { folder, wired: file };
}

/** What a person is to write into a file with comments. */
function linesFor(file: string, places: StubPlaces): string {
  const inConfig = path.basename(file) === 'pyrightconfig.json';
  const settings = inConfig ? pyrightSettings({}, places) : analysisSettings({}, places);
  return JSON.stringify(settings, undefined, 2).replace(/^\{\n|\n\}$/g, '');
}

async function wireSettings(
  analysis: vscode.WorkspaceConfiguration,
  severalRoots: boolean,
  places: StubPlaces,
): Promise<void> {
  const { WorkspaceFolder, Workspace } = vscode.ConfigurationTarget;
  const target = severalRoots ? WorkspaceFolder : Workspace;
  const own = <T>(name: string): T | undefined => {
    const found = analysis.inspect<T>(name);
    return severalRoots ? found?.workspaceFolderValue : found?.workspaceValue;
  };
  const settings = analysisSettings(
    {
      extraPaths: own<string[]>('extraPaths'),
      overrides: own<Record<string, string>>('diagnosticSeverityOverrides'),
    },
    places,
  );
  for (const [name, value] of Object.entries(settings)) {
    await analysis.update(name.slice('python.analysis.'.length), value, target);
  }
}

/** Where stubs are looked for already, if somebody said so within the folder; else a place of ours. */
async function placesIn(services: Services, root: vscode.WorkspaceFolder): Promise<StubPlaces> {
  const at = (name: string): string => path.join(root.uri.fsPath, name);
  const config = await readFile(at('pyrightconfig.json'), 'utf8').catch(() => '{}');
  const found = vscode.workspace.getConfiguration('python.analysis', root.uri).inspect('stubPath');
  const said = pathIn(config) ?? found?.workspaceFolderValue ?? found?.workspaceValue;
  const named = typeof said === 'string' ? path.relative(at('.'), path.resolve(at('.'), said)) : '';
  const inside = named !== '' && !named.startsWith('..') && !path.isAbsolute(named);
  const usual = (await exists(at('typings'))) ? 'typings' : STUB_FOLDER;
  const { sharedFolder } = services.settings;
  const shared = sharedFolder && (await exists(services.settings.resolve(sharedFolder)));
  return {
    stubPath: inside ? named.split(path.sep).join('/') : usual,
    libraries: shared ? [sharedFolder] : [],
  };
}

function pathIn(config: string): unknown {
  try {
    return (JSON.parse(config) as Record<string, unknown>)['stubPath'];
  } catch {
    return undefined;
  }
}

function stubsOf(services: Services): string {
  return path.join(services.context.extensionPath, 'stubs');
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
