/** Add Two Virtual Boards: machine1 and machine2, blank as from the shop. */
import type { Command } from '../command';
import { whileWorking } from '../progress';
import { tell } from '../notify';

export const addVirtualBoards: Command = async (services) => {
  const names = ['machine1', 'machine2'];
  const boards = await whileWorking('Starting two virtual boards', () =>
    services.sources.addVirtual(names),
  );
  tell('machine1 and machine2 are here, blank as from the shop.', {
    'Start the Conversation': 'parley.startConversation',
  });
  return boards.map((board) => board.id);
};
