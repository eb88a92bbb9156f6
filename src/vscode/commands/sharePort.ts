/** Share this Port: other programs and computers open the board over RFC 2217, until it is cancelled. */
import * as vscode from 'vscode';
import { sharePort as share } from '../../operations/sharePort';
import { boardFor, type Command } from '../command';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const sharePort: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Share the port of which board?'));
  const title = t('Sharing {board}; its address is copied', { board: board.name });
  await withJob(services.activity, { title, board }, (job) =>
    share(board, { onReady: (url) => void vscode.env.clipboard.writeText(url) }, job),
  );
  return { board: board.id };
};
