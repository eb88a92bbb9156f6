/** Close the Broker to This Computer Only: from now on in this workspace. */
import type { Command } from '../command';
import { tellBroker } from './startBroker';

export const closeBroker: Command = async (services) => {
  const { broker } = services;
  await broker.reach.choose('computer');
  await broker.stop();
  await broker.ensure();
  tellBroker(services);
  return { address: broker.address, port: broker.port };
};
