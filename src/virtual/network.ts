/**
 * The real sockets behind a virtual board's: TCP both ways and UDP, to loopback and to hosts that are
 * allowed, to nobody else.
 * Below: node:net, node:dgram, tls.ts. Above: runtime.ts hands it what the VM asks, and the VM what it answers.
 */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { createServer, connect, isIP, type Server, type Socket } from 'node:net';
import { secure } from './tls';
import type { SocketEvent, SocketRequest, TlsWish } from './vmProtocol';

/** Error numbers as the ESP32 has them (newlib and lwIP). */
const ESP_ERRNO: Readonly<Record<string, number>> = {
  ECONNREFUSED: 111,
  ECONNRESET: 104,
  EPIPE: 104,
  EHOSTUNREACH: 113,
  ENETUNREACH: 113,
  ETIMEDOUT: 116,
  EADDRINUSE: 112,
  EADDRNOTAVAIL: 125,
  EACCES: 13,
};
const EHOSTUNREACH = 113;
const EIO = 5;
const ENFILE = 23;
/** Sockets at once: the ESP32 port has 16 (CONFIG_LWIP_MAX_SOCKETS). */
const MAX_SOCKETS = 16;
/** Bytes sent to the VM and not read by the program; then the peer has to wait (lwIP's window). */
const RECEIVE_WINDOW = 5744;

interface Link {
  socket: Socket;
  /** What was reported and the program has not read, and how many bytes that is. */
  pieces: Uint8Array[];
  unread: number;
}

