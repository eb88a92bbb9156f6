/** Set the Clock: the board's, from this computer's. */
import { setClock as set } from '../../micropython/tools';
import { boardFor, type Command } from '../command';
import { tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const setClock: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Set the clock of which board?'));
  const title = t('Set the clock of {board}', { board: board.name });
  const clock = await withJob(services.activity, { title, board }, (job) =>
    board.withRawRepl('Set the Clock', job, (repl) => set(repl, new Date(), job), {
      onlyAtPrompt: true,
    }),
  );
  tell(
    t('{board}’s clock is {clock}. It forgets it when its power goes, not at a reset.', {
      board: board.name,
      clock,
    }),
  );
  return { board: board.id, clock };
};
