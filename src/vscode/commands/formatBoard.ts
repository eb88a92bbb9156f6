/** Format: the board's file system, empty; asked with what would be lost. */
import { format } from '../../operations/format';
import { boardFor, type Command } from '../command';
import { confirm, tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const formatBoard: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Format the file system of which board?'));
  if (!call.options.confirm) {
    await confirm(
      t('Format the file system of {board}?', { board: board.name }),
      t(
        'Every file on the board is lost; MicroPython stays. “Get All Files as a Backup” keeps them.',
      ),
      t('Format'),
    );
  }
  const title = t('Format {board}', { board: board.name });
  const how = await withJob(services.activity, { title, board }, (job) => format(board, job));
  tell(
    how === 'made'
      ? t('{board} has a new, empty file system.', { board: board.name })
      : t('{board}: every file is removed.', { board: board.name }),
  );
  return { board: board.id, how };
};
