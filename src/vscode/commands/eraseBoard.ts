/** Erase: the whole flash, after asking once, by name. */
import { eraseBoard as erase } from '../../operations/erase';
import { softwareText } from '../boardText';
import { boardFor, type Command } from '../command';
import { demandErase } from '../flashQuestion';
import { tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const eraseBoard: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Erase which board?'));
  await demandErase(services, board, call);
  const had = board.facts.micropython ? softwareText(board.facts) : undefined;
  await withJob(
    services.activity,
    { title: t('Erase {board}', { board: board.name }), board },
    (job) => erase(board, job),
  );
  const gone = had ? t(': {had} and its files are gone', { had }) : '';
  tell(
    t('{board} is blank now, as from the shop{gone}.', { board: board.name, gone }),
    { [t('Flash')]: 'parley.flashBoard' },
    board,
  );
  return { board: board.id };
};
