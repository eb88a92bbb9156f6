/** Into the Bootloader: the board waits there for a program that flashes it, until it is reset. */
import { boardFor, type Command } from '../command';
import { tell } from '../notify';
import { withJob } from '../progress';

export const enterBootloader: Command = async (services, call) => {
  const board = await boardFor(services, call, 'Bring which board into its bootloader?');
  const title = `${board.name} into its bootloader`;
  await withJob(services.activity, { title, board }, (job) => board.enterBootloader(job));
  tell(
    `${board.name} waits in its bootloader. Another program can flash it now; a reset starts its own again.`,
    { Reset: 'parley.resetBoard' },
    board,
  );
  return { board: board.id };
};
