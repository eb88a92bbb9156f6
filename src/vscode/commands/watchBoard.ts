/** Watch: all that a board prints, in a terminal that sends nothing, beside whatever else uses it. */
import { boardFor, isPlugged, type Command } from '../command';

export const watchBoard: Command = async (services, call) => {
  const board = await boardFor(services, call, 'Watch which board?', isPlugged);
  await services.terminals.watch(board);
  return board.id;
};
