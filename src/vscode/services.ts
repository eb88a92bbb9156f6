/**
 * The objects of one window, made once and handed to every command.
 * Below: board, broker, port, and the rest of this folder. Above: extension.ts.
 */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { Leases } from '../board/leases';
import { BoardRegistry } from '../board/registry';
import { VirtualBoards } from '../board/virtualBoards';
import { lanAddresses } from '../broker/addresses';
import { createHistoryStore, type HistoryStore } from '../conversation/historyStore';
import { systemClock } from '../core/clock';
import type { DisposableStore } from '../core/event';
import { OperationTimes } from '../core/operationTimes';
import { t } from '../core/words';
import { FirmwareStore } from '../esp/firmwareStore';
import { Rfc2217Provider } from '../port/rfc2217';
import { portLine } from '../port/port';
import { SerialProvider } from '../port/serial';
import { Activity } from './activity';
import { BoardFolders } from './boardFileSystem';
import { BoardSources } from './boardSources';
import { BrokerControl } from './brokerControl';
import { BrokerKinds } from './brokerKinds';
import { BrokerTls } from './brokerTls';
import { BrokerReach } from './brokerReach';
import { BrokerNews } from './brokerNews';
import { ConversationFeed } from './conversationFeed';
import { RecentLines } from './issueReport';
import { createOutput } from './output';
import { Plots } from './plotPanel';
import { Programs } from './programs';
import { Recordings } from './recordings';
import { ReplTerminals } from './replTerminal';
import { Secrets } from './secrets';
import { Settings } from './settings';
import { Unasked } from './unasked';
import { VirtualPanels } from './virtualPanel';

export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  /** Writes to `log` and keeps the last lines for an issue report. */
  readonly recent: RecentLines;
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly registry: BoardRegistry;
  /** Starts and ends virtual boards' processes. */
  readonly virtual: VirtualBoards;
  /** Which virtual and network boards this window has. */
  readonly sources: BoardSources;
  /** The files of each board. */
  readonly folders: BoardFolders;
  /** Firmware from the network, kept for all windows. */
  readonly firmware: FirmwareStore;
  readonly broker: BrokerControl;
  readonly brokerNews: BrokerNews;
  readonly feed: ConversationFeed;
  /** What was said, on the disk. */
  readonly history: HistoryStore;
  /** The recording that is being made. */
  readonly recordings: Recordings;
  readonly terminals: ReplTerminals;
  /** What boards print as numbers, drawn. */
  readonly plots: Plots;
  /** What stands around each virtual board. */
  readonly virtualPanels: VirtualPanels;
  readonly programs: Programs;
  /** Boards that need not be asked about before an erase or a flash. */
  readonly unasked: Unasked;
  /** A line for each serial port of this computer. */
  ports(): Promise<string[]>;
  /** Who has which port, among all windows and the command line. */
  readonly leases: Leases;
  /** The last operations on boards, for Collect Diagnostics. */
  readonly times: OperationTimes;
  /** How far each busy board is. */
  readonly activity: Activity;
}

/** Makes them all; everything that must end is in `owned`. Opens, starts and reads nothing yet. */
export function createServices(context: vscode.ExtensionContext, owned: DisposableStore): Services {
  const log = owned.add(createOutput());
  const recent = new RecentLines(log);
  const times = new OperationTimes(systemClock);
  const name = vscode.workspace.name;
  const leases = owned.add(
    new Leases({ who: name ? t('the window “{name}”', { name }) : t('a window without a folder') }),
  );
  const settings = new Settings(context.globalState);
  const secrets = new Secrets(context.secrets);
  const network = owned.add(new Rfc2217Provider());
  const serial = owned.add(new SerialProvider());
  const registry = owned.add(
    new BoardRegistry({
      providers: [serial, network],
      store: context.globalState,
      rates: () => ({
        repl: settings.replBaudRate,
        flash: settings.flashBaudRate,
        files: settings.filesBaudRate,
      }),
      log: recent,
      times,
      leases,
    }),
  );
  const virtual = owned.add(
    new VirtualBoards({
      program: path.join(context.extensionPath, 'dist', 'virtual', 'main.js'),
      stateFolder: path.join(
        (context.storageUri ?? context.globalStorageUri).fsPath,
        'virtual-boards',
      ),
      registry,
      networks: () => [{ ssid: settings.virtualSsid }],
      share: () => settings.virtualShare,
      watchers: () => settings.virtualWatchers,
      allowHosts: () =>
        [settings.brokerHost, settings.mipHost, ...lanAddresses().map((lan) => lan.address)].filter(
          Boolean,
        ),
      log: recent,
    }),
  );
  const folder = (context.storageUri ?? context.globalStorageUri).fsPath;
  const brokerTls = new BrokerTls(settings, secrets, folder);
  const kinds = new BrokerKinds({
    tls: brokerTls,
    settings,
    secrets,
    log: recent,
    program: path.join(context.extensionPath, 'dist', 'broker.js'),
    folder: path.join(folder, 'mosquitto'),
    workspace: folder,
  });
  const memory = context.workspaceState;
  const reach = new BrokerReach(settings, secrets, memory);
  const broker = owned.add(
    new BrokerControl(settings, registry, memory, kinds, reach, brokerTls, recent),
  );
  const brokerNews = owned.add(new BrokerNews(broker, log));
  reach.quietly = (work) => brokerNews.whileChanging(work);
  const terminals = owned.add(new ReplTerminals());
  const feed = owned.add(new ConversationFeed(broker, registry, settings));
  const history = createHistoryStore({
    folder: path.join(folder, 'conversation'),
    model: feed.model,
    clock: systemClock,
    limits: () => ({
      on: settings.conversationOnDisk,
      lines: settings.conversationMessages,
      bytes: settings.conversationMegabytes * 1024 * 1024,
    }),
  });
  owned.add(settings.onDidChange('parley.conversation', () => void history.settingsChanged()));
  return {
    context,
    log,
    recent,
    settings,
    secrets,
    registry,
    virtual,
    sources: owned.add(
      new BoardSources(settings, registry, virtual, network, recent, {
        get: (name) => secrets.virtualAir(folder, name),
        set: (name, air) => secrets.setVirtualAir(folder, name, air),
      }),
    ),
    folders: owned.add(new BoardFolders(registry)),
    firmware: new FirmwareStore({ folder: path.join(context.globalStorageUri.fsPath, 'firmware') }),
    broker,
    brokerNews,
    feed,
    history: owned.add(history),
    // Ended before the feed is: the last lines are written.
    recordings: owned.add(new Recordings(feed.model)),
    terminals,
    times,
    leases,
    ports: async () => (await serial.list()).map(portLine),
    plots: owned.add(new Plots(context.extensionUri)),
    virtualPanels: owned.add(new VirtualPanels(context.extensionUri, virtual, settings)),
    programs: owned.add(new Programs(terminals)),
    unasked: new Unasked(context.globalState),
    activity: owned.add(new Activity(recent)),
  };
}
