/**
 * What Get and Backup ask and tell.
 * Below: operations/getFiles. Above: the two commands.
 */
import * as vscode from 'vscode';
import { BoardError } from '../core/errors';
import { formatBytes } from '../core/rate';
import type { GetReport } from '../operations/getFiles';
import { t } from '../core/words';

/** A folder of this computer. @throws BoardError cancelled */
export async function askFolder(title: string, start: string | undefined): Promise<string> {
  const chosen = await vscode.window.showOpenDialog({
    title,
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: t('Get'),
    ...(start ? { defaultUri: vscode.Uri.file(start) } : {}),
  });
  const folder = chosen?.[0]?.fsPath;
  if (!folder) throw new BoardError('cancelled', 'no folder chosen');
  return folder;
}

export function gotText(board: string, report: GetReport, into: string): string {
  const { written, taken, bytes } = report;
  const names = [...new Set(Object.values(taken).flat())];
  const count =
    written.length === 1 ? t('1 file') : t('{written} files', { written: written.length });
  const out = names.length > 0 ? t(' Taken out again: {names}.', { names: names.join(', ') }) : '';
  return t('{board}: {count} ({bytes}) in {into}.{out}', {
    board,
    count,
    bytes: formatBytes(bytes),
    into,
    out,
  });
}
