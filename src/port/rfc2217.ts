/**
 * Ports at the other end of a network (RFC 2217): another computer's board, a board behind ser2net
 * or esptool's server, or a virtual board. Below: comPort.ts, telnet.ts, node:net. Above: board.
 */
import { createConnection, type Socket } from 'node:net';
import { systemClock, type Clock } from '../core/clock';
import { BoardError, isBoardError } from '../core/errors';
import { Emitter } from '../core/event';
import { ComPortClient } from './comPort';
import type { ControlSignals, OpenOptions, Port, PortInfo, PortProvider } from './port';
import { t } from '../core/words';

/** How long a server may take to accept the connection, ms. */
const CONNECT_MS = 5000;
/** How long it may take to agree on options, ms: a busy computer starts a virtual board slowly. */
const NEGOTIATE_MS = 8000;
/** How long a closing connection may linger, ms; cut off, the next one would find the port busy. */
const LINGER_MS = 2000;
/** Silence after which the system starts to ask whether the other end is still there, ms. */
const KEEP_ALIVE_MS = 10_000;

/** Node's codes for an address where nobody is; all become port-not-found. */
const NOBODY_THERE = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EADDRNOTAVAIL',
];

/** What servers say before they hang up on a second client (ser2net: "Port already in use"). */
const BUSY_WORDS = /\b(in use|busy|already|another client)\b/i;

export interface HostPort {
  readonly host: string;
  /** TCP port, 1 to 65535. */
  readonly port: number;
}

/**
 * `rfc2217://host:port` taken apart. IPv6 hosts stand in brackets; a query (`?ign_set_control`, as
 * pyserial writes it) is allowed and not needed here.
 * @throws BoardError port-not-found with details { path } and a message that names the fault
 */
export function parseRfc2217Url(url: string): HostPort {
  const bad = (why: string): BoardError =>
    new BoardError('port-not-found', `"${url}" is no RFC 2217 address: ${why}`, {
      details: { path: url, reason: why },
    });
  const text = url.trim();
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text);
  if (!scheme) throw bad(t('it must start with rfc2217://'));
  if (scheme[1]?.toLowerCase() !== 'rfc2217')
    throw bad(t('"{more}" is another kind of address', { more: scheme[1] }));
  const rest = text.slice(scheme[0].length).replace(/\?.*$/, '').replace(/\/$/, '');
  const parts = /^(\[[0-9a-f:.%]+\]|[^:/[\]\s@]+):(\d+)$/i.exec(rest);
  if (!parts?.[1] || !parts[2]) {
    throw bad(
      /^[^:/\s]+$/.test(rest) ? t('the port number is missing') : t('write rfc2217://host:port'),
    );
  }
  const port = Number(parts[2]);
  if (port < 1 || port > 65535) throw bad(t('the port number must be 1 to 65535'));
  return { host: parts[1].replace(/^\[|\]$/g, ''), port };
}

/** `host:port` as a {@link PortInfo} address; IPv6 in brackets. */
export function formatAddress({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export class Rfc2217Provider implements PortProvider {
  readonly scheme = 'rfc2217';
  private readonly ports = new Map<string, PortInfo>();
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly clock: Clock = systemClock) {}

  /**
   * Makes a remote port known. Adding it again renames it.
   * @param address `host:port`, or the whole `rfc2217://host:port`
   * @throws BoardError port-not-found when the address cannot be one
   */
  add(address: string, label?: string): PortInfo {
    const info = this.infoOf(address, label);
    const before = this.ports.get(info.address);
    this.ports.set(info.address, info);
    if (before?.label !== info.label) this.changed.fire();
    return info;
  }

  /** Forgets a remote port; an open connection to it stays open. */
  remove(address: string): void {
    if (this.ports.delete(this.infoOf(address).address)) this.changed.fire();
  }

  list(): Promise<PortInfo[]> {
    return Promise.resolve([...this.ports.values()]);
  }

  /**
   * Connects and negotiates; at most 5 s + 8 s. A telnet server without COM-PORT-OPTION still gives
   * a port, whose rate and lines cannot be set (port-failed).
   * @throws BoardError port-not-found, port-busy, port-failed
   */
  async open(info: PortInfo, options: OpenOptions): Promise<Port> {
    const { host, port } = parseRfc2217Url(`rfc2217://${info.address}`);
    const socket = await connect(host, port, info.address, this.clock);
    const link = new Rfc2217Port(info, socket, options.baudRate, this.clock);
    try {
      await link.start();
      return link;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  dispose(): void {
    this.changed.dispose();
    this.ports.clear();
  }

  private infoOf(address: string, label?: string): PortInfo {
    const url = address.includes('://') ? address : `rfc2217://${address}`;
    const normal = formatAddress(parseRfc2217Url(url));
    return { scheme: 'rfc2217', address: normal, label: label ?? normal };
  }
}

/** @throws BoardError port-not-found, port-failed */
function connect(host: string, port: number, address: string, clock: Clock): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, noDelay: true });
    const details = { path: address };
    const timer = clock.after(CONNECT_MS, () => {
      socket.destroy();
      reject(new BoardError('port-not-found', `${address} does not answer`, { details }));
    });
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      timer.dispose();
      const code = NOBODY_THERE.includes(cause.code ?? '') ? 'port-not-found' : 'port-failed';
      reject(
        new BoardError(code, `${address}: ${cause.message || cause.code}`, { cause, details }),
      );
    });
    socket.once('connect', () => {
      timer.dispose();
      socket.removeAllListeners('error');
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      resolve(socket);
    });
  });
}

