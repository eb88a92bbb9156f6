/**
 * Asks who may reach the broker before it listens on a network, and remembers the answer for this
 * workspace: in VS Code's memory, not in a setting, which would travel with the folder.
 * Below: brokerOpening.ts decides, secrets.ts keeps the password. Above: brokerControl.ts.
 */
import { randomInt } from 'node:crypto';
import * as vscode from 'vscode';
import { BoardError } from '../core/errors';
import { t } from '../core/words';
import {
  decideOpening,
  mayBeOpen,
  parseReach,
  userFor,
  usersAfter,
  type Opening,
  type Reach,
} from './brokerOpening';
import type { Secrets } from './secrets';
import type { Settings } from './settings';

const KEY = 'broker.reach';
/** No letters that look like others: it may have to be typed into a phone. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const PASSWORD_LETTERS = 16;

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

export class BrokerReach {
  /** Does `work` without a word about changed settings. */
  quietly: <T>(work: () => Promise<T>) => Promise<T> = (work) => work();

  constructor(
    private readonly settings: Settings,
    private readonly secrets: Secrets,
    private readonly memory: vscode.Memento,
  ) {}

  /** What was answered in this workspace. */
  get chosen(): Reach | undefined {
    return parseReach(this.memory.get<unknown>(KEY));
  }

  /**
   * Where the broker may listen of `hosts`; asks where nobody has said yet.
   * @throws BoardError broker-closed when the question is dismissed: nothing opens then
   */
  async decide(hosts: readonly string[], port: number, mayAsk: boolean): Promise<StartAt> {
    const opening = (): Opening => {
      const { isTrusted: trusted } = vscode.workspace;
      return decideOpening({ hosts, chosen: this.chosen, trusted, mayAsk });
    };
    const first = opening();
    if (first.is === 'start') return first;
    const answer = await this.ask(first.network.map((host) => `${host}:${port}`).join(', '));
    if (!answer) throw notChosen();
    const second = opening();
    if (second.is === 'start') return second;
    throw notChosen();
  }

  /** Asks, whatever was answered before; undefined when it is dismissed. */
  async ask(where: string): Promise<Reach | undefined> {
    const picked = await vscode.window.showQuickPick(this.items(), {
      title: t('Who May Reach the Broker?'),
      placeHolder: where
        ? t('Boards need it at {where}, where everyone on that network is', { where })
        : t('It is asked before the broker listens on a network'),
      ignoreFocusOut: true,
    });
    if (picked) await this.choose(picked.reach);
    return picked?.reach;
  }

  /** Takes an answer; with a password there is one afterwards. */
  async choose(reach: Reach): Promise<void> {
    const { settings, secrets } = this;
    const users = usersAfter(reach, settings.brokerUsers);
    if (users) await this.quietly(() => settings.setBrokerUsers(users));
    for (const { name } of reach === 'password' || reach === 'tls' ? settings.brokerUsers : []) {
      if (await secrets.brokerPassword(name, 'embedded')) continue;
      await secrets.setBrokerPassword(name, 'embedded', madeUp());
    }
    await this.memory.update(KEY, reach);
  }

  /** Asks again the next time. */
  async forget(): Promise<void> {
    await this.memory.update(KEY, undefined);
  }

  /** The user name and password that the program of `board` needs; undefined where none is asked. */
  async credentialsFor(board: string): Promise<Credentials | undefined> {
    const user = userFor(this.settings.brokerUsers, board);
    const password = user && (await this.secrets.brokerPassword(user.name, 'embedded'));
    return user && password ? { name: user.name, password } : undefined;
  }

  private items(): (vscode.QuickPickItem & { readonly reach: Reach })[] {
    const items: (vscode.QuickPickItem & { readonly reach: Reach })[] = [
      {
        reach: 'computer',
        label: t('$(lock) Only this computer'),
        detail: t('Virtual boards and Parley reach it; real boards do not.'),
      },
      {
        reach: 'password',
        label: t('$(key) Open to the network, with a password (recommended)'),
        detail: t('Kept in secret storage, filled into mqtt_user and mqtt_password on boards.'),
      },
    ];
    items.push({
      reach: 'tls',
      label: t('$(shield) Open to the network, with a password and TLS'),
      detail: t('Encrypted too; programs need mqtt_ca. Parley makes the certificate.'),
    });
    if (mayBeOpen(this.settings.brokerUsers)) {
      items.push({
        reach: 'open',
        label: t('$(unlock) Open to the network, without a password'),
        detail: t('Everyone on that network may hear everything and say anything.'),
      });
    }
    const { chosen } = this;
    return items.map((item) =>
      item.reach === chosen ? { ...item, description: t('chosen now') } : item,
    );
  }
}

export type StartAt = Extract<Opening, { is: 'start' }>;

function notChosen(): BoardError {
  const details = { reason: 'unanswered' };
  return new BoardError('broker-closed', 'nobody has said who may reach it', { details });
}

function madeUp(): string {
  return Array.from({ length: PASSWORD_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join(
    '',
  );
}
