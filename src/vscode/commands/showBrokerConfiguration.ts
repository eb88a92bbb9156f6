/** Show the Broker's Configuration: the file Parley wrote for Mosquitto. */
import * as vscode from 'vscode';
import { BoardError } from '../../core/errors';
import type { Command } from '../command';
import { t } from '../../core/words';

export const showBrokerConfiguration: Command = async ({ broker }) => {
  const path = broker.configuration;
  if (!path) {
    throw new BoardError('broker-program', 'no Mosquitto of Parley’s runs', {
      details: { program: 'mosquitto', reason: t('it is not the broker that runs now') },
    });
  }
  await vscode.window.showTextDocument(vscode.Uri.file(path));
  return { path };
};
