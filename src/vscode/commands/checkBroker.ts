/** Check the Broker: the tutorial's test, subscribe esp32/output, publish on, see it. */
import type { Command } from '../command';
import { tell } from '../notify';

export const checkBroker: Command = async (services) => {
  const milliseconds = await services.broker.selfCheck();
  tell(
    `The broker at ${services.broker.address} works: “on”, published on esp32/output, came back in ${Math.max(1, Math.round(milliseconds))} ms.`,
  );
  return { milliseconds };
};
