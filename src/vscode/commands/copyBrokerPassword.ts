/** Copy the Broker's Password: for a phone or a program that is no board. It is shown nowhere. */
import * as vscode from 'vscode';
import { BoardError } from '../../core/errors';
import type { Command } from '../command';
import { tell } from '../notify';
import { t } from '../../core/words';

export const copyBrokerPassword: Command = async ({ broker }, { options }) => {
  const credentials = await broker.credentialsFor(options.username ?? '');
  if (!credentials) {
    tell(t('The broker asks nobody for a password.'), {
      [t('Choose Who May Reach It')]: 'parley.openBroker',
    });
    throw new BoardError('cancelled', 'there is no password');
  }
  await vscode.env.clipboard.writeText(credentials.password);
  tell(t('The password of “{user}” is in the clipboard.', { user: credentials.name }));
  return { user: credentials.name };
};
