/** Erase: the whole flash, after asking once, by name. */
import { eraseBoard as erase } from '../../operations/erase';
import { fullName } from '../boardText';
import { boardFor, type Command } from '../command';
import { confirm, tell } from '../notify';
import { withJob } from '../progress';

export const eraseBoard: Command = async (services, call) => {
  const board = await boardFor(services, call, 'Erase which board?');
  if (!call.options.confirm) {
    const detail = 'MicroPython and every file on it are wiped. This cannot be undone.';
    await confirm(`Erase ${fullName(board)}?`, detail, `Erase ${board.name}`);
  }
  await withJob(services.activity, { title: `Erase ${board.name}`, board }, (job) =>
    erase(board, job),
  );
  tell(`${board.name} is blank now, as from the shop.`, { Flash: 'parley.flashBoard' }, board);
  return { board: board.id };
};
