/**
 * One virtual board of the fault matrix: its process, the channel on which trouble is ordered, and a
 * gate in front of its port that counts what passes. Below: dist/virtual/main.js. Above: cells.ts.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Board } from '../../src/board/board';
import { Rfc2217Provider } from '../../src/port/rfc2217';
import { addressOf } from '../integration/support';

const program = process.env['PARLEY_VIRTUAL_MAIN'] ?? 'dist/virtual/main.js';

/** Called with how many bytes have gone either way since {@link Gate.reset}. */
type Watch = (bytes: number) => void;

/**
 * A TCP hop between a client and the board: what goes through is counted, so that trouble comes at
 * the same place each time; it can also take up noise and hold everything back.
 */
export class Gate {
  bytes = 0;
  /** How long each packet is kept, ms. */
  slow = 0;
  /** True: what is sent is taken and goes nowhere, as with a peer that is gone without a word. */
  deaf = false;
  private watch: Watch | undefined;
  private readonly pairs = new Set<{ client: Socket; board: Socket }>();

  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  static open(target: () => string): Promise<Gate> {
    return new Promise((resolve) => {
      const server = createServer({ noDelay: true });
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number };
        const gate = new Gate(server, `127.0.0.1:${port}`);
        server.on('connection', (client) => gate.join(client, target()));
        resolve(gate);
      });
    });
  }

  /** Counts from zero; `watch` is told of every packet until the next call. */
  reset(watch?: Watch): void {
    this.bytes = 0;
    this.watch = watch;
  }

  /** Bytes that the board has not said. */
  babble(bytes: Uint8Array): void {
    for (const { client } of this.pairs) if (client.writable) client.write(bytes);
  }

  /** Ends every connection without a word to either side, as a network that goes away does. */
  cut(): void {
    for (const { client, board } of this.pairs) {
      client.resetAndDestroy();
      board.resetAndDestroy();
    }
  }

  /** Open connections of clients. */
  get clients(): number {
    return this.pairs.size;
  }

  async close(): Promise<void> {
    for (const { client, board } of this.pairs) {
      client.destroy();
      board.destroy();
    }
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, address: string): void {
    const [host = '', port = ''] = address.split(':');
    const board = connect({ host, port: Number(port), noDelay: true });
    const pair = { client, board };
    this.pairs.add(pair);
    const through = (from: Socket, to: Socket): void => {
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.end();
        this.pairs.delete(pair);
      });
      from.on('data', (bytes: Buffer) => {
        if (this.deaf) return;
        if (this.slow > 0) setTimeout(() => to.writable && to.write(bytes), this.slow);
        else to.write(bytes);
        this.bytes += bytes.length;
        this.watch?.(this.bytes);
      });
    };
    through(client, board);
    through(board, client);
  }
}

export interface Rates {
  repl: number;
  flash: number;
}

export class FaultBoard {
  readonly rates: Rates = { repl: 115_200, flash: 460_800 };
  readonly provider = new Rfc2217Provider();
  board!: Board;
  gate!: Gate;
  private child: ChildProcess | undefined;
  private direct = '';
  state = '';

  /** @param template a state folder that this one begins as a copy of; undefined is a blank board */
  constructor(private readonly template: string | undefined) {}

  async start(): Promise<void> {
    this.gate ??= await Gate.open(() => this.direct);
    await this.powerOn(true);
    this.newBoard();
  }

  /** Its process again, as it was at first or with the flash it has now. */
  async powerOn(fresh: boolean): Promise<void> {
    await this.kill();
    if (fresh) {
      if (this.state) await rm(this.state, { recursive: true, force: true });
      this.state = await mkdtemp(join(tmpdir(), 'parley-faults-'));
      if (this.template) await cp(this.template, this.state, { recursive: true });
    }
    const args = [program, '--name', 'faulty', '--state', this.state, '--unpaced'];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child = child;
    this.direct = await addressOf(child);
  }

  /** The board as a window that has just been opened knows it. */
  newBoard(): void {
    this.board?.dispose();
    this.board = new Board(
      { id: 'virtual:machine1', name: 'machine1', virtual: true },
      {
        open: (info) => this.provider.open(info, { baudRate: this.rates.repl }),
        rates: () => this.rates,
      },
    );
    const { address } = this.gate;
    this.board.plug({ scheme: 'rfc2217', address, label: 'machine1' });
  }

  /** Its own port, past the gate. */
  get address(): string {
    return this.direct;
  }

  get alive(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  command(command: object): void {
    this.child?.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  async stop(): Promise<void> {
    this.board?.dispose();
    await this.kill();
    await this.gate?.close();
    this.provider.dispose();
    await rm(this.state, { recursive: true, force: true });
  }

  /** Ends the process so that its flash is written. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await exit;
  }
}
