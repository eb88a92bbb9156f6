/** Check the Broker: the tutorial's test, subscribe esp32/output, publish on, see it. */
import type { Command } from '../command';
import { tell } from '../notify';
import { t } from '../../core/words';

export const checkBroker: Command = async (services) => {
  const milliseconds = await services.broker.selfCheck();
  tell(
    t('The broker at {address} works: “on”, published on esp32/output, came back in {max} ms.', {
      address: services.broker.address,
      max: Math.max(1, Math.round(milliseconds)),
    }),
  );
  return { milliseconds };
};
