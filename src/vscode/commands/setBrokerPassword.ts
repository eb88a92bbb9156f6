/** Set a Broker Password: of the existing broker's user, or of a user of Parley's own broker. */
import * as vscode from 'vscode';
import { parseBrokerUrls } from '../../conversation/brokerUrl';
import { BoardError } from '../../core/errors';
import type { Command } from '../command';
import { tell } from '../notify';
import { askBrokerPassword } from '../secrets';
import type { Services } from '../services';
import { t } from '../../core/words';

interface Place extends vscode.QuickPickItem {
  readonly user: string;
  readonly at: string;
}

export const setBrokerPassword: Command = async (services, { options }) => {
  const { user, at } = await place(services, options.username);
  const where = at === 'embedded' ? t('Parley’s broker') : at;
  const password = options.password ?? (await askBrokerPassword(user, where, at !== 'embedded'));
  if (password === undefined) throw new BoardError('cancelled', 'no password given');
  await services.secrets.setBrokerPassword(user, at, password);
  tell(
    t('The password of “{user}” at {where} is kept. It counts from the broker’s next start.', {
      user,
      where,
    }),
    {
      [t('Restart the Broker')]: 'parley.restartBroker',
    },
  );
  return { user, at };
};

async function place(services: Services, named: string | undefined): Promise<Place> {
  const { settings } = services;
  const urls = parseBrokerUrls(settings.brokerUrl);
  const places: Place[] = settings.brokerUsers.map(({ name }) => {
    return { label: name, description: t('Parley’s own broker'), user: name, at: 'embedded' };
  });
  if (settings.brokerUsername && typeof urls !== 'string') {
    const at = `${urls[0].host}:${urls[0].port}`;
    const user = settings.brokerUsername;
    places.push({ label: user, description: at, user, at });
  }
  const given =
    places.find(({ user }) => user === named) ?? (places.length === 1 ? places[0] : undefined);
  if (given) return given;
  if (places.length === 0) {
    tell(
      t(
        'No broker has a user yet. Name one in parley.broker.username (a broker that runs already), or some in parley.broker.users (Parley’s own).',
      ),
      { [t('Open Settings')]: 'parley.openSettings' },
    );
    throw new BoardError('cancelled', 'no user to set a password for');
  }
  const picked = await vscode.window.showQuickPick(places, { title: t('Whose password?') });
  if (!picked) throw new BoardError('cancelled', 'no user chosen');
  return picked;
}
