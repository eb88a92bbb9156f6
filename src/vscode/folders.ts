/**
 * Which folder goes onto which board, and what is filled in on the way.
 * Below: settings, secrets, brokerControl. Above: put, Start the Conversation.
 */
import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { BoardError } from '../core/errors';
import { BoardSources } from './boardSources';
import type { ProvisionValues } from '../operations/provision';
import type { CommandOptions } from './options';
import type { Services } from './services';
import { t } from '../core/words';

/** Boards of these names have a program in the extension itself. */
const builtIn = ['machine1', 'machine2'];

/**
 * The folder that belongs to `board`: the one of parley.folders, one of the board's name in the
 * workspace, or Parley's own for machine1 and machine2. Undefined where there is none.
 */
export async function folderOf(services: Services, board: Board): Promise<string | undefined> {
  const { settings, context } = services;
  const named = settings.folders[board.name];
  if (named) return settings.resolve(named);
  const roots = (vscode.workspace.workspaceFolders ?? []).map((root) => root.uri.fsPath);
  const own = builtIn.includes(board.name) ? [path.join(context.extensionPath, 'firmware')] : [];
  for (const root of [...roots, ...own]) {
    const folder = path.join(root, board.name);
    if (await isFolder(folder)) return folder;
  }
  return undefined;
}

/**
 * The folder that is given, or {@link folderOf}, or the one a person chooses now, which is kept.
 * @throws BoardError cancelled
 */
export async function askedFolderFor(
  services: Services,
  board: Board,
  given: string | undefined,
): Promise<string> {
  const known = given ?? (await folderOf(services, board));
  if (known) return known;
  const folder = await chooseFolder(t('Folder for {board}', { board: board.name }));
  await rememberFolder(services, board, folder);
  return folder;
}

/**
 * The same for several boards: those that have no folder of their own share one that is chosen now,
 * and kept for each.
 * @throws BoardError cancelled
 */
export async function askedFoldersFor(
  services: Services,
  boards: readonly Board[],
  given: string | undefined,
): Promise<Map<Board, string>> {
  const folders = new Map<Board, string>();
  const without: Board[] = [];
  for (const board of boards) {
    const own = given ?? (await folderOf(services, board));
    if (own === undefined) without.push(board);
    else folders.set(board, own);
  }
  if (without.length === 0) return folders;
  const count = without.length;
  const one = await chooseFolder(t('Folder for {count} boards', { count }));
  for (const board of without) {
    folders.set(board, one);
    await rememberFolder(services, board, one);
  }
  return folders;
}

/** The folder whose files go onto every board, beside `folder`; undefined where it is not there. */
export async function sharedFolderFor(
  services: Services,
  folder: string,
): Promise<string | undefined> {
  const own = path.join(services.context.extensionPath, 'firmware');
  if (path.dirname(folder) === own) return path.join(own, 'lib');
  const { sharedFolder } = services.settings;
  if (!sharedFolder) return undefined;
  const shared = services.settings.resolve(sharedFolder);
  return (await isFolder(shared)) && shared !== folder ? shared : undefined;
}

/** The Wi-Fi's name and password; asked for where a real board needs what nobody has said. */
export async function wifiFor(
  services: Services,
  board: Board,
  options: CommandOptions,
): Promise<{ ssid: string; password: string }> {
  const { settings, secrets } = services;
  let ssid = options.ssid ?? settings.wifiSsid;
  const air = board.virtual ? services.virtual.air(BoardSources.virtualName(board)) : undefined;
  if (!ssid) ssid = board.virtual ? (air?.ssid ?? settings.virtualSsid) : await askSsid(services);
  const password =
    options.password ??
    // An open virtual network takes any password: nothing to bother a person with.
    (board.virtual && air?.password === undefined
      ? ((await secrets.wifiPassword(ssid)) ?? '')
      : await secrets.askWifiPassword(ssid));
  return { ssid, password };
}

/** What is filled in for `board`. @throws BoardError broker-address, cancelled */
export async function valuesFor(
  services: Services,
  board: Board,
  options: CommandOptions,
): Promise<ProvisionValues> {
  const { broker } = services;
  return {
    ...(await wifiFor(services, board, options)),
    mqtt_server: options.host ?? broker.addressFor(board),
    mqtt_port: options.port ?? broker.port,
    ...(await credentialsFor(services, board)),
  };
}

/** What the program needs to be let in by a broker of Parley's that asks. */
async function credentialsFor({ broker }: Services, board: Board): Promise<ProvisionValues> {
  const found = await broker.credentialsFor(board.name);
  const tls = await broker.tlsFor();
  return {
    ...(found ? { mqtt_user: found.name, mqtt_password: found.password } : {}),
    ...(tls ? { tls } : {}),
  };
}

/** The same without a question: a name that nobody has said keeps what a file says. */
export async function knownValuesFor(services: Services, board: Board): Promise<ProvisionValues> {
  const { broker, settings, secrets } = services;
  const air = board.virtual ? services.virtual.air(BoardSources.virtualName(board)) : undefined;
  const ssid = settings.wifiSsid || (board.virtual ? (air?.ssid ?? settings.virtualSsid) : '');
  const password = ssid ? await secrets.wifiPassword(ssid) : undefined;
  const reachable = (): { mqtt_server?: string; mqtt_port?: number } => {
    try {
      return { mqtt_server: broker.addressFor(board), mqtt_port: broker.port };
    } catch {
      return {};
    }
  };
  return {
    ...(ssid ? { ssid } : {}),
    ...(password !== undefined || (board.virtual && air?.password === undefined)
      ? { password: password ?? '' }
      : {}),
    ...reachable(),
    ...(await credentialsFor(services, board)),
  };
}

/** Keeps for later which folder belongs to `board`. */
async function rememberFolder(services: Services, board: Board, folder: string): Promise<void> {
  const { settings } = services;
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const inside = root && !path.relative(root, folder).startsWith('..');
  const written = inside ? path.relative(root, folder).split(path.sep).join('/') : folder;
  if (settings.folders[board.name] === written) return;
  if (settings.hasWorkspace)
    await settings.setFolders({ ...settings.folders, [board.name]: written });
}

async function chooseFolder(title: string): Promise<string> {
  const chosen = await vscode.window.showOpenDialog({
    title,
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: t('Choose'),
  });
  const folder = chosen?.[0]?.fsPath;
  if (!folder) throw new BoardError('cancelled', 'no folder chosen');
  return folder;
}

async function askSsid(services: Services): Promise<string> {
  const ssid = await vscode.window.showInputBox({
    title: t('Wi-Fi network for the boards'),
    prompt: t('Its name (SSID). An ESP32 joins 2.4 GHz networks only. Kept in parley.wifi.ssid.'),
    ignoreFocusOut: true,
    // IEEE 802.11: an SSID has at most 32 bytes.
    validateInput: (text) =>
      text && Buffer.byteLength(text) <= 32 ? undefined : t('A network’s name has 1 to 32 bytes.'),
  });
  if (!ssid) throw new BoardError('cancelled', 'no SSID given');
  await services.settings.setWifiSsid(ssid);
  return ssid;
}

export async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
