/** Start Broker: of the kind, on the address and port of the settings. */
import { parseReach } from '../brokerOpening';
import type { BrokerControl } from '../brokerControl';
import type { Command } from '../command';
import { tell } from '../notify';
import type { Services } from '../services';
import { t } from '../../core/words';

export const startBroker: Command = async (services, { options }) => {
  const { broker } = services;
  const reach = parseReach(options.reach);
  if (reach) await broker.reach.choose(reach);
  if (options.port === undefined) await broker.ensure();
  else await broker.useOtherPort(options.port);
  tellBroker(services);
  return { address: broker.address, port: broker.port };
};

/** Stops it and starts it with what counts now, and says so. */
export async function startAgain(services: Services): Promise<{ address: string; port: number }> {
  const { broker } = services;
  await broker.stop();
  await broker.ensure();
  tellBroker(services);
  return { address: broker.address, port: broker.port };
}

/** Says where the broker is and who can reach it. */
export function tellBroker({ broker }: Services): void {
  const name = broker.kind === 'mosquitto' ? 'Mosquitto' : t('The broker');
  if (broker.kind === 'existing') {
    return tell(t('Connected to the broker at {address}.', { address: broker.address }), {
      [t('Check It')]: 'parley.checkBroker',
      [t('Disconnect')]: 'parley.stopBroker',
    });
  }
  const reach = !broker.openToNetwork
    ? `${t('; only this computer can reach it.')}${closedText(broker.closedBecause)}`
    : broker.encrypted
      ? t('. Everyone on that network can reach it over TLS; it asks for a user name and password.')
      : broker.guarded
        ? t('. Everyone on that network can reach it; it asks for a user name and password.')
        : t('. Everyone on that network can reach it, without a password.');
  tell(t('{name} listens at {address}{reach}', { name, address: broker.address, reach }), {
    [t('Check It')]: 'parley.checkBroker',
    ...(broker.closedBecause && broker.closedBecause !== 'untrusted'
      ? { [t('Choose Who May Reach It')]: 'parley.openBroker' as const }
      : {}),
    ...(broker.openToNetwork
      ? { [t('Close to This Computer Only')]: 'parley.closeBroker' as const }
      : {}),
    [t('Stop')]: 'parley.stopBroker',
  });
}

/** Why real boards that are here do not reach it. */
export function closedText(why: BrokerControl['closedBecause']): string {
  switch (why) {
    case undefined:
      return '';
    case 'untrusted':
      return ` ${t('Real boards do not, because this workspace is not trusted.')}`;
    case 'chosen':
      return ` ${t('Real boards do not: that was chosen for this workspace.')}`;
    case 'unanswered':
      return ` ${t('Real boards do not, until you say who may.')}`;
  }
}
