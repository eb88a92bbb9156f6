/** Restart the Broker: with the settings and passwords as they are now. */
import type { Command } from '../command';
import { tellBroker } from './startBroker';

export const restartBroker: Command = async (services) => {
  await services.broker.stop();
  await services.broker.ensure();
  tellBroker(services);
  return { address: services.broker.address, port: services.broker.port };
};
