/**
 * Wi-Fi passwords, one for each SSID, in VS Code's SecretStorage and nowhere else.
 * Below: vscode. Above: provisioning asks for one; two commands set and forget it.
 */
import * as vscode from 'vscode';
import { BoardError } from '../core/errors';

const key = (ssid: string): string => `parley.wifi.${ssid}`;

export class Secrets {
  constructor(private readonly storage: vscode.SecretStorage) {}

  /** The stored password; '' is an open network, undefined means nobody has said. */
  async wifiPassword(ssid: string): Promise<string | undefined> {
    return this.storage.get(key(ssid));
  }

  async setWifiPassword(ssid: string, password: string): Promise<void> {
    await this.storage.store(key(ssid), password);
  }

  async forgetWifiPassword(ssid: string): Promise<void> {
    await this.storage.delete(key(ssid));
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

/** The question itself. WPA2 passphrases have 8 to 63 characters (IEEE 802.11i). */
export function askPassword(ssid: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: `Wi-Fi password of “${ssid}”`,
    prompt:
      'Leave empty for an open network. It is kept in VS Code’s secret storage and written to the board’s boot.py only.',
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      text === '' || (text.length >= 8 && text.length <= 63)
        ? undefined
        : 'A Wi-Fi password has 8 to 63 characters.',
  });
}
