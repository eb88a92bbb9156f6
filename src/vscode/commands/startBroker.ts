/** Start Broker: the embedded one, on the address and port of the settings. */
import type { Command } from '../command';
import { tell } from '../notify';

export const startBroker: Command = async (services, { options }) => {
  const { broker } = services;
  if (options.port === undefined) await broker.ensure();
  else await broker.useOtherPort(options.port);
  tell(
    broker.openToNetwork
      ? `The broker listens at ${broker.address}. Everyone on that network can reach it, without a password.`
      : `The broker listens at ${broker.address}; only this computer can reach it.`,
    { 'Check It': 'parley.checkBroker', Stop: 'parley.stopBroker' },
  );
  return { address: broker.address, port: broker.port };
};
