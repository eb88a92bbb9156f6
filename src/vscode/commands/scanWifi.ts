/** Wi-Fi Networks: what the board hears; the one chosen becomes the workspace's, with its password. */
import * as vscode from 'vscode';
import { scanWifi as scan, type WifiNetwork } from '../../micropython/tools';
import { boardFor, type Command } from '../command';
import { runCommand, tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

/** dBm at which a network is thought strong, good and weak: the steps of a phone's bars. */
const BARS = [-55, -67, -78] as const;

export const scanWifi: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Which board is to look for Wi-Fi?'));
  const title = t('{board} looks for Wi-Fi', { board: board.name });
  const networks = await withJob(services.activity, { title, board }, (job) =>
    board.withRawRepl('Wi-Fi Networks', job, (repl) => scan(repl, job), { onlyAtPrompt: true }),
  );
  if (call.options.throws) return { board: board.id, networks };
  if (networks.length === 0) {
    tell(
      t('{board} hears no Wi-Fi. An ESP32 hears 2.4 GHz only, and not through much metal.', {
        board: board.name,
      }),
    );
    return { board: board.id, networks };
  }
  const items = networks.map((network) => ({
    label: `$(${network.secured ? 'lock' : 'unlock'}) ${network.ssid || '(hidden)'}`,
    description: strength(network),
    network,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: t('Wi-Fi that {board} hears', { board: board.name }),
    placeHolder: t('Choose the one the boards are to join; its password is asked next'),
  });
  if (picked?.network.ssid) {
    const { ssid, secured } = picked.network;
    await services.settings.setWifiSsid(ssid);
    if (secured) await runCommand('parley.setWifiPassword', { ssid });
    else
      tell(t('The boards are to join “{ssid}”. Put their folders again to tell them.', { ssid }));
  }
  return { board: board.id, networks };
};

function strength({ rssi, channel }: WifiNetwork): string {
  const words = ['strong', 'good', 'weak', t('hardly there')];
  const word = words[BARS.filter((bar) => rssi < bar).length];
  return t('{word}, {rssi} dBm, channel {channel}', { word, rssi, channel });
}