/** True for an address of this computer itself. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

export class BoardNetwork {
  private readonly links = new Map<number, Link>();
  private readonly servers = new Map<number, Server>();
  private readonly datagrams = new Map<number, DatagramSocket>();
  private nextChild = 2;
  /** The Wi-Fi is gone: what the program sent meanwhile goes out when it is back. */
  private gone = false;
  private held: SocketRequest[] = [];

  /**
   * @param allowHosts names or addresses that may be reached beside loopback
   * @param report tells the VM what has happened
   */
  constructor(
    private readonly allowHosts: readonly string[],
    private readonly report: (event: SocketEvent) => void,
  ) {}

  /** Whether a board may send to `host`. */
  allows(host: string): boolean {
    return isLoopback(host) || this.allowHosts.includes(host);
  }

  /**
   * The Wi-Fi goes or comes back. Connections live on, as TCP's do, and nothing moves on them; what is
   * asked for anew has nowhere to go.
   */
  setGone(gone: boolean): void {
    if (gone === this.gone) return;
    this.gone = gone;
    for (const { socket, unread } of this.links.values()) {
      if (gone) socket.pause();
      else if (unread < RECEIVE_WINDOW) socket.resume();
    }
    for (const request of this.held.splice(0)) this.handle(request);
  }

  handle(request: SocketRequest): void {
    const { id } = request;
    if (this.gone && (request.op === 'connect' || request.op === 'sendTo')) {
      return request.op === 'connect' ? this.refuse(id, EHOSTUNREACH) : undefined;
    }
    if (this.gone && request.op === 'send') return void this.held.push(request);
    switch (request.op) {
      case 'connect':
        return this.connect(id, request.host, request.port);
      case 'listen':
        return this.listen(id, request.port);
      case 'bindUdp':
        return this.bindUdp(id, request.port);
      case 'send': {
        const { bytes } = request;
        this.links
          .get(id)
          ?.socket.write(bytes, () => this.report({ on: 'sent', id, count: bytes.length }));
        return;
      }
      case 'sendTo':
        // A datagram to where none may go is lost, as datagrams are.
        if (this.allows(request.host) && validPort(request.port))
          this.datagrams.get(id)?.send(request.bytes, request.port, request.host, () => undefined);
        return;
      case 'consumed': {
        const link = this.links.get(id);
        if (!link) return;
        takeFrom(link, request.count);
        if (link.unread < RECEIVE_WINDOW && !this.gone) link.socket.resume();
        return;
      }
      case 'secure':
        return this.secure(id, request.wish);
      case 'close':
        return this.close(id);
    }
  }

  /** Ends every socket: the board was reset. */
  closeAll(): void {
    for (const id of [...this.links.keys(), ...this.servers.keys(), ...this.datagrams.keys()])
      this.close(id, true);
  }

  private get count(): number {
    return this.links.size + this.servers.size + this.datagrams.size;
  }

  private refuse(id: number, errno: number): void {
    this.report({ on: 'error', id, errno });
  }

  private fail(id: number, error: NodeJS.ErrnoException): void {
    this.refuse(id, ESP_ERRNO[error.code ?? ''] ?? EIO);
  }

  private connect(id: number, host: string, port: number): void {
    if (this.count >= MAX_SOCKETS) return this.refuse(id, ENFILE);
    if (!this.allows(host) || !validPort(port)) return this.refuse(id, EHOSTUNREACH);
    const socket = connect({ host, port });
    socket.once('connect', () => this.report({ on: 'connected', id }));
    this.keep(id, socket);
  }

  private keep(id: number, socket: Socket): void {
    const link: Link = { socket, pieces: [], unread: 0 };
    this.links.set(id, link);
    socket.setNoDelay();
    this.hear(id, link);
  }

  private hear(id: number, link: Link): void {
    const { socket } = link;
    socket.on('data', (data) => {
      const bytes = Uint8Array.from(data);
      link.pieces.push(bytes);
      link.unread += bytes.length;
      if (link.unread >= RECEIVE_WINDOW) socket.pause();
      this.report({ on: 'data', id, bytes });
    });
    socket.on('end', () => this.report({ on: 'end', id }));
    socket.on('error', (error) => this.fail(id, error));
  }

  /** TLS from here on; what came before the program asked for it is the beginning of it. */
  private secure(id: number, wish: TlsWish): void {
    const link = this.links.get(id);
    if (!link) return this.report({ on: 'insecure', id, errno: EIO, text: '' });
    const raw = link.socket;
    for (const event of ['data', 'end', 'error']) raw.removeAllListeners(event);
    raw.pause();
    if (link.pieces.length > 0) raw.unshift(Buffer.concat(link.pieces));
    link.pieces = [];
    link.unread = 0;
    this.report({ on: 'securing', id });
    secure(raw, wish, {
      secured: (socket, facts) => {
        if (this.links.get(id) !== link) return void socket.destroy();
        link.socket = socket;
        this.report({ on: 'secured', id, ...facts });
        this.hear(id, link);
        if (this.gone) socket.pause();
      },
      failed: (trouble) => this.report({ on: 'insecure', id, ...trouble }),
      errnoOf: ({ code }) => ESP_ERRNO[code ?? ''],
    });
  }

  private listen(id: number, port: number): void {
    if (this.count >= MAX_SOCKETS) return this.refuse(id, ENFILE);
    const server = createServer((socket) => {
      if (this.count >= MAX_SOCKETS || this.gone) return void socket.destroy();
      const child = this.nextChild;
      this.nextChild += 2;
      const peer = { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
      this.report({ on: 'accepted', id, ...peer, child });
      this.keep(child, socket);
    });
    this.servers.set(id, server);
    server.on('error', (error) => this.fail(id, error));
    // Loopback only: a virtual board is not to be reached from the network.
    server.listen(validPort(port) ? port : 0, '127.0.0.1', () => {
      const address = server.address();
      const bound = address && typeof address === 'object' ? address.port : port;
      this.report({ on: 'listening', id, port: bound });
    });
  }

  private bindUdp(id: number, port: number): void {
    if (this.count >= MAX_SOCKETS) return this.refuse(id, ENFILE);
    const socket = createSocket('udp4');
    this.datagrams.set(id, socket);
    socket.on('error', (error) => this.fail(id, error));
    socket.on('message', (bytes, { address: host, port }) => {
      if (!this.gone)
        this.report({ on: 'datagram', id, bytes: Uint8Array.from(bytes), host, port });
    });
    // To reach an allowed host it must not be bound to loopback; it is not told of strangers then.
    const address = this.allowHosts.length > 0 && port === 0 ? '0.0.0.0' : '127.0.0.1';
    socket.bind(validPort(port) ? port : 0, address, () =>
      this.report({ on: 'listening', id, port: socket.address().port }),
    );
  }

  /** @param atOnce a reset; else what was written is still sent */
  private close(id: number, atOnce = false): void {
    const link = this.links.get(id);
    this.links.delete(id);
    if (link && atOnce) link.socket.destroy();
    else if (link) {
      link.socket.removeAllListeners('data');
      link.socket.resume();
      link.socket.end();
    }
    this.servers.get(id)?.close();
    this.servers.delete(id);
    this.datagrams.get(id)?.close();
    this.datagrams.delete(id);
  }
}

/** The program has read `count` bytes of what was reported. */
function takeFrom(link: Link, count: number): void {
  link.unread -= count;
  for (let left = count; left > 0;) {
    const [first] = link.pieces;
    if (!first) return;
    if (first.length <= left) link.pieces.shift();
    else link.pieces[0] = first.subarray(left);
    left -= first.length;
  }
}

const validPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65536;
