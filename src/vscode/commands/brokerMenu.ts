/** Broker…: what can be done with the running broker, from the status bar. */
import * as vscode from 'vscode';
import type { Command } from '../command';
import type { CommandId } from '../commandTable';
import { runCommand } from '../notify';

export const brokerMenu: Command = async ({ broker }) => {
  const mosquitto = broker.kind === 'mosquitto';
  const items: (vscode.QuickPickItem & { id: CommandId })[] = [
    { label: '$(comment-discussion) See the Conversation', id: 'parley.showConversation' },
    { label: '$(send) Publish a Message…', id: 'parley.publish' },
    { label: '$(pulse) Check the Broker', id: 'parley.checkBroker' },
    ...(mosquitto
      ? [
          {
            label: '$(file-code) Show Mosquitto’s Configuration',
            id: 'parley.showBrokerConfiguration' as const,
          },
        ]
      : []),
    {
      label: mosquitto ? '$(output) Show Mosquitto’s Log' : '$(output) Show the Log',
      id: 'parley.showBrokerLog',
    },
    { label: '$(arrow-swap) Choose Another Broker…', id: 'parley.chooseBroker' },
    ...(broker.kind === 'existing'
      ? []
      : [{ label: '$(globe) Choose its Address…', id: 'parley.chooseAddress' as const }]),
    { label: '$(debug-restart) Restart', id: 'parley.restartBroker' },
    {
      label: broker.kind === 'existing' ? '$(debug-stop) Disconnect' : '$(debug-stop) Stop Broker',
      id: 'parley.stopBroker',
    },
  ];
  const placeHolder = `Broker at ${broker.address}`;
  const picked = await vscode.window.showQuickPick(items, { placeHolder });
  return picked && runCommand(picked.id);
};
