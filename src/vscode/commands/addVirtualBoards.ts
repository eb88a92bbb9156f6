/** Add Two Virtual Boards: machine1 and machine2, blank as from the shop. */
import type { Command } from '../command';
import { whileWorking } from '../progress';
import { tell } from '../notify';
import { t } from '../../core/words';

export const addVirtualBoards: Command = async (services) => {
  const names = ['machine1', 'machine2'];
  const boards = await whileWorking(t('Starting two virtual boards'), () =>
    services.sources.addVirtual(names),
  );
  tell(t('machine1 and machine2 are here, blank as from the shop.'), {
    [t('Start the Conversation')]: 'parley.startConversation',
  });
  return boards.map((board) => board.id);
};
