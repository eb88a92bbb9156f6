/** Soft Reset: Ctrl-D; boot.py and main.py start again, Wi-Fi and clock go on. */
import { softReset as reset } from '../../operations/softReset';
import { boardFor, type Command } from '../command';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const softReset: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Soft reset which board?'));
  await services.terminals.show(board, { preserveFocus: true });
  await withJob(
    services.activity,
    { title: t('Soft reset {board}', { board: board.name }), board },
    (job) => reset(board, job),
  );
  return { board: board.id };
};
