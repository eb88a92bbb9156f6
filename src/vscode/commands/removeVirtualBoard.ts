/** Remove Virtual Board: ends it and throws its flash away, after asking by name. */
import { boardFor, type Command } from '../command';
import { confirm } from '../notify';
import { t } from '../../core/words';

export const removeVirtualBoard: Command = async (services, call) => {
  const board = await boardFor(
    services,
    call,
    t('Remove which virtual board?'),
    (b) => b.virtual && b.status !== 'busy',
  );
  if (!call.options.confirm) {
    const detail = t('Its flash and the files on it are thrown away.');
    await confirm(
      t('Remove the virtual board {board}?', { board: board.name }),
      detail,
      t('Remove {board}', { board: board.name }),
    );
  }
  await services.sources.removeVirtual(board);
  return board.id;
};
