/** Reset: a press of EN. */
import { boardFor, type Command } from '../command';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const resetBoard: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Reset which board?'));
  await withJob(
    services.activity,
    { title: t('Reset {board}', { board: board.name }), board },
    (job) => board.reset(job),
  );
  return { board: board.id };
};
