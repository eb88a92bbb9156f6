/** Choose the Broker's Address: this computer's, each with who can reach it from there. */
import * as vscode from 'vscode';
import { addressNote, lanAddresses, loopback } from '../../broker/addresses';
import { BoardError } from '../../core/errors';
import { isLoopback } from '../../broker/addresses';
import type { Command } from '../command';
import { tellBroker } from './startBroker';
import { t } from '../../core/words';

interface Item extends vscode.QuickPickItem {
  readonly host: string;
}

export const chooseAddress: Command = async (services, { options }) => {
  const { broker, settings } = services;
  const host = options.host ?? (await pick(settings.brokerHost));
  await services.brokerNews.whileChanging(() => settings.setBrokerHost(host));
  // Whoever picks a network's address wants more than was answered once.
  if (host && !isLoopback(host) && broker.reach.chosen === 'computer') await broker.reach.forget();
  await broker.stop();
  await broker.ensure();
  tellBroker(services);
  return { host, address: broker.address };
};

async function pick(now: string): Promise<string> {
  const all: Item[] = [
    {
      label: t('$(sparkle) Automatic'),
      detail: t('This computer alone, and its network too as soon as a real board is here.'),
      host: '',
    },
    {
      label: `$(lock) ${loopback}`,
      detail: t('This computer alone: virtual boards reach it, real ones do not.'),
      host: loopback,
    },
    ...lanAddresses().map((address) => ({
      label: `${address.kind === 'away' ? '$(warning)' : '$(globe)'} ${address.address}`,
      description: address.name,
      detail: addressNote(address),
      host: address.address,
    })),
  ];
  const items = all.map((item) =>
    item.host === now
      ? { ...item, description: [item.description, t('chosen now')].filter(Boolean).join(' · ') }
      : item,
  );
  const picked = await vscode.window.showQuickPick(items, {
    title: t('Where the Broker Listens'),
    placeHolder: t('On a network’s address everyone there can reach it'),
    matchOnDescription: true,
  });
  if (!picked) throw new BoardError('cancelled', 'no address chosen');
  return picked.host;
}
