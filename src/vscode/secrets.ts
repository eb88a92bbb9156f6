/**
 * Passwords, of Wi-Fi networks and of brokers, in VS Code's SecretStorage and nowhere else.
 * Below: vscode. Above: provisioning and brokerKinds.ts ask for one; commands set and forget it.
 */
import * as vscode from 'vscode';
import type { VirtualNetwork } from '../board/virtualBoards';
import type { Identity } from '../broker/certificates';
import { BoardError } from '../core/errors';
import { t } from '../core/words';

const key = (ssid: string): string => `parley.wifi.${ssid}`;
const brokerKey = (user: string, at: string): string => `parley.broker.${user}@${at}`;
const airKey = (workspace: string, name: string): string => `parley.air.${name}@${workspace}`;
const authorityKey = (workspace: string): string => `parley.authority.${workspace}`;
const PROCESS = 'parley.broker.process';

/** Where an embedded broker that outlives its window is found again, and how it is let in. */
export interface KeptBroker {
  readonly socket: string;
  readonly token: string;
  readonly user?: { readonly name: string; readonly password: string };
}

export class Secrets {
  private readonly seen = new Set<string>();

  constructor(private readonly storage: vscode.SecretStorage) {}

  /**
   * Every secret that this window has read or written, and all others where VS Code lists them: what
   * leaves this computer is searched for them.
   */
  async everyone(): Promise<string[]> {
    // SecretStorage.keys is younger than the oldest VS Code that Parley runs in.
    const { keys } = this.storage as { keys?: () => Thenable<string[]> };
    const names = await Promise.resolve(keys?.call(this.storage)).catch(() => undefined);
    const kept = await Promise.all((names ?? []).map((name) => this.storage.get(name)));
    const texts = kept.flatMap((text) => (text === undefined ? [] : inside(text)));
    return [...new Set([...this.seen, ...texts])];
  }

  private async get(name: string): Promise<string | undefined> {
    const text = await this.storage.get(name);
    if (text !== undefined) for (const secret of inside(text)) this.seen.add(secret);
    return text;
  }

  private async store(name: string, text: string): Promise<void> {
    for (const secret of inside(text)) this.seen.add(secret);
    await this.storage.store(name, text);
  }

  /** The stored password; '' is an open network, undefined means nobody has said. */
  async wifiPassword(ssid: string): Promise<string | undefined> {
    return this.get(key(ssid));
  }

  async setWifiPassword(ssid: string, password: string): Promise<void> {
    await this.store(key(ssid), password);
  }

  async forgetWifiPassword(ssid: string): Promise<void> {
    await this.storage.delete(key(ssid));
  }

  /** The password of `user` at the broker `at` ("host:port", or "embedded"). */
  async brokerPassword(user: string, at: string): Promise<string | undefined> {
    return this.get(brokerKey(user, at));
  }

  async setBrokerPassword(user: string, at: string, password: string): Promise<void> {
    await this.store(brokerKey(user, at), password);
  }

  async forgetBrokerPassword(user: string, at: string): Promise<void> {
    await this.storage.delete(brokerKey(user, at));
  }

  /** The network that the virtual board `name` of a workspace can see, where it has one of its own. */
  async virtualAir(workspace: string, name: string): Promise<VirtualNetwork | undefined> {
    const text = await this.get(airKey(workspace, name));
    return text === undefined ? undefined : (JSON.parse(text) as VirtualNetwork);
  }

  async setVirtualAir(workspace: string, name: string, air?: VirtualNetwork): Promise<void> {
    if (air) await this.store(airKey(workspace, name), JSON.stringify(air));
    else await this.storage.delete(airKey(workspace, name));
  }

  /** The authority that signs the broker of a workspace: its certificate, and the key that is the secret. */
  async authority(workspace: string): Promise<Identity | undefined> {
    const text = await this.get(authorityKey(workspace));
    return text === undefined ? undefined : (JSON.parse(text) as Identity);
  }

  async setAuthority(workspace: string, authority: Identity): Promise<void> {
    await this.store(authorityKey(workspace), JSON.stringify(authority));
  }

  /** The broker's process that a window of the workspace `workspace` left running. */
  async keptBroker(workspace: string): Promise<KeptBroker | undefined> {
    const text = await this.get(`${PROCESS}.${workspace}`);
    return text === undefined ? undefined : (JSON.parse(text) as KeptBroker);
  }

  async keepBroker(workspace: string, broker: KeptBroker | undefined): Promise<void> {
    if (broker) await this.store(`${PROCESS}.${workspace}`, JSON.stringify(broker));
    else await this.storage.delete(`${PROCESS}.${workspace}`);
  }

  /**
   * The stored password, or the one the user types now (which is then stored).
   * @throws BoardError 'cancelled' when the question is dismissed
   */
  async askWifiPassword(ssid: string): Promise<string> {
    const stored = await this.wifiPassword(ssid);
    if (stored !== undefined) return stored;
    const typed = await askPassword(ssid);
    if (typed === undefined) throw new BoardError('cancelled', 'no Wi-Fi password given');
    await this.setWifiPassword(ssid, typed);
    return typed;
  }
}

const passwordProblem = (text: string): string | undefined =>
  text === '' || (text.length >= 8 && text.length <= 63)
    ? undefined
    : t('A Wi-Fi password has 8 to 63 characters.');

/** The question itself. WPA2 passphrases have 8 to 63 characters (IEEE 802.11i). */
export function askPassword(ssid: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: t('Wi-Fi password of “{ssid}”', { ssid }),
    prompt: t(
      'Leave empty for an open network. It is kept in VS Code’s secret storage and written to the board’s boot.py only.',
    ),
    password: true,
    ignoreFocusOut: true,
    validateInput: passwordProblem,
  });
}

/** The password of the network around a virtual board; '' for none, undefined when dismissed. */
export function askAirPassword(ssid: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: t('Password that “{ssid}” asks for', { ssid }),
    prompt: t(
      'Empty: an open network. A board that has another password is refused, as in life. It is kept in VS Code’s secret storage and nowhere else.',
    ),
    password: true,
    ignoreFocusOut: true,
    validateInput: passwordProblem,
  });
}

/** The password of a broker's user; undefined when the question is dismissed. */
export function askBrokerPassword(
  user: string,
  at: string,
  mayBeEmpty = true,
): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: t('Password of “{user}” at {at}', { user, at }),
    prompt: t('It is kept in VS Code’s secret storage and nowhere else.'),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text || mayBeEmpty ? undefined : t('It needs a password.')),
  });
}

/** The secrets in what is stored: a text, or the values of the JSON of a kept broker or an authority. */
function inside(text: string): string[] {
  if (!text.startsWith('{')) return [text];
  try {
    const { token, user, key } = JSON.parse(text) as Partial<KeptBroker & Identity>;
    return [token, user?.password, key].filter((one): one is string => typeof one === 'string');
  } catch {
    return [text];
  }
}