class Rfc2217Port implements Port {
  private readonly client: ComPortClient;
  private readonly data = new Emitter<Uint8Array>();
  private readonly closed = new Emitter<BoardError | undefined>();
  private gone: BoardError | undefined;
  private closing: Promise<void> | undefined;
  private failure: NodeJS.ErrnoException | undefined;
  /** Plain text heard before the options were agreed on: a refusal, perhaps. */
  private greeting = '';

  readonly onData = this.data.event;
  readonly onClose = this.closed.event;

  constructor(
    readonly info: PortInfo,
    private readonly socket: Socket,
    private rate: number,
    private readonly clock: Clock,
  ) {
    this.client = new ComPortClient((bytes) => void this.send(bytes), clock);
    this.client.onData((bytes) => this.data.fire(bytes));
    socket.on('data', (chunk: Buffer) => this.client.received(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.failure = error));
    socket.on('close', () => this.ended());
  }

  get baudRate(): number {
    return this.rate;
  }

  /** Negotiates, sets the line up, and lets go of DTR and RTS. */
  async start(): Promise<void> {
    const decoder = new TextDecoder();
    const listening = this.data.event((bytes) => {
      this.greeting = (this.greeting + decoder.decode(bytes, { stream: true })).slice(0, 2000);
    });
    let agreed: boolean;
    try {
      agreed = await Promise.race([this.client.negotiate(NEGOTIATE_MS), this.hungUp()]);
    } finally {
      listening.dispose();
    }
    if (!agreed) {
      const silent = !this.client.speaksTelnet && this.greeting === '';
      if (silent || BUSY_WORDS.test(this.greeting)) throw this.busy();
      return;
    }
    try {
      await this.client.configure(this.rate);
      await this.client.setSignals({ dtr: false, rts: false });
    } catch (error) {
      throw isBoardError(error, 'port-lost') ? this.busy() : error;
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length > 0) await this.send(this.client.encode(bytes));
    else if (this.gone) throw this.gone;
  }

  async setBaudRate(baudRate: number): Promise<void> {
    await this.client.setBaudRate(baudRate);
    this.rate = baudRate;
  }

  async setSignals(signals: ControlSignals): Promise<void> {
    await this.client.setSignals(signals);
  }

  close(): Promise<void> {
    this.closing ??= this.hangUp();
    return this.closing;
  }

  private async hangUp(): Promise<void> {
    if (this.gone) return;
    const end = new Promise<void>((resolve) => {
      this.closed.event(() => resolve());
    });
    const timer = this.clock.after(LINGER_MS, () => this.socket.destroy());
    // TCP keeps the order: the lines are let go of before the connection ends.
    this.socket.end(this.client.releaseLines());
    await end;
    timer.dispose();
  }

  private send(bytes: Uint8Array): Promise<void> {
    const sent = new Promise<void>((resolve, reject) => {
      if (this.gone ?? this.closing) {
        reject(this.gone ?? this.lost(t('it was closed')));
        return;
      }
      this.socket.write(bytes, (error) => {
        if (error) reject(this.gone ?? this.lost(error.message));
        else resolve();
      });
    });
    // Settings are sent without waiting: what became of them shows in the answer.
    sent.catch(() => undefined);
    return sent;
  }

  private ended(): void {
    if (this.gone) return;
    this.gone = this.lost(this.failure?.message ?? t('the other end hung up'));
    this.client.end(this.gone);
    this.closed.fire(this.closing ? undefined : this.gone);
    this.closed.dispose();
    this.data.dispose();
  }

  /** Rejects when the server ends the connection; never resolves. */
  private hungUp(): Promise<never> {
    return new Promise((_, reject) => {
      if (this.gone) reject(this.busy());
      else this.closed.event(() => reject(this.busy()));
    });
  }

  private lost(why: string): BoardError {
    const details = { path: this.info.address };
    return new BoardError('port-lost', `${this.info.address}: ${why}`, { details });
  }

  private busy(): BoardError {
    const said = this.greeting.trim();
    const why = said ? t('it says "{said}"', { said }) : t('it takes connections but serves none');
    return new BoardError('port-busy', `${this.info.address}: ${why}`, {
      details: { path: this.info.address },
    });
  }
}
