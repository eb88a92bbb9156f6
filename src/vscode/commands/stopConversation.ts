/** Stop the Conversation: ends the start that is at work, or the broker, and says what goes on. */
import { listText } from '../boardText';
import type { Command } from '../command';
import { cancelStart } from './startConversation';
import { tell } from '../notify';
import { t } from '../../core/words';

export const stopConversation: Command = async (services) => {
  cancelStart();
  const names = services.registry.boards.filter((b) => b.status !== 'unplugged').map((b) => b.name);
  await services.broker.stop();
  tell(
    names.length === 0
      ? t('The broker is stopped.')
      : t(
          'The broker is stopped. {names} keep their programs and look for it again and again; they talk on when it is back.',
          { names: listText(names) },
        ),
    { [t('Start Again')]: 'parley.startBroker' },
  );
  return { running: services.broker.running };
};
