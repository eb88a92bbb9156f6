/** Reset: a press of EN. */
import { boardFor, type Command } from '../command';
import { withJob } from '../progress';

export const resetBoard: Command = async (services, call) => {
  const board = await boardFor(services, call, 'Reset which board?');
  await withJob(services.activity, { title: `Reset ${board.name}`, board }, (job) =>
    board.reset(job),
  );
  return { board: board.id };
};
