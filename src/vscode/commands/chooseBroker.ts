/** Choose the Broker: Parley's own, Mosquitto on this computer, or one that runs already. */
import * as vscode from 'vscode';
import type { BrokerKind } from '../../broker/broker';
import { findMosquitto } from '../../broker/findProgram';
import { parseBrokerUrls } from '../../conversation/brokerUrl';
import { BoardError } from '../../core/errors';
import { parseKind } from '../brokerSettings';
import { textFor, type Call, type Command } from '../command';
import { askBrokerPassword } from '../secrets';
import type { Services } from '../services';
import { tellBroker } from './startBroker';
import { t } from '../../core/words';

export const chooseBroker: Command = async (services, call) => {
  const { broker, settings } = services;
  const kind = call.options.kind ? parseKind(call.options.kind) : await pickKind(services);
  const existing = kind === 'existing' ? await askWhere(services, call) : undefined;
  if (kind === 'mosquitto') await findMosquitto(settings.mosquittoPath);
  await broker.stop();
  await services.brokerNews.whileChanging(() => settings.setBroker(kind, existing));
  await broker.ensure();
  tellBroker(services);
  return { kind: broker.kind, address: broker.address, port: broker.port };
};

async function pickKind(services: Services): Promise<BrokerKind> {
  const found = await findMosquitto(services.settings.mosquittoPath).catch(() => undefined);
  const { kind } = services.broker;
  const items: (vscode.QuickPickItem & { broker: BrokerKind })[] = [
    {
      label: t('$(broadcast) Parley’s own broker'),
      detail: t('For a desk. Nothing to install; knows who said what and who listens.'),
      broker: 'embedded',
    },
    {
      label: t('$(server-process) Mosquitto on this computer'),
      detail: found
        ? t('For a room. {found}, with the tutorial’s configuration; knows who said what.', {
            found,
          })
        : t('For a room. It is not found here: install it, or set parley.broker.mosquittoPath.'),
      broker: 'mosquitto',
    },
    {
      label: t('$(globe) A broker that runs already'),
      detail: t('Anywhere, by its address: mqtt, mqtts, ws or wss.'),
      broker: 'existing',
    },
  ];
  const marked = items.map((item) => ({
    ...item,
    description: item.broker === kind ? t('used now') : '',
  }));
  const picked = await vscode.window.showQuickPick(marked, {
    title: t('Which broker passes on what the boards say?'),
    matchOnDetail: true,
  });
  if (!picked) throw new BoardError('cancelled', 'no broker chosen');
  return picked.broker;
}

/** Address, user name and password; the password goes into secret storage at once. */
async function askWhere(
  services: Services,
  { options }: Call,
): Promise<{ url: string; username: string }> {
  const { settings, secrets } = services;
  const url = await textFor(options.url, {
    title: t('Broker: address'),
    prompt: t(
      'mqtt://host:1883, mqtts://host:8883, ws://host:80/mqtt or wss://host:443/mqtt; of a cluster several, with commas between',
    ),
    value: settings.brokerUrl || 'mqtt://',
    validateInput: (text) => {
      const parsed = parseBrokerUrls(text);
      return typeof parsed === 'string' ? parsed : undefined;
    },
  });
  const username = await textFor(options.username ?? (options.url ? '' : undefined), {
    title: t('Broker: user name'),
    prompt: t('Leave it empty where everyone is let in.'),
    value: settings.brokerUsername,
  });
  const parsed = parseBrokerUrls(url);
  if (username && typeof parsed !== 'string') {
    const at = `${parsed[0].host}:${parsed[0].port}`;
    const password = options.password ?? (await askBrokerPassword(username, at));
    if (password === undefined) throw new BoardError('cancelled', 'no password given');
    await secrets.setBrokerPassword(username, at, password);
  }
  return { url, username };
}
