/** Watch: all that a board prints, in a terminal that sends nothing, beside whatever else uses it. */
import { boardFor, isPlugged, type Command } from '../command';
import { t } from '../../core/words';

export const watchBoard: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Watch which board?'), isPlugged);
  await services.terminals.watch(board);
  return board.id;
};
