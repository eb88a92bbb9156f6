/**
 * Firmware images: the one for virtual boards that the build makes, and files a person picks.
 * Below: node:fs, vscode. Above: flash, Start the Conversation.
 */
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { BoardError } from '../core/errors';
import type { Firmware } from '../operations/flash';
import type { Services } from './services';

const LAST = 'lastImage';

/** Where the build puts the image for virtual boards. */
export function virtualImage(services: Services): string {
  const { extensionPath } = services.context;
  return path.join(extensionPath, 'dist', 'firmware', 'parley-virtual-esp32.bin');
}

/** @throws BoardError file-missing */
export async function readImage(file: string): Promise<Firmware> {
  try {
    return { name: path.basename(file), bytes: new Uint8Array(await readFile(file)) };
  } catch (cause) {
    throw new BoardError('file-missing', `cannot read ${file}`, { cause, details: { path: file } });
  }
}

/**
 * The image for `board`: Parley's own for virtual ones, the last one used, or any file.
 * @throws BoardError 'cancelled', file-missing
 */
export async function pickImage(services: Services, board: Board): Promise<Firmware> {
  const last = services.context.globalState.get<Record<string, string>>(LAST)?.[board.id];
  const items: (vscode.QuickPickItem & { file?: string })[] = [];
  if (board.virtual) {
    items.push({
      label: '$(circuit-board) MicroPython for virtual boards',
      description: 'comes with Parley',
      file: virtualImage(services),
    });
  }
  if (last && last !== virtualImage(services)) {
    items.push({
      label: `$(history) ${path.basename(last)}`,
      description: 'used last',
      detail: path.dirname(last),
      file: last,
    });
  }
  items.push({
    label: '$(folder-opened) Choose a .bin file…',
    detail: board.virtual
      ? 'Any MicroPython image for the ESP32; the board then runs its built-in MicroPython'
      : 'From micropython.org/download, for this board’s chip',
  });
  const only = items.length === 1 ? items[0] : undefined;
  const placeHolder = `What shall ${board.name} be flashed with?`;
  const picked = only ?? (await vscode.window.showQuickPick(items, { placeHolder }));
  if (!picked) throw new BoardError('cancelled', 'no image chosen');
  return picked.file ? readImage(picked.file) : chooseImage(services, board);
}

/** A file dialog for the image. @throws BoardError 'cancelled', file-missing */
export async function chooseImage(services: Services, board: Board): Promise<Firmware> {
  const chosen = await vscode.window.showOpenDialog({
    title: `Firmware for ${board.name}`,
    openLabel: 'Choose',
    filters: { 'Firmware images': ['bin'], 'All files': ['*'] },
  });
  const file = chosen?.[0]?.fsPath;
  if (!file) throw new BoardError('cancelled', 'no image chosen');
  const firmware = await readImage(file);
  const all = services.context.globalState.get<Record<string, string>>(LAST) ?? {};
  await services.context.globalState.update(LAST, { ...all, [board.id]: file });
  return firmware;
}
