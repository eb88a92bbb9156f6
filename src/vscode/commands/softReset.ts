/** Soft Reset: Ctrl-D; boot.py and main.py start again, Wi-Fi and clock go on. */
import { softReset as reset } from '../../operations/softReset';
import { boardFor, type Command } from '../command';
import { withJob } from '../progress';

export const softReset: Command = async (services, call) => {
  const board = await boardFor(services, call, 'Soft reset which board?');
  await services.terminals.show(board, { preserveFocus: true });
  await withJob(services.activity, { title: `Soft reset ${board.name}`, board }, (job) =>
    reset(board, job),
  );
  return { board: board.id };
};
