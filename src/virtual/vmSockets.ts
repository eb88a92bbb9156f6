/**
 * The worker's side of the board's sockets: what has arrived, and waiting for it. The real sockets are
 * the owner's (network.ts), which also decides whom a board may reach.
 * Below: vmLine.ts. Above: vmHost.ts gives these to the `socket` module as functions.
 * A negative answer is an error number as the ESP32 has it; -4 (EINTR) means: let Python run, call again.
 */
import type { HostFunctions } from './vmEngine';
import type { VmLine } from './vmLine';
import type { VmMemory } from './vmMemory';
import type { SocketEvent, SocketRequest } from './vmProtocol';
import type { TlsState } from './vmTls';

const EINTR = -4;
const EAGAIN = -11;
const EBADF = -9;
const ENOTCONN = -128;
/** newlib's and lwIP's numbers, not Linux's. */
const EHOSTUNREACH = -118;
const EINPROGRESS = -119;
/** What lwIP keeps unsent before `send` blocks (TCP_SND_BUF of the ESP32 port). */
const SEND_WINDOW = 5744;
const POLLIN = 1;
const POLLOUT = 4;
const POLLERR = 8;
const POLLHUP = 16;

interface Chunk {
  bytes: Uint8Array;
  host: string;
  port: number;
}

export interface SocketState {
  readonly datagram: boolean;
  queue: Chunk[];
  queued: number;
  inFlight: number;
  ended: boolean;
  error: number;
  state: 'new' | 'connecting' | 'connected' | 'binding' | 'listening';
  localPort: number;
  accepted: { id: number; host: string; port: number }[];
  /** Who sent what was read last. */
  from: { host: string; port: number };
  /** Once the program has asked for TLS. */
  tls?: TlsState;
}

export class VmSockets {
  private readonly sockets = new Map<number, SocketState>();
  /** Its own are odd; those the owner makes for accepted connections are even. */
  private nextId = 1;

  constructor(
    private readonly line: VmLine,
    private readonly memory: () => VmMemory,
    private readonly networkUp: () => boolean,
  ) {}

  /** Forgets all: after a soft reset. */
  clear(): void {
    this.sockets.clear();
  }

  private ask(request: SocketRequest): void {
    this.line.post({ type: 'socket', request });
  }

  private create(datagram: boolean, state: SocketState['state'] = 'new'): SocketState {
    return {
      datagram,
      queue: [],
      queued: 0,
      inFlight: 0,
      ended: false,
      error: 0,
      state,
      localPort: 0,
      accepted: [],
      from: { host: '', port: 0 },
    };
  }

  handle(event: SocketEvent): void {
    const socket = this.sockets.get(event.id);
    if (!socket) return;
    switch (event.on) {
      case 'connected':
        socket.state = 'connected';
        break;
      case 'listening':
        socket.state = socket.datagram ? 'connected' : 'listening';
        socket.localPort = event.port;
        break;
      case 'accepted':
        this.sockets.set(event.child, this.create(false, 'connected'));
        socket.accepted.push({ id: event.child, host: event.host, port: event.port });
        break;
      case 'data':
        // What came before TLS is TLS's; the owner still has it.
        if (socket.tls?.state === 'asked') return;
        socket.queue.push({ bytes: event.bytes, host: '', port: 0 });
        socket.queued += event.bytes.length;
        break;
      case 'datagram':
        socket.queue.push(event);
        socket.queued += event.bytes.length;
        break;
      case 'sent':
        socket.inFlight -= event.count;
        break;
      case 'end':
        socket.ended = true;
        break;
      case 'error':
        socket.error = event.errno;
        break;
      case 'securing':
      case 'secured':
      case 'insecure':
        socket.tls?.hear(event);
    }
  }

  /** The socket of that number. */
  find(id: number): SocketState | undefined {
    return this.sockets.get(id);
  }

  /** Asks for TLS on a socket; `tls` hears what comes of it. */
  secure(id: number, tls: TlsState): boolean {
    const socket = this.sockets.get(id);
    if (socket?.state !== 'connected' || socket.datagram || socket.tls) return false;
    socket.tls = tls;
    socket.queue = [];
    socket.queued = 0;
    this.ask({ op: 'secure', id, wish: tls.wish });
    return true;
  }

  /** Waits as the timeout says: negative for ever, 0 not at all. 0, or EINTR or EAGAIN. */
  wait(ready: () => boolean, ms: number): number {
    if (ms === 0) {
      this.line.pump();
      if (!ready()) this.line.glance();
      return ready() ? 0 : EAGAIN;
    }
    const end = performance.now() + ms;
    if (this.line.waitFor(ready, ms)) return 0;
    return ms > 0 && performance.now() >= end ? EAGAIN : EINTR;
  }

  private connect(id: number, host: string, port: number, ms: number): number {
    const socket = this.sockets.get(id);
    if (!socket) return EBADF;
    if (socket.error) return -socket.error;
    if (socket.state === 'connected') return 0;
    if (!this.networkUp()) return EHOSTUNREACH;
    if (socket.datagram) {
      socket.from = { host, port };
      return this.bind(id, '0.0.0.0', 0, ms);
    }
    if (socket.state === 'new') {
      socket.state = 'connecting';
      this.ask({ op: 'connect', id, host, port });
    }
    const waited = this.wait(() => socket.state === 'connected' || socket.error !== 0, ms);
    if (waited) return waited === EAGAIN && ms === 0 ? EINPROGRESS : waited;
    return -socket.error;
  }

