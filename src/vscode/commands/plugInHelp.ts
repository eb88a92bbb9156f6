/** Plug in a Board: what to plug where, and what to do when nothing appears. */
import * as vscode from 'vscode';
import type { Command } from '../command';
import type { CommandId } from '../commandTable';
import { driverlessBridges } from '../../port/driverless';
import { runCommand, showHelp, tell } from '../notify';
import { t } from '../../core/words';

interface Way extends vscode.QuickPickItem {
  readonly id?: CommandId;
  readonly page?: boolean;
}

const ways: readonly Way[] = [
  {
    label: t('$(plug) It is plugged in: look for it'),
    detail: t('With a USB data cable; one that is only for charging shows nothing'),
    id: 'parley.refreshBoards',
  },
  {
    label: t('$(question) It does not appear'),
    detail: t('Cable, driver, permission: what to look at on Linux, macOS and Windows'),
    page: true,
  },
  {
    label: t('$(remote) It is on another computer, or on Windows and this window is in WSL'),
    detail: t('Through an RFC 2217 server there: rfc2217://host:port'),
    id: 'parley.addNetworkBoard',
  },
  {
    label: t('$(circuit-board) No board at hand'),
    detail: t('Two virtual boards run real MicroPython in this computer'),
    id: 'parley.addVirtualBoards',
  },
];

export const plugInHelp: Command = async (services) => {
  const picked = await vscode.window.showQuickPick(ways, {
    placeHolder: t('Plug the ESP32 into a USB port of this computer'),
    matchOnDetail: true,
  });
  if (picked?.page) await showHelp(services, 'plug-in.md');
  if (!picked?.id) return undefined;
  const before = services.registry.boards.length;
  const result = await runCommand(picked.id);
  if (picked.id === 'parley.refreshBoards') {
    const found = services.registry.boards.length;
    const [driverless] = await driverlessBridges(
      services.registry.boards.flatMap(({ where }) => where ?? []),
    );
    if (driverless) throw driverless;
    if (found === 0)
      tell(t('No board is to be seen yet. Another cable is the usual cure.'), {
        [t('What Else')]: 'parley.plugInHelp',
      });
    else if (found === before) tell(t('Boards shows every board there is.'));
  }
  return result;
};
