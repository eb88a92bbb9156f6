/** Open REPL: a terminal on the board's prompt. */
import { boardFor, isPlugged, type Command } from '../command';
import { t } from '../../core/words';

export const openRepl: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Open the REPL of which board?'), isPlugged);
  await services.terminals.show(board);
  return board.id;
};
