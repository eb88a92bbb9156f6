/** Into the Bootloader: the board waits there for a program that flashes it, until it is reset. */
import { boardFor, type Command } from '../command';
import { tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const enterBootloader: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Bring which board into its bootloader?'));
  const title = t('{board} into its bootloader', { board: board.name });
  await withJob(services.activity, { title, board }, (job) => board.enterBootloader(job));
  tell(
    t(
      '{board} waits in its bootloader. Another program can flash it now; a reset starts its own again.',
      { board: board.name },
    ),
    { [t('Reset')]: 'parley.resetBoard' },
    board,
  );
  return { board: board.id };
};
