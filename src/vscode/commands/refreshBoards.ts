/** Look for Boards: lists every port again and starts virtual boards that stand still. */
import type { Command } from '../command';

export const refreshBoards: Command = async (services) => {
  await services.sources.sync();
  return services.registry.boards.map((board) => board.name);
};
