/** Ask Again Before Erasing and Flashing: takes back every “Don’t Ask Again”, of one board or of all. */
import type { Command } from '../command';
import { tell } from '../notify';

export const askAgain: Command = async (services, { board }) => {
  const forgotten = await services.unasked.forget(board?.facts.mac);
  tell(
    board
      ? `${board.name} is asked about again before it is erased or flashed.`
      : 'Every board is asked about again before it is erased or flashed.',
  );
  return { forgotten };
};
