/**
 * Compare a Folder: what only the folder has, only the board, and what differs, in a list. A running
 * program is left alone. Below: operations/sync, comparePick.
 */
import * as path from 'node:path';
import { compare } from '../../operations/sync';
import { boardFor, type Command } from '../command';
import { showComparison } from '../comparePick';
import { compilerFor } from '../compiler';
import { askedFolderFor } from '../folders';
import { localFolder } from '../localFolder';
import { tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const compareFolder: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Compare the folder with which board?'));
  const folder = await askedFolderFor(services, board, call.options.folder ?? call.uri?.fsPath);
  const plain = await localFolder(services, board, folder);
  const compiler = await compilerFor(services);
  const files = services.folders.of(board);
  const title = t('Compare with {board}', { board: board.name });
  const { local, difference } = await withJob(services.activity, { title, board }, (job) =>
    files.withPrompt(async (repl) => {
      const ready = { ...plain, ...(await compiler?.compile(repl, plain.files, job)) };
      return { local: ready, difference: await compare(repl, ready, job) };
    }, job),
  );
  const { onlyHere, onlyThere, differs, same } = difference;
  if (onlyHere.length + onlyThere.length + differs.length === 0) {
    tell(
      t('{board} has what is in {folder}: {same} files, no other.', {
        board: board.name,
        folder: path.basename(folder),
        same: same.length,
      }),
    );
  } else {
    showComparison(services, board, folder, local, difference);
  }
  return { board: board.id, folder, ...difference };
};
