/**
 * The settings of `parley.*`, read with their types and checked, because anyone may type anything.
 * Below: vscode. Above: whoever needs one reads it at the moment of use.
 */
import { PACKAGE_INDEX } from '../operations/packages';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { UserRules } from '../broker/access';
import type { BrokerKind } from '../broker/broker';
import { parseDraft } from '../conversation/fromView';
import type { Template } from '../conversation/protocol';
import {
  parseConnection,
  parseKind,
  parseRoles,
  parseTls,
  parseUsers,
  type ConnectionSettings,
  type TlsSettings,
} from './brokerSettings';

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

  get brokerKind(): BrokerKind {
    return parseKind(this.config.get<unknown>('broker.kind'));
  }

  /** Address of an existing broker, as written. */
  get brokerUrl(): string {
    return this.text('broker.url').trim();
  }

  /** User name at an existing broker; '' for none. */
  get brokerUsername(): string {
    return this.text('broker.username').trim();
  }

  get brokerConnection(): ConnectionSettings {
    return parseConnection(this.config.get<unknown>('broker.connection'));
  }

  /** Who may come into the embedded broker; empty lets everyone in. */
  get brokerUsers(): readonly UserRules[] {
    return parseUsers(this.config.get<unknown>('broker.users'));
  }

  get brokerTls(): TlsSettings {
    return parseTls(this.config.get<unknown>('broker.tls'));
  }

  async setBrokerUsers(users: readonly UserRules[]): Promise<void> {
    const value = Object.fromEntries(users.map(({ name, ...rules }) => [name, rules]));
    await this.update('broker.users', users.length > 0 ? value : undefined);
  }

  /** Path of Mosquitto; '' looks for it. */
  get mosquittoPath(): string {
    return this.text('broker.mosquittoPath').trim();
  }

  /** How long the embedded broker goes on without its window, minutes. */
  get brokerOutliveMinutes(): number {
    return this.whole('broker.outliveMinutes', 0, 1440, 0);
  }

  /** Where the broker listens from now on; '' is automatic. */
  async setBrokerHost(host: string): Promise<void> {
    await this.update('broker.host', host === '' ? undefined : host);
  }

  /** Which broker is used, from now on in this workspace. */
  async setBroker(
    kind: BrokerKind,
    existing?: { readonly url: string; readonly username: string },
  ): Promise<void> {
    if (existing) {
      await this.update('broker.url', existing.url);
      await this.update('broker.username', existing.username || undefined);
    }
    await this.update('broker.kind', kind);
  }

  /** Bits per second. */
  get flashBaudRate(): number {
    return this.whole('flash.baudRate', 9600, 4_000_000, 460_800);
  }

  /** Address of the download pages, https. */
  get firmwareIndex(): string {
    return this.text('firmware.index').trim() || 'https://micropython.org/download/';
  }

  /** Address of a package index, https. */
  get mipIndex(): string {
    return this.text('mip.index').trim() || PACKAGE_INDEX;
  }

  /** The host of a package index that the user has chosen; '' where it is the usual one. */
  get mipHost(): string {
    const index = this.mipIndex;
    return index === PACKAGE_INDEX || !URL.canParse(index) ? '' : new URL(index).hostname;
  }

  /** Files are compiled on their way to a board. */
  get compileMpy(): boolean {
    return this.config.get<unknown>('mpy.compile') === true;
  }

  /** Path of mpy-cross; '' looks for it on the PATH. */
  get mpyCrossPath(): string {
    return this.text('mpy.crossPath').trim();
  }

  /** Bits per second. */
  get replBaudRate(): number {
    return this.whole('repl.baudRate', 300, 4_000_000, 115_200);
  }

  /** Rate to try while files are carried, bits per second. */
  get filesBaudRate(): number {
    return this.whole('files.baudRate', 300, 4_000_000, 460_800);
  }

  /** The one network that virtual boards can see. */
  get virtualSsid(): string {
    return this.text('virtual.ssid') || 'Parley';
  }

  /** Percent of a core that a virtual board's program may use for long. */
  get virtualShare(): number {
    return this.whole('virtual.share', 1, 100, 50);
  }

  /** Whether other programs may watch a virtual board that one has open. */
  get virtualWatchers(): boolean {
    return this.config.get<unknown>('virtual.watchers') === true;
  }

  get startOnOpen(): boolean {
    return this.config.get<unknown>('conversation.startOnOpen') === true;
  }

  /** Name of the user property in which a message says who said it; '' for none. */
  get senderProperty(): string {
    return this.text('conversation.senderProperty').trim();
  }

  /** Topic filters on which only the board of that name speaks. */
  get topicRoles(): Readonly<Record<string, readonly string[]>> {
    return parseRoles(this.config.get<unknown>('conversation.topicRoles'));
  }

  /** Messages to be said again; what is none is left out. */
  get templates(): readonly Template[] {
    const all = this.config.get<unknown>('conversation.templates');
    return (Array.isArray(all) ? all : []).flatMap((value: unknown) => {
      const draft = parseDraft(value);
      const name = draft && (value as { name?: unknown }).name;
      return draft && typeof name === 'string' && name !== '' ? [{ name, ...draft }] : [];
    });
  }

  async setTemplates(templates: readonly Template[]): Promise<void> {
    await this.update('conversation.templates', templates.length > 0 ? templates : undefined);
  }

  /** Topics that answer others, by the topic that asks. */
  get replies(): Readonly<Record<string, string>> {
    const value = this.config.get<unknown>('conversation.replies');
    if (typeof value !== 'object' || value === null) return {};
    const pairs = Object.entries(value).filter(([, answer]) => typeof answer === 'string');
    return Object.fromEntries(pairs) as Record<string, string>;
  }

  /** What was said is there again after a reload. */
  get conversationOnDisk(): boolean {
    return this.config.get<unknown>('conversation.keepOverReload') !== false;
  }

  /** How many lines the conversation keeps. */
  get conversationMessages(): number {
    return this.whole('conversation.messages', 1000, 2_000_000, 100_000);
  }

  /** How much of what was said is kept, MiB. */
  get conversationMegabytes(): number {
    return this.whole('conversation.megabytes', 1, 1024, 64);
  }

  /** Calls `listener` when a setting of `section` changed. */
  onDidChange(section: string, listener: () => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(section)) listener();
    });
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
