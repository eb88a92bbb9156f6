/**
 * Which boards this window has beside the plugged-in ones: virtual and network boards named in
 * the settings. Follows the settings when someone edits them by hand.
 * Below: board, port. Above: the add and remove commands.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import type { BoardRegistry } from '../board/registry';
import {
  VirtualBoards,
  type NewVirtualBoard,
  type VirtualChip,
  type VirtualNetwork,
} from '../board/virtualBoards';
import { VirtualRoster } from '../board/virtualRoster';
import { BoardError } from '../core/errors';
import { DisposableStore, Emitter, type Disposable, type Event } from '../core/event';
import type { Log } from '../core/log';
import type { Rfc2217Provider } from '../port/rfc2217';
import type { Settings } from './settings';
import { t } from '../core/words';

/** Where the network of each virtual board is kept. */
export interface AirStore {
  get(name: string): Promise<VirtualNetwork | undefined>;
  set(name: string, network: VirtualNetwork | undefined): Promise<void>;
}

export class BoardSources implements Disposable {
  private readonly disposables = new DisposableStore();
  private readonly network = new Set<string>();
  private readonly virtual: VirtualRoster<Board, NewVirtualBoard>;
  private readonly synced = new Emitter<void>();
  /** Fires after each {@link sync}: what the settings name runs, or has said why not. */
  readonly onDidSync: Event<void> = this.synced.event;
  private settle: () => void = () => undefined;
  /** Resolves when the first {@link sync} is through: only then "no boards" is the truth. */
  readonly settled = new Promise<void>((resolve) => (this.settle = resolve));

  constructor(
    private readonly settings: Settings,
    private readonly registry: BoardRegistry,
    private readonly virtualBoards: VirtualBoards,
    private readonly provider: Rfc2217Provider,
    private readonly log: Log,
    /** The network that each board can see is a secret of this window's workspace. */
    private readonly airs: AirStore,
  ) {
    this.virtual = new VirtualRoster({
      // Code runs only in trusted workspaces.
      read: () => (vscode.workspace.isTrusted ? settings.virtualBoards : []),
      write: (names) => settings.setVirtualBoards(names),
      start: async (name, as) => {
        if (!virtualBoards.air(name)) virtualBoards.setAir(name, await airs.get(name));
        return virtualBoards.start(name, as);
      },
      end: async (name) => {
        await virtualBoards.stop(name);
        registry.forget(VirtualBoards.idOf(name));
      },
      remove: async (name) => {
        await virtualBoards.remove(name);
        await airs.set(name, undefined);
      },
      log,
    });
    this.disposables.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        const ours = ['parley.virtualBoards', 'parley.networkBoards'];
        if (ours.some((name) => event.affectsConfiguration(name))) void this.sync();
        if (event.affectsConfiguration('parley.virtual.share')) virtualBoards.shareAgain();
        if (event.affectsConfiguration('parley.virtual.watchers')) virtualBoards.watchersAgain();
      }),
    );
  }

  /** The name under which `board` was added, if it is a virtual one. */
  static virtualName(board: Board): string {
    return board.id.slice(VirtualBoards.idOf('').length);
  }

  /** Starts what the settings name and ends what they do not; what cannot start is logged. */
  async sync(): Promise<void> {
    this.syncNetwork();
    await this.virtual.sync();
    await this.registry.refresh();
    this.settle();
    this.synced.fire();
  }

  /** @throws BoardError virtual-failed; the ones before it are added. */
  async addVirtual(names: readonly string[], chip?: VirtualChip): Promise<Board[]> {
    if (!vscode.workspace.isTrusted) {
      const details = { board: names[0], why: t('this workspace is not trusted') };
      throw new BoardError('virtual-failed', 'the workspace is not trusted', { details });
    }
    const boards: Board[] = [];
    for (const name of names) boards.push(await this.virtual.add(name, chip && { chip }));
    return boards;
  }

  /** Ends the board and throws its flash away. */
  removeVirtual(board: Board): Promise<void> {
    return this.virtual.remove(BoardSources.virtualName(board));
  }

  /**
   * A board of that name with the same flash (firmware and files), the same things around it and the
   * same network. It has an address of its own.
   * @throws BoardError virtual-failed
   */
  async duplicateVirtual(board: Board, name: string): Promise<Board> {
    const like = BoardSources.virtualName(board);
    // Its flash is whole on the disk only when its process has ended.
    await this.virtualBoards.stop(like);
    try {
      await this.airs.set(name, await this.airs.get(like));
      return await this.virtual.add(name, { like });
    } finally {
      await this.virtualBoards.start(like);
    }
  }

  /** Gives a virtual board a network of its own; undefined: the one of all. */
  async setAir(board: Board, network: VirtualNetwork | undefined): Promise<void> {
    const name = BoardSources.virtualName(board);
    await this.airs.set(name, network);
    this.virtualBoards.setAir(name, network);
  }

  /** As unplugging it and plugging it in again. */
  async restartVirtual(board: Board): Promise<void> {
    const name = BoardSources.virtualName(board);
    await this.virtualBoards.stop(name);
    await this.virtualBoards.start(name);
  }

  /** @throws BoardError port-not-found when the address cannot be one */
  async addNetwork(url: string): Promise<Board | undefined> {
    const info = this.provider.add(url);
    this.network.add(info.address);
    const full = `rfc2217://${info.address}`;
    await this.settings.setNetworkBoards([...this.settings.networkBoards, full]);
    await this.registry.refresh();
    return this.registry.boards.find((board) => board.where?.address === info.address);
  }

  async removeNetwork(board: Board): Promise<void> {
    const address = board.where?.address ?? board.id.replace(/^rfc2217:/, '');
    this.provider.remove(address);
    this.network.delete(address);
    const rest = this.settings.networkBoards.filter((url) => !url.endsWith(`//${address}`));
    await this.settings.setNetworkBoards(rest);
    await this.registry.refresh();
    this.registry.forget(board.id);
  }

  dispose(): void {
    this.disposables.dispose();
    this.synced.dispose();
  }

  private syncNetwork(): void {
    const wanted = new Set<string>();
    for (const url of this.settings.networkBoards) {
      try {
        wanted.add(this.provider.add(url).address);
      } catch (error) {
        this.log.warn(`parley.networkBoards: ${String(error)}`);
      }
    }
    for (const address of this.network) if (!wanted.has(address)) this.provider.remove(address);
    this.network.clear();
    for (const address of wanted) this.network.add(address);
  }
}
