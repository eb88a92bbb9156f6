/** About this Board: every fact there is; a row's value is copied when it is picked. */
import * as vscode from 'vscode';
import { lookAt } from '../../operations/look';
import { boardDetails, fullName } from '../boardText';
import { boardFor, isReady, type Command } from '../command';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const boardInfo: Command = async (services, call) => {
  const board = await boardFor(services, call, t('About which board?'), () => true);
  const details = boardDetails(board);
  const facts = { name: board.name, ...Object.fromEntries(details) };
  if (call.options.confirm) return facts;
  const rows: (vscode.QuickPickItem & { value?: string })[] = details.map(([label, value]) => ({
    label,
    description: value,
    value,
  }));
  if (isReady(board)) {
    rows.push(
      { label: '', kind: vscode.QuickPickItemKind.Separator },
      {
        label: board.facts.model ? t('$(search) Ask the chip again') : t('$(search) Ask the chip'),
        detail: t('Through the ROM loader, which resets the board'),
      },
    );
  }
  const placeHolder = t('{board}: pick a line to copy it', { board: fullName(board) });
  const picked = await vscode.window.showQuickPick(rows, { placeHolder });
  if (!picked) return facts;
  if (picked.value !== undefined) {
    await vscode.env.clipboard.writeText(picked.value);
    return facts;
  }
  await withJob(
    services.activity,
    { title: t('Look at {board}', { board: board.name }), board },
    (job) => lookAt(board, job),
  );
  return boardInfo(services, { ...call, board });
};
