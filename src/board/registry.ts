/**
 * Every board Parley knows, plugged in or not; the one place that lists and opens ports.
 * Below: port providers, Board. Above: the tree, the commands and the terminal ask it.
 */
import { DisposableStore, Emitter, type Disposable, type Event } from '../core/event';
import { isBoardColour, type BoardColour } from '../core/colours';
import { BoardError } from '../core/errors';
import { silentLog, type Log } from '../core/log';
import type { Clock } from '../core/clock';
import type { OperationTimes } from '../core/operationTimes';
import type { Port, PortInfo, PortProvider } from '../port/port';
import { Board, type BoardIdentity, type BoardRates } from './board';
import type { Leases } from './leases';
import { hardwareOf, type BoardFacts, type HardwareFacts } from './facts';
import { StoredRates } from './rateMemory';

/** Where facts and names of boards are kept between sessions (`vscode.Memento` fits). */
const byNumber = new Intl.Collator(undefined, { numeric: true });

export interface Store {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** What a person gave it. */
interface Given {
  readonly name?: string;
  readonly colour?: BoardColour;
}

/** By the board's id: who was last seen there, and what it ran. */
interface Remembered extends BoardFacts, Given {}

/** By MAC address: what never changes, and what a person gave it, whatever port it is on. */
interface Seen extends HardwareFacts, Given {}

const KEY = 'boards';
const SEEN = 'seenBoards';

/** Serial numbers that bridges ship with from the factory: many boards share them. */
const SHARED_SERIALS = new Set(['0001', '0', '00000000', '123456']);

export interface RegistryOptions {
  readonly providers: readonly PortProvider[];
  readonly store: Store;
  readonly rates: () => BoardRates;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly times?: OperationTimes;
  /** Who has which port, told to other windows and the command line. */
  readonly leases?: Leases;
}

export class BoardRegistry implements Disposable {
  private readonly known = new Map<string, Board>();
  private readonly listed = new Set<string>();
  private readonly disposables = new DisposableStore();
  private readonly changed = this.disposables.add(new Emitter<void>());
  private readonly rateMemory: StoredRates;
  private readonly fileRates: StoredRates;
  private refreshing: Promise<void> | undefined;
  /** Fires when a board comes, goes, or changes. */
  readonly onDidChange: Event<void> = this.changed.event;

  private readonly troubled = this.disposables.add(
    new Emitter<{ board: Board; error: BoardError }>(),
  );
  /** Fires when a board prints that something is wrong with it (a brown-out). */
  readonly onTrouble: Event<{ board: Board; error: BoardError }> = this.troubled.event;

  constructor(private readonly options: RegistryOptions) {
    this.rateMemory = new StoredRates(options.store, 'flashRates');
    this.fileRates = new StoredRates(options.store, 'fileRates');
    for (const provider of options.providers) {
      this.disposables.add(provider.onDidChange(() => void this.refresh()));
    }
  }

  /** Virtual boards first, then by name: pupil2 before pupil10. */
  get boards(): readonly Board[] {
    return [...this.known.values()].sort(
      (a, b) => Number(b.virtual) - Number(a.virtual) || byNumber.compare(a.name, b.name),
    );
  }

  find(id: string): Board | undefined {
    return this.known.get(id);
  }

  /** The board whose MAC (or MicroPython unique id) is `hex`, with or without colons. */
  findByUniqueId(hex: string): Board | undefined {
    const wanted = plainHex(hex);
    return this.boards.find((board) => plainHex(board.facts.mac ?? '') === wanted);
  }

