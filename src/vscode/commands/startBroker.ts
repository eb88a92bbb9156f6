/** Start Broker: of the kind, on the address and port of the settings. */
import type { Command } from '../command';
import { tell } from '../notify';
import type { Services } from '../services';

export const startBroker: Command = async (services, { options }) => {
  const { broker } = services;
  if (options.port === undefined) await broker.ensure();
  else await broker.useOtherPort(options.port);
  tellBroker(services);
  return { address: broker.address, port: broker.port };
};

/** Says where the broker is and who can reach it. */
export function tellBroker({ broker }: Services): void {
  const name = broker.kind === 'mosquitto' ? 'Mosquitto' : 'The broker';
  if (broker.kind === 'existing') {
    return tell(`Connected to the broker at ${broker.address}.`, {
      'Check It': 'parley.checkBroker',
      Disconnect: 'parley.stopBroker',
    });
  }
  const reach = !broker.openToNetwork
    ? '; only this computer can reach it.'
    : broker.guarded
      ? '. Everyone on that network can reach it; it asks for a user name and password.'
      : '. Everyone on that network can reach it, without a password.';
  tell(`${name} listens at ${broker.address}${reach}`, {
    'Check It': 'parley.checkBroker',
    Stop: 'parley.stopBroker',
  });
}
