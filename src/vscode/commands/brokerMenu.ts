/** Broker…: what can be done with the running broker, from the status bar. */
import * as vscode from 'vscode';
import type { Command } from '../command';
import type { CommandId } from '../commandTable';
import { runCommand } from '../notify';
import { t } from '../../core/words';

export const brokerMenu: Command = async ({ broker }) => {
  const mosquitto = broker.kind === 'mosquitto';
  const items: (vscode.QuickPickItem & { id: CommandId })[] = [
    { label: t('$(comment-discussion) See the Conversation'), id: 'parley.showConversation' },
    { label: t('$(send) Publish a Message…'), id: 'parley.publish' },
    { label: t('$(pulse) Check the Broker'), id: 'parley.checkBroker' },
    ...(mosquitto
      ? [
          {
            label: t('$(file-code) Show Mosquitto’s Configuration'),
            id: 'parley.showBrokerConfiguration' as const,
          },
        ]
      : []),
    {
      label: mosquitto ? t('$(output) Show Mosquitto’s Log') : t('$(output) Show the Log'),
      id: 'parley.showBrokerLog',
    },
    { label: t('$(arrow-swap) Choose Another Broker…'), id: 'parley.chooseBroker' },
    ...(broker.kind === 'existing'
      ? []
      : [{ label: t('$(shield) Who May Reach It…'), id: 'parley.openBroker' as const }]),
    ...(broker.openToNetwork
      ? [
          {
            label: t('$(lock) Close to This Computer Only'),
            id: 'parley.closeBroker' as const,
          },
        ]
      : []),
    ...(broker.broker?.secure
      ? [
          {
            label: t('$(verified) Put its Certificate on a Board…'),
            description: (await broker.certificate())?.fingerprint ?? '',
            id: 'parley.putCertificate' as const,
          },
        ]
      : []),
    ...(broker.guarded
      ? [{ label: t('$(copy) Copy the Password'), id: 'parley.copyBrokerPassword' as const }]
      : []),
    ...(broker.kind === 'existing'
      ? []
      : [{ label: t('$(globe) Choose its Address…'), id: 'parley.chooseAddress' as const }]),
    { label: t('$(debug-restart) Restart'), id: 'parley.restartBroker' },
    {
      label:
        broker.kind === 'existing' ? t('$(debug-stop) Disconnect') : t('$(debug-stop) Stop Broker'),
      id: 'parley.stopBroker',
    },
  ];
  const placeHolder = t('Broker at {address}', { address: broker.address });
  const picked = await vscode.window.showQuickPick(items, { placeHolder });
  return picked && runCommand(picked.id);
};