  /** Asks every provider for its ports and plugs and unplugs boards accordingly. */
  refresh(): Promise<void> {
    this.refreshing ??= this.list().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  /** A board that no provider lists (a virtual one) is there, at `info`. */
  plug(identity: BoardIdentity, info: PortInfo, facts: BoardFacts = {}): Board {
    let board = this.known.get(identity.id);
    if (!board) {
      board = this.create(identity);
      this.known.set(identity.id, board);
    }
    board.learn(facts);
    board.plug(info);
    this.changed.fire();
    return board;
  }

  /** The board is not there now; what is known of it stays. */
  unplug(id: string): void {
    this.known.get(id)?.plug(undefined);
    this.changed.fire();
  }

  /** Forgets the board altogether. */
  forget(id: string): void {
    const board = this.known.get(id);
    if (!board) return;
    this.known.delete(id);
    this.listed.delete(id);
    board.dispose();
    this.changed.fire();
  }

  /** Closes every port and waits for it. */
  async close(): Promise<void> {
    await Promise.all(this.boards.map((board) => board.close()));
  }

  dispose(): void {
    for (const board of this.known.values()) board.dispose();
    this.known.clear();
    this.disposables.dispose();
  }

  private async list(): Promise<void> {
    const ports: PortInfo[] = [];
    for (const provider of this.options.providers) {
      try {
        ports.push(...(await provider.list()));
      } catch (error) {
        this.options.log?.warn(`listing ${provider.scheme} ports: ${String(error)}`);
      }
    }
    const ids = identify(ports);
    for (const id of [...this.listed]) {
      if (ids.has(id)) continue;
      this.listed.delete(id);
      // A board with a remembered fact stays in the tree as unplugged; an unknown one goes.
      if (Object.keys(this.known.get(id)?.facts ?? {}).length > 0) this.unplug(id);
      else this.forget(id);
    }
    for (const [id, info] of ids) {
      this.listed.add(id);
      this.plug({ id, name: info.label, virtual: false }, info);
    }
    this.changed.fire();
  }

  private create(identity: BoardIdentity): Board {
    const { log = silentLog, clock, rates, times, leases } = this.options;
    const remembered = this.entries<Remembered>(KEY)[identity.id];
    const { name: seenName, colour: seenColour, ...hardware } = this.seen(remembered?.mac);
    const name = remembered?.name ?? seenName ?? identity.name;
    const board = new Board(
      { ...identity, name },
      {
        open: (info, baudRate) => {
          const open = (): Promise<Port> => this.provider(info).open(info, { baudRate });
          return leases ? leases.opening(info.address, open) : open();
        },
        rates,
        rateMemory: this.rateMemory,
        fileRates: this.fileRates,
        log,
        ...(clock ? { clock } : {}),
        ...(times ? { times } : {}),
      },
    );
    if (remembered) {
      const { name: _name, colour: _colour, ...facts } = remembered;
      board.learn({ ...hardware, ...facts });
    }
    const colour = remembered?.colour ?? seenColour;
    // A store holds what another version wrote.
    if (isBoardColour(colour)) board.paint(colour);
    board.onTrouble((error) => this.troubled.fire({ board, error }));
    let mac = board.facts.mac;
    board.onDidChange(() => {
      const before = mac;
      mac = board.facts.mac;
      if (mac !== undefined && mac !== before) this.recognise(board, identity.name, before);
      this.remember(board, identity.name);
      this.changed.fire();
    });
    return board;
  }

  /**
   * A MAC address was learned: what was known of that board, its name too, is known again. A row
   * it left behind on another port goes.
   */
  private recognise(board: Board, givenName: string, before: string | undefined): void {
    const { name, colour, ...hardware } = this.seen(board.facts.mac);
    board.learn({ ...hardware, ...board.facts });
    if (board.virtual) return;
    const all = this.entries<Remembered>(KEY);
    const left = Object.keys(all).filter((id) => {
      const there = this.known.get(id);
      if (id === board.id || there?.virtual || (there && there.status !== 'unplugged'))
        return false;
      return all[id]?.mac === board.facts.mac && !id.startsWith('virtual:');
    });
    for (const id of left) this.forget(id);
    const rest = Object.entries(all).filter(([id]) => !left.includes(id));
    if (left.length > 0) void this.options.store.update(KEY, Object.fromEntries(rest));
    if (before !== undefined || board.colour === undefined) {
      board.paint(isBoardColour(colour) ? colour : undefined);
    }
    // A name that was given to this port stays, unless the port has another board now.
    if (board.name !== givenName && before === undefined) return;
    const known = name ?? givenName;
    if (known !== board.name) board.rename(known);
  }

  private provider(info: PortInfo): PortProvider {
    const provider = this.options.providers.find((p) => p.scheme === info.scheme);
    if (!provider) {
      throw new BoardError('port-not-found', `nothing here opens ${info.scheme} ports`);
    }
    return provider;
  }

  private entries<T>(key: string): Readonly<Record<string, T>> {
    return this.options.store.get<Record<string, T>>(key) ?? {};
  }

  private seen(mac: string | undefined): Seen {
    return (mac !== undefined && this.entries<Seen>(SEEN)[mac]) || {};
  }

  private remember(board: Board, givenName: string): void {
    const name = board.name !== givenName ? { name: board.name } : {};
    const colour = board.colour === undefined ? {} : { colour: board.colour };
    this.keep<Remembered>(KEY, board.id, { ...board.facts, ...name, ...colour });
    const { mac } = board.facts;
    // A virtual board's name is its identity: no other port takes it over.
    if (mac)
      this.keep<Seen>(SEEN, mac, {
        ...hardwareOf(board.facts),
        ...(board.virtual ? {} : { ...name, ...colour }),
      });
  }

  private keep<T extends object>(key: string, id: string, entry: T): void {
    const all = this.entries<T>(key);
    if (JSON.stringify(all[id] ?? {}) === JSON.stringify(entry)) return;
    void this.options.store.update(key, { ...all, [id]: entry });
  }
}

/** A stable id for each port: by USB serial number where it is the board's own, else by address. */
export function identify(ports: readonly PortInfo[]): Map<string, PortInfo> {
  const usbId = (port: PortInfo): string | undefined => {
    const serial = port.usb?.serialNumber;
    if (!port.usb || !serial || SHARED_SERIALS.has(serial)) return undefined;
    const hex = (n: number): string => n.toString(16).padStart(4, '0');
    return `usb:${hex(port.usb.vendorId)}:${hex(port.usb.productId)}:${serial}`;
  };
  const count = new Map<string, number>();
  for (const port of ports) {
    const id = usbId(port);
    if (id) count.set(id, (count.get(id) ?? 0) + 1);
  }
  const result = new Map<string, PortInfo>();
  for (const port of ports) {
    const id = usbId(port);
    result.set(id && count.get(id) === 1 ? id : `${port.scheme}:${port.address}`, port);
  }
  return result;
}

function plainHex(text: string): string {
  return text.replace(/[^0-9a-fA-F]/g, '').toLowerCase();
}
