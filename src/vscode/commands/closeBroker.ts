/** Close the Broker to This Computer Only: from now on in this workspace. */
import type { Command } from '../command';
import { startAgain } from './startBroker';

export const closeBroker: Command = async (services) => {
  await services.broker.reach.choose('computer');
  return startAgain(services);
};
