/** Erase: the whole flash, after asking once, by name. */
import { eraseBoard as erase } from '../../operations/erase';
import { softwareText } from '../boardText';
import { boardFor, type Command } from '../command';
import { demandErase } from '../flashQuestion';
import { tell } from '../notify';
import { withJob } from '../progress';

export const eraseBoard: Command = async (services, call) => {
  const board = await boardFor(services, call, 'Erase which board?');
  await demandErase(services, board, call);
  const had = board.facts.micropython ? softwareText(board.facts) : undefined;
  await withJob(services.activity, { title: `Erase ${board.name}`, board }, (job) =>
    erase(board, job),
  );
  const gone = had ? `: ${had} and its files are gone` : '';
  tell(
    `${board.name} is blank now, as from the shop${gone}.`,
    { Flash: 'parley.flashBoard' },
    board,
  );
  return { board: board.id };
};
