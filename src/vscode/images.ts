/**
 * Firmware as bytes: the image for virtual boards that the build makes, files, downloads; and which
 * one each board was flashed with last. Below: node:fs, firmwareStore. Above: flash, Start the
 * Conversation.
 */
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { VirtualBoards } from '../board/virtualBoards';
import { BoardError } from '../core/errors';
import type { Job } from '../core/job';
import { releaseOf } from '../esp/releases';
import type { Firmware } from '../operations/flash';
import { isUrl, type FirmwareSource } from './firmwareRows';
import { OFFSET_RULE, hexOffset, offsetQuestion, parseOffset } from './imageOffset';
import type { Services } from './services';
import { t } from '../core/words';

const LAST = 'lastImage';

/** Where the build puts the image for virtual boards with the chip of `board`. */
export function virtualImage(services: Services, board: Board): string {
  const { extensionPath } = services.context;
  const name = VirtualBoards.imageName(board.facts.chip);
  return path.join(extensionPath, 'dist', 'firmware', name);
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
 * The bytes of `source`: read, or downloaded with progress.
 * @throws BoardError file-missing, download-failed, image-corrupt, cancelled
 */
export async function loadFirmware(
  services: Services,
  source: FirmwareSource,
  job: Job,
): Promise<Firmware> {
  const at = source.offset === undefined ? {} : { offset: source.offset };
  if (!isUrl(source.from)) return { ...(await readImage(source.from)), ...at };
  // A dated build never changes.
  const lasting = releaseOf(source.from, '') !== undefined;
  const { name, bytes } = await services.firmware.download(source.from, lasting, job);
  return { name, bytes, ...at };
}

/** What `board` was flashed with last. */
export function lastSource(services: Services, board: Board): FirmwareSource | undefined {
  const all = services.context.globalState.get<Record<string, string | FirmwareSource>>(LAST);
  const last = all?.[board.id];
  return typeof last === 'string' ? { from: last } : last;
}

export async function rememberSource(
  services: Services,
  board: Board,
  source: FirmwareSource,
): Promise<void> {
  const all = services.context.globalState.get<Record<string, unknown>>(LAST) ?? {};
  await services.context.globalState.update(LAST, { ...all, [board.id]: source });
}

/** A file dialog for the image, and where it goes if it does not tell; undefined when it was left. */
export async function chooseFile(board: Board, chip: string): Promise<FirmwareSource | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: t('Firmware for {board}', { board: board.name }),
    openLabel: t('Choose'),
    filters: { [t('Firmware images')]: ['bin'], [t('All files')]: ['*'] },
  });
  const file = chosen?.[0]?.fsPath;
  return file ? placed({ from: file }, chip) : undefined;
}

/**
 * `source` with the offset it needs: a file that does not tell where it belongs is asked about.
 * What is wrong with the file is for the flash to say.
 * @returns undefined when the question was left
 * @throws BoardError file-missing
 */
export async function placed(
  source: FirmwareSource,
  chip: string,
): Promise<FirmwareSource | undefined> {
  if (source.offset !== undefined || isUrl(source.from)) return source;
  const { bytes, name } = await readImage(source.from);
  const question = offsetQuestion(bytes, chip);
  if (!question) return source;
  const typed = await vscode.window.showInputBox({
    title: t('Where does {name} go?', { name }),
    prompt: question.why,
    value: hexOffset(question.suggested),
    ignoreFocusOut: true,
    validateInput: (text) => (parseOffset(text) === undefined ? OFFSET_RULE : undefined),
  });
  const offset = typed === undefined ? undefined : parseOffset(typed);
  return offset === undefined ? undefined : { ...source, offset };
}
