/**
 * The network side of a virtual board's serial port: RFC 2217, one client at a time, and watchers
 * beside it where they are allowed, who hear all and change nothing.
 * Below: telnet.ts. Above: main.ts joins it to the machine.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { BoardError } from '../core/errors';
import { Emitter } from '../core/event';
import { type ComPort, TelnetSession } from './telnet';

/**
 * A client that does not take its bytes loses what comes after this many, as on a real line nobody
 * reads.
 */
const MOST_UNSENT = 1024 * 1024;

export interface ServerOptions {
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
  /** What the board is called in the sentence that a second client reads. */
  readonly name: string;
  /** True: who comes while another has the board may watch; false: is refused. */
  readonly watchers?: boolean;
}

interface Client {
  readonly socket: Socket;
  readonly session: TelnetSession;
}

export class Rfc2217Server {
  private client: Client | undefined;
  private readonly watchers = new Set<Client>();
  private suspended = false;
  private away = false;
  private held: Uint8Array[] = [];
  private heldBytes = 0;
  private mayWatch: boolean;
  private readonly listening = new Emitter<boolean>();

  /** Fires true when a client has come, false when it has gone. */
  readonly onClient = this.listening.event;

  private constructor(
    private readonly server: Server,
    private readonly options: ServerOptions,
    private readonly port: Omit<ComPort, 'setSuspended'>,
  ) {
    this.mayWatch = options.watchers ?? false;
    server.on('connection', (socket) => this.connected(socket));
  }

  /**
   * @param port what the client's wishes act on
   * @throws BoardError 'virtual-failed' when the address cannot be listened on
   */
  static listen(
    options: ServerOptions,
    port: Omit<ComPort, 'setSuspended'>,
  ): Promise<Rfc2217Server> {
    return new Promise((resolve, reject) => {
      const server = createServer({ noDelay: true });
      const failed = (error: Error): void => {
        const where = `${options.host}:${options.port}`;
        const message = `cannot listen on ${where}: ${error.message}`;
        reject(new BoardError('virtual-failed', message, { cause: error }));
      };
      server.once('error', failed);
      server.listen(options.port, options.host, () => {
        server.off('error', failed);
        resolve(new Rfc2217Server(server, options, port));
      });
    });
  }

  /** Where it listens. */
  get address(): AddressInfo {
    return this.server.address() as AddressInfo;
  }

  /** Bytes of the board for the client and who watches; without one they are gone. */
  write(bytes: Uint8Array): void {
    for (const watcher of this.watchers) push(watcher, bytes);
    if (!this.client) return;
    if (!this.suspended) return push(this.client, bytes);
    if (this.heldBytes + bytes.length > MOST_UNSENT) return;
    this.held.push(bytes);
    this.heldBytes += bytes.length;
  }

  /**
   * The board is unplugged or back. While it is away the client is put off, and one that comes is too,
   * as servers of serial ports do when their device is gone.
   */
  setAway(away: boolean): void {
    this.away = away;
    if (away) this.dropAll();
  }

  /** Whether others may watch from now on; who watches where it is no longer allowed is put off. */
  setWatchers(allowed: boolean): void {
    this.mayWatch = allowed;
    if (!allowed) for (const { socket } of this.watchers) socket.destroy();
  }

  async close(): Promise<void> {
    this.dropAll();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.listening.dispose();
  }

  private dropAll(): void {
    for (const { socket } of [this.client, ...this.watchers].flatMap((one) => one ?? []))
      socket.destroy();
  }

  private connected(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.away) return void socket.destroy();
    if (this.client) {
      const said = `Parley's virtual board ${this.options.name} is in use by another client`;
      if (!this.mayWatch) return void socket.end(`${said}.\r\n`);
      return this.watch(
        socket,
        `${said}: you see what it says, and nothing you send has an effect.\r\n`,
      );
    }
    socket.setKeepAlive(true, 10_000);
    const port: ComPort = {
      ...this.port,
      setSuspended: (suspended) => this.setSuspended(suspended),
      purge: (what) => {
        if (what.toHost) this.forgetHeld();
        this.port.purge(what);
      },
    };
    const session = new TelnetSession(
      port,
      (bytes) => void (socket.writable && socket.write(bytes)),
    );
    this.client = { socket, session };
    socket.on('data', (bytes) => session.receive(bytes));
    socket.on('close', () => {
      this.client = undefined;
      this.suspended = false;
      this.forgetHeld();
      session.end();
      this.listening.fire(false);
    });
    session.start();
    this.listening.fire(true);
  }

  /** Who watches gets all answers that the protocol wants, so that its program opens the port. */
  private watch(socket: Socket, said: string): void {
    const nothing = (): undefined => undefined;
    const { signature } = this.port;
    const session = new TelnetSession(
      {
        signature,
        baudRate: () => this.port.baudRate(),
        ...{ setBaudRate: nothing, setLines: nothing, setBreak: nothing },
        ...{ receive: nothing, purge: nothing, setSuspended: nothing },
      },
      (bytes) => void (socket.writable && socket.write(bytes)),
    );
    const watcher = { socket, session };
    this.watchers.add(watcher);
    socket.setKeepAlive(true, 10_000);
    socket.on('data', (bytes) => session.receive(bytes));
    socket.on('close', () => this.watchers.delete(watcher));
    session.start();
    push(watcher, Buffer.from(said));
  }

  private setSuspended(suspended: boolean): void {
    this.suspended = suspended;
    if (suspended || !this.client) return;
    const held = this.held;
    this.forgetHeld();
    for (const bytes of held) push(this.client, bytes);
  }

  private forgetHeld(): void {
    this.held = [];
    this.heldBytes = 0;
  }
}

function push({ socket, session }: Client, bytes: Uint8Array): void {
  if (socket.writableLength > MOST_UNSENT) return;
  socket.write(session.encode(bytes));
}
