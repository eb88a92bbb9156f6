/**
 * What one run of the command line has open: the ports, the boards, virtual boards it started.
 * Below: board, port. Above: commands/*.ts, converse.ts. Everything is ended by `close`.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as path from 'node:path';
import type { Board } from '../board/board';
import { Leases } from '../board/leases';
import { BoardRegistry, type Store } from '../board/registry';
import { VirtualBoards, type VirtualChip, type VirtualNetwork } from '../board/virtualBoards';
import type { Disposable } from '../core/event';
import type { Firmware } from '../operations/flash';
import type { PortInfo } from '../port/port';
import { Rfc2217Provider } from '../port/rfc2217';
import { SerialProvider } from '../port/serial';
import { Journal } from './journal';
import { UsageError } from './usage';
import { t } from '../core/words';

export interface SessionOptions {
  /** The folder with dist/. */
  readonly root: string;
  /** The prompt's rate, baud. */
  readonly baudRate?: number;
  /** The loader's rate, baud. */
  readonly flashBaudRate?: number;
  /** Rate to try while files are carried, baud. */
  readonly filesBaudRate?: number;
  /** Where virtual boards keep their flash; `~/.parley/virtual` where nothing is said. */
  readonly state?: string;
  /** Virtual boards move bytes as fast as they can, not at the line's rate. */
  readonly unpaced?: boolean;
  readonly networks?: readonly VirtualNetwork[];
  /** Percent of a core that a virtual board's program may use for long. */
  readonly share?: number;
  /** A second client may watch a virtual board. */
  readonly watchers?: boolean;
  /** Another window that has the port is asked for it, and waited for so long, ms. */
  readonly askFor?: number;
}

const VIRTUAL = 'virtual:';

export class Session implements Disposable {
  readonly registry: BoardRegistry;
  readonly virtual: VirtualBoards;
  /** What this run did, for `parley diagnostics` in a later one. */
  readonly journal = new Journal();
  /** Who has which port, among all windows and runs of the command line. */
  readonly leases: Leases;
  private readonly serial = new SerialProvider();
  private readonly network = new Rfc2217Provider();

  constructor(private readonly options: SessionOptions) {
    const { askFor } = options;
    this.leases = new Leases({
      who: t('parley on the command line'),
      ...(askFor ? { askFor } : {}),
    });
    this.registry = new BoardRegistry({
      providers: [this.serial, this.network],
      store: forgetfulStore(),
      rates: () => ({
        repl: options.baudRate ?? 115_200,
        flash: options.flashBaudRate ?? 460_800,
        files: options.filesBaudRate ?? 460_800,
      }),
      log: this.journal,
      times: this.journal.times,
      leases: this.leases,
    });
    this.virtual = new VirtualBoards({
      program: path.join(options.root, 'dist', 'virtual', 'main.js'),
      stateFolder: this.stateFolder,
      registry: this.registry,
      networks: () => options.networks ?? [{ ssid: 'Parley' }],
      ...(options.share === undefined ? {} : { share: () => options.share! }),
      arguments: [
        ...(options.unpaced ? ['--unpaced'] : []),
        ...(options.watchers ? ['--watchers'] : []),
      ],
      log: this.journal,
    });
  }

  /** The built-in firmware of virtual boards with the chip of `board`. */
  virtualImage(board: Board): string {
    const name = VirtualBoards.imageName(board.facts.chip);
    return path.join(this.options.root, 'dist', 'firmware', name);
  }

  /** Every serial port of this computer. */
  ports(): Promise<PortInfo[]> {
    return this.serial.list();
  }

  /**
   * The board meant by a word of the command line: a port's path (`/dev/ttyUSB0`, `COM3`),
   * `rfc2217://host:port`, or `virtual:NAME`, which is started. Without one, the only port there is.
   * @throws BoardError virtual-failed; UsageError where there is none, or more than one
   */
  async board(word?: string): Promise<Board> {
    if (word?.startsWith(VIRTUAL)) return this.startVirtual(word.slice(VIRTUAL.length));
    if (word?.includes('://')) {
      const info = this.network.add(word);
      return this.registry.plug({ id: info.address, name: info.label, virtual: false }, info);
    }
    await this.registry.refresh();
    const plugged = this.registry.boards.filter(({ where }) => where?.scheme === 'serial');
    if (word === undefined) return onlyOne(plugged);
    // A link such as /dev/serial/by-id/… is no name of the list, but opens as well.
    const info: PortInfo = { scheme: 'serial', address: word, label: word };
    return (
      plugged.find(({ where }) => where?.address === word) ??
      this.registry.plug({ id: word, name: word, virtual: false }, info)
    );
  }

  /** The same, read. */
  async virtualFirmware(board: Board): Promise<Firmware> {
    const image = this.virtualImage(board);
    return { name: path.basename(image), bytes: await readFile(image) };
  }

  /** Starts a virtual board; its flash is as it was left. @throws BoardError virtual-failed */
  async startVirtual(name: string, chip?: VirtualChip): Promise<Board> {
    await mkdir(this.stateFolder, { recursive: true });
    return this.virtual.start(name, chip && { chip });
  }

  async close(): Promise<void> {
    await this.registry.close();
    await this.virtual.stopAll();
    await this.journal.keep(this.stateFolder);
    this.dispose();
  }

  dispose(): void {
    this.registry.dispose();
    this.leases.dispose();
    this.serial.dispose();
    this.network.dispose();
  }

  /** Where virtual boards keep their flash, and the journal stands beside them. */
  get stateFolder(): string {
    return this.options.state ?? path.join(homedir(), '.parley', 'virtual');
  }
}

function onlyOne(boards: readonly Board[]): Board {
  const [only, second] = boards;
  if (only && !second) return only;
  const ports = boards.map(({ where }) => where?.address).join(', ');
  throw new UsageError(
    boards.length === 0
      ? t('No board is plugged in. Plug one in, or name one: virtual:NAME needs no hardware.')
      : t('Which board? Name one of {ports}.', { ports }),
  );
}

/** A store for one run: nothing is kept. */
function forgetfulStore(): Store {
  const values = new Map<string, unknown>();
  return {
    get: <T>(key: string) => values.get(key) as T | undefined,
    update: async (key, value) => void values.set(key, value),
  };
}
