/**
 * The settings of `parley.*`, read with their types and checked, because anyone may type anything.
 * Below: vscode. Above: whoever needs one reads it at the moment of use.
 */
import * as path from 'node:path';
import * as vscode from 'vscode';

export class Settings {
  constructor(private readonly state: vscode.Memento) {}

  /** '' when not set. */
  get wifiSsid(): string {
    return this.text('wifi.ssid');
  }

  /** '' means automatic. */
  get brokerHost(): string {
    return this.text('broker.host').trim();
  }

  /** 1 to 65535. */
  get brokerPort(): number {
    return this.whole('broker.port', 1, 65535, 1883);
  }

  /** Bits per second. */
  get flashBaudRate(): number {
    return this.whole('flash.baudRate', 9600, 4_000_000, 460_800);
  }

  /** Bits per second. */
  get replBaudRate(): number {
    return this.whole('repl.baudRate', 300, 4_000_000, 115_200);
  }

  /** The one network that virtual boards can see. */
  get virtualSsid(): string {
    return this.text('virtual.ssid') || 'Parley';
  }

  get startOnOpen(): boolean {
    return this.config.get<unknown>('conversation.startOnOpen') === true;
  }

  /** Folder for each board's name, as written: relative to the first workspace folder, or absolute. */
  get folders(): Readonly<Record<string, string>> {
    const value = this.config.get<unknown>('folders');
    if (typeof value !== 'object' || value === null) return {};
    const entries = Object.entries(value).filter(([, folder]) => typeof folder === 'string');
    return Object.fromEntries(entries) as Record<string, string>;
  }

  /** '' when there is none. */
  get sharedFolder(): string {
    return this.text('sharedFolder');
  }

  get virtualBoards(): readonly string[] {
    const own = this.list('virtualBoards');
    return this.hasWorkspace ? own : unique([...own, ...(this.state.get<string[]>(VIRTUAL) ?? [])]);
  }

  get networkBoards(): readonly string[] {
    return this.list('networkBoards');
  }

  get hasWorkspace(): boolean {
    return (vscode.workspace.workspaceFolders?.length ?? 0) > 0;
  }

  /** Keeps the names: in the workspace's settings, or for all empty windows where there is none. */
  async setVirtualBoards(names: readonly string[]): Promise<void> {
    if (this.hasWorkspace) await this.update('virtualBoards', unique(names));
    else await this.state.update(VIRTUAL, unique(names));
  }

  async setNetworkBoards(addresses: readonly string[]): Promise<void> {
    await this.update('networkBoards', unique(addresses));
  }

  async setFolders(folders: Readonly<Record<string, string>>): Promise<void> {
    await this.update('folders', folders);
  }

  async setWifiSsid(ssid: string): Promise<void> {
    await this.update('wifi.ssid', ssid);
  }

  /** An absolute path for `folder` of a setting. */
  resolve(folder: string): string {
    if (path.isAbsolute(folder)) return folder;
    const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    return root ? path.join(root, folder) : path.resolve(folder);
  }

  private get config(): vscode.WorkspaceConfiguration {
    return vscode.workspace.getConfiguration('parley');
  }

  private async update(name: string, value: unknown): Promise<void> {
    const { Workspace, Global } = vscode.ConfigurationTarget;
    await this.config.update(name, value, this.hasWorkspace ? Workspace : Global);
  }

  private text(name: string): string {
    const value = this.config.get<unknown>(name);
    return typeof value === 'string' ? value : '';
  }

  private list(name: string): string[] {
    const value = this.config.get<unknown>(name);
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  }

  private whole(name: string, least: number, most: number, otherwise: number): number {
    const value = this.config.get<unknown>(name);
    const fits = typeof value === 'number' && Number.isInteger(value);
    return fits && value >= least && value <= most ? value : otherwise;
  }
}

const VIRTUAL = 'virtualBoards';

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}
