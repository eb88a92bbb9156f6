/**
 * What Get and Backup ask and tell.
 * Below: operations/getFiles. Above: the two commands.
 */
import * as vscode from 'vscode';
import { BoardError } from '../core/errors';
import { formatBytes } from '../core/rate';
import type { GetReport } from '../operations/getFiles';

/** A folder of this computer. @throws BoardError cancelled */
export async function askFolder(title: string, start: string | undefined): Promise<string> {
  const chosen = await vscode.window.showOpenDialog({
    title,
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: 'Get',
    ...(start ? { defaultUri: vscode.Uri.file(start) } : {}),
  });
  const folder = chosen?.[0]?.fsPath;
  if (!folder) throw new BoardError('cancelled', 'no folder chosen');
  return folder;
}

export function gotText(board: string, report: GetReport, into: string): string {
  const { written, taken, bytes } = report;
  const names = [...new Set(Object.values(taken).flat())];
  const count = written.length === 1 ? '1 file' : `${written.length} files`;
  const out = names.length > 0 ? ` Taken out again: ${names.join(', ')}.` : '';
  return `${board}: ${count} (${formatBytes(bytes)}) in ${into}.${out}`;
}