  /** Binds and, for a stream, listens: the owner opens both in one. */
  private bind(id: number, host: string, port: number, ms: number): number {
    const socket = this.sockets.get(id);
    if (!socket) return EBADF;
    if (!this.networkUp()) return EHOSTUNREACH;
    if (socket.state === 'new') {
      socket.state = 'binding';
      this.ask({ op: socket.datagram ? 'bindUdp' : 'listen', id, host, port });
    }
    const waited = this.wait(
      () => socket.state !== 'binding' || socket.error !== 0,
      ms === 0 ? 1000 : ms,
    );
    return waited || -socket.error;
  }

  private accept(id: number, ms: number): number {
    const socket = this.sockets.get(id);
    if (!socket) return EBADF;
    const waited = this.wait(() => socket.accepted.length > 0 || socket.error !== 0, ms);
    if (waited) return waited;
    const child = socket.accepted.shift();
    if (!child) return -socket.error;
    socket.from = child;
    return child.id;
  }

  private send(id: number, address: number, length: number, ms: number): number {
    const socket = this.sockets.get(id);
    if (!socket) return EBADF;
    if (socket.error) return -socket.error;
    if (!this.networkUp()) return EHOSTUNREACH;
    if (socket.state !== 'connected') return ENOTCONN;
    if (socket.tls && socket.tls.state !== 'done') return EAGAIN;
    if (socket.datagram)
      return this.sendTo(id, address, length, socket.from.host, socket.from.port);
    const waited = this.wait(() => socket.inFlight < SEND_WINDOW || socket.error !== 0, ms);
    if (waited) return waited;
    if (socket.error) return -socket.error;
    const count = Math.min(length, SEND_WINDOW - socket.inFlight);
    socket.inFlight += count;
    this.ask({ op: 'send', id, bytes: this.memory().copy(address, count) });
    return count;
  }

  private sendTo(id: number, address: number, length: number, host: string, port: number): number {
    const socket = this.sockets.get(id);
    if (!socket?.datagram) return EBADF;
    if (!this.networkUp()) return EHOSTUNREACH;
    if (socket.state === 'new') {
      const bound = this.bind(id, '0.0.0.0', 0, -1);
      if (bound) return bound;
    }
    this.ask({ op: 'sendTo', id, bytes: this.memory().copy(address, length), host, port });
    return length;
  }

  private receive(id: number, address: number, limit: number, ms: number): number {
    const socket = this.sockets.get(id);
    if (!socket) return EBADF;
    if (socket.state === 'new') return ENOTCONN;
    const waited = this.wait(
      () => socket.queue.length > 0 || socket.ended || socket.error !== 0,
      ms,
    );
    if (waited) return waited;
    const [first] = socket.queue;
    if (!first) return socket.ended ? 0 : -socket.error;
    const count = Math.min(limit, first.bytes.length);
    this.memory().bytes.set(first.bytes.subarray(0, count), address);
    socket.from = { host: first.host, port: first.port };
    // The rest of a datagram that did not fit is lost, as anywhere.
    const used = socket.datagram ? first.bytes.length : count;
    if (used === first.bytes.length) socket.queue.shift();
    else first.bytes = first.bytes.subarray(count);
    socket.queued -= used;
    this.ask({ op: 'consumed', id, count: used });
    return count;
  }

  /** Which of poll's events hold now. */
  private poll(id: number): number {
    this.line.pump();
    const socket = this.sockets.get(id);
    if (!socket) return POLLERR;
    let events = 0;
    if (socket.queue.length > 0 || socket.ended || socket.accepted.length > 0) events |= POLLIN;
    const { tls } = socket;
    if (tls?.state === 'failed') events |= POLLIN | POLLOUT;
    else if (tls && tls.state !== 'done') return events;
    if (socket.state === 'connected' && socket.inFlight < SEND_WINDOW) events |= POLLOUT;
    if (socket.error) events |= POLLERR;
    if (socket.ended || socket.state === 'new') events |= POLLHUP;
    return events;
  }

  functions(): HostFunctions {
    const n = Number;
    return {
      sock_new: (datagram) => {
        const id = this.nextId;
        this.nextId += 2;
        this.sockets.set(id, this.create(datagram === 1));
        return id;
      },
      sock_connect: (id, host, port, ms) => this.connect(n(id), String(host), n(port), n(ms)),
      sock_bind: (id, host, port, ms) => this.bind(n(id), String(host), n(port), n(ms)),
      sock_accept: (id, ms) => this.accept(n(id), n(ms)),
      sock_send: (id, at, length, ms) => this.send(n(id), n(at), n(length), n(ms)),
      sock_sendto: (id, at, length, host, port) =>
        this.sendTo(n(id), n(at), n(length), String(host), n(port)),
      sock_recv: (id, at, limit, ms) => this.receive(n(id), n(at), n(limit), n(ms)),
      sock_poll: (id) => this.poll(n(id)),
      sock_peer_host: (id) => this.sockets.get(n(id))?.from.host ?? '',
      sock_peer_port: (id) => this.sockets.get(n(id))?.from.port ?? 0,
      sock_close: (id) => {
        if (this.sockets.delete(n(id))) this.ask({ op: 'close', id: n(id) });
      },
    };
  }
}
