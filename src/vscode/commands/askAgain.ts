/** Ask Again Before Erasing and Flashing: takes back every “Don’t Ask Again”, of one board or of all. */
import type { Command } from '../command';
import { tell } from '../notify';
import { t } from '../../core/words';

export const askAgain: Command = async (services, { board }) => {
  const forgotten = await services.unasked.forget(board?.facts.mac);
  tell(
    board
      ? t('{board} is asked about again before it is erased or flashed.', { board: board.name })
      : t('Every board is asked about again before it is erased or flashed.'),
  );
  return { forgotten };
};
