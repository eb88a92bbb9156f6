/** Format: the board's file system, empty; asked with what would be lost. */
import { format } from '../../operations/format';
import { boardFor, type Command } from '../command';
import { confirm, tell } from '../notify';
import { withJob } from '../progress';

export const formatBoard: Command = async (services, call) => {
  const board = await boardFor(services, call, 'Format the file system of which board?');
  if (!call.options.confirm) {
    await confirm(
      `Format the file system of ${board.name}?`,
      'Every file on the board is lost; MicroPython stays. “Get All Files as a Backup” keeps them.',
      'Format',
    );
  }
  const title = `Format ${board.name}`;
  const how = await withJob(services.activity, { title, board }, (job) => format(board, job));
  tell(
    how === 'made'
      ? `${board.name} has a new, empty file system.`
      : `${board.name}: every file is removed.`,
  );
  return { board: board.id, how };
};
