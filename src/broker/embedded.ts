/**
 * The broker inside the extension: aedes on plain TCP sockets, MQTT 3.1 and 3.1.1, nothing on disk.
 * Below: the aedes package, loaded when first needed. Above: the law in broker.ts.
 */
import type { EventEmitter } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Aedes, AedesPublishPacket as Packet, Client } from 'aedes';
import { systemClock } from '../core/clock';
import { BoardError, toBoardError } from '../core/errors';
import type { Log } from '../core/log';
import { PAYLOAD_LIMIT, type Broker, type BrokerMessage } from './broker';
import { BrokerEvents } from './brokerEvents';
import { listenError } from './listenError';
import { Roster, type RosterChange } from './roster';
import { createSysTopics, type SysTopics } from './sysTopics';
import { mayDo, type BrokerUser } from './access';
import { topicMatches } from '../core/topics';

/** Where a broker listens with TLS, and with which certificate. PEM; the key is a secret. */
export interface TlsListener {
  readonly hosts: readonly string[];
  /** 1 to 65535, or 0 for any that is free on all of them. */
  readonly port: number;
  readonly cert: string;
  readonly key: string;
}

export interface EmbeddedBrokerOptions {
  /** Addresses to listen on; `0.0.0.0` means every IPv4 address and makes the others unneeded. */
  readonly hosts: readonly string[];
  /** 1 to 65535, or 0 for any that is free on all of them. */
  readonly port: number;
  /** Where it listens with TLS, beside that. */
  readonly tls?: TlsListener;
  readonly log: Log;
  /** Who may come in and what they may do there; without one, everyone may do everything. */
  readonly users?: readonly BrokerUser[];
  /** Told of every change of who is connected and listens where. */
  readonly onRoster?: (change: RosterChange) => void;
}

/**
 * Starts a broker. Resolves when it listens on every host.
 * @throws BoardError 'broker-port-taken' with details { host, port, owner?, ownerPid?, mqtt:
 *   'yes' | 'no', reason } when a port is in use or not allowed to this user; 'broker-address' with
 *   details { host } when this computer has no such address. Nothing is left listening then.
 */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<Broker> {
  const hosts = distinctHosts(options.hosts);
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker();
  const broker = new EmbeddedBroker(aedes, hosts, options);
  try {
    await broker.listen(options.port, options.tls);
  } catch (error) {
    await broker.stop();
    throw error;
  }
  options.log.info(`broker listens on ${hosts.map((h) => `${h}:${broker.port}`).join(', ')}`);
  return broker;
}

function distinctHosts(hosts: readonly string[]): string[] {
  if (hosts.length === 0) throw new BoardError('broker-address', 'no address to listen on');
  if (!hosts.includes('0.0.0.0')) return [...new Set(hosts)];
  // Listening on all and on one of them at once would collide with oneself.
  return ['0.0.0.0', ...new Set(hosts.filter((host) => host.includes(':')))];
}

/** Who does not finish the greeting of TLS in this time goes, ms. */
const HANDSHAKE_MS = 15_000;

/** One connected client, as far as the roster does not hold it. */
interface Guest {
  readonly id: string;
  readonly remoteAddress?: string;
  replaced: boolean;
}

/** Acknowledgements of older messages than this many are no longer told apart. */
const REMEMBERED_MESSAGES = 5000;
/** More receivers than this are counted, not named. */
const NAMED_RECEIVERS = 50;

class EmbeddedBroker extends BrokerEvents implements Broker {
  readonly kind = 'embedded';
  readonly knowsClients = true;
  port = 0;
  secure: Broker['secure'];
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly guests = new Map<Client, Guest>();
  private readonly roster: Roster<Client>;
  private readonly sys: SysTopics;
  private readonly users: readonly BrokerUser[] | undefined;
  /** Number of a QoS 1 or 2 message by aedes' own name for it, oldest first. */
  private readonly numbers = new Map<string, number>();
  /** Message id to number of the message, for each client that has to acknowledge some. */
  private readonly awaited = new WeakMap<Client, Map<number, number>>();
  /** Topic of the will that a lost client leaves, by client id. */
  private readonly wills = new Map<string, string>();
  private seq = 0;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly aedes: Aedes,
    readonly addresses: readonly string[],
    { log, users, onRoster }: EmbeddedBrokerOptions,
  ) {
    super(log);
    this.users = users;
    this.roster = new Roster<Client>(onRoster);
    this.sys = createSysTopics(
      { connected: () => this.roster.size, subscriptions: () => this.roster.filterCount },
      systemClock,
      (topic, text) => {
        const packet = { cmd: 'publish', topic, payload: Buffer.from(text), qos: 0, retain: true };
        aedes.publish({ ...packet, dup: false } as Packet, () => undefined);
      },
    );
    this.watchAccess();
    this.watchClients();
    this.watchMessages();
    aedes.on(
      'error' as 'closed',
      ((error: unknown) =>
        void this.end(toBoardError(error, 'broker-refused', 'broker broke'))) as () => void,
    );
  }

  get clients(): readonly string[] {
    return this.roster.ids;
  }

  get subscriptions(): ReadonlyMap<string, readonly string[]> {
    return this.roster.subscriptions();
  }

  listenersOf(topic: string): readonly string[] {
    return this.roster.listenersOf(topic);
  }

  stop(): Promise<void> {
    return this.end(undefined);
  }

  async listen(port: number, tls?: TlsListener): Promise<void> {
    this.port = await this.listenAt(this.addresses, port, () =>
      createServer((socket) => this.welcome(socket)),
    );
    if (!tls) return;
    const { cert, key } = tls;
    const addresses = distinctHosts(tls.hosts);
    const make = (): Server => {
      const options = { cert, key, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS } as const;
      const server = createTlsServer(options, (socket) => this.welcome(socket));
      // What has not greeted yet has to go with the server too.
      server.on('connection', (socket: Socket) => this.follow(socket));
      server.on('tlsClientError', (error) => this.log.info(`broker, TLS: ${error.message}`));
      return server;
    };
    this.secure = { addresses, port: await this.listenAt(addresses, tls.port, make, true) };
  }

  /** Listens on every address; with port 0 tries other free ports when a later address has it taken. */
  private async listenAt(
    hosts: readonly string[],
    port: number,
    make: () => Server,
    tls = false,
  ): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const servers: Server[] = [];
      let at = port;
      let trying = '';
      try {
        for (const host of hosts) {
          trying = host;
          const server = make();
          at = await listenOn(server, host, at);
          server.on('error', (error) => this.log.warn(`broker on ${host}: ${error.message}`));
          servers.push(server);
        }
        this.servers.push(...servers);
        return at;
      } catch (error) {
        await this.closeServers(servers);
        const code = (error as NodeJS.ErrnoException).code;
        if (port === 0 && code === 'EADDRINUSE' && attempt < 10) continue;
        throw await listenError(error as NodeJS.ErrnoException, trying, at, tls);
      }
    }
  }

  private welcome(socket: Socket): void {
    // A board's answers are small and waited for: do not let Nagle hold them back.
    socket.setNoDelay(true);
    this.follow(socket);
    this.aedes.handle(socket);
  }

  private follow(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  private watchClients(): void {
    const { aedes } = this;
    aedes.preConnect = (client, packet, done) => {
      keepOrder(client);
      // 3 is MQTT 3.1, 4 is 3.1.1; aedes refuses any other, and then nobody has to go.
      const accepted = packet.protocolVersion === 3 || packet.protocolVersion === 4;
      for (const guest of accepted ? this.guests.values() : []) {
        if (guest.id !== packet.clientId) continue;
        // MQTT 3.1.1 section 3.1.4: the broker must disconnect the client that was there before.
        guest.replaced = true;
        this.log.warn(
          `a second client came with the id "${guest.id}"; the one before is told to go`,
        );
      }
      done(null, true);
    };
    aedes.authorizeForward = (client, packet) => {
      const filters = this.roster.filtersOf(client) ?? [];
      if (!packet.topic.startsWith('$')) this.sys.sent();
      // aedes 1.2 keeps it from filters that begin with a wildcard only where it is not retained
      // (MQTT 3.1.1 section 4.7.2).
      else if (!named(filters, packet.topic)) return null;
      if (packet.qos === 0) return packet;
      // aedes 1.2 lowers the QoS only for filters without wildcards (MQTT 3.1.1 section 3.8.4).
      let granted = 0;
      for (const [filter, qos] of filters) {
        if (qos > granted && topicMatches(filter, packet.topic)) granted = qos;
      }
      // A copy: all receivers are handed the same object.
      const copy = Object.assign(Object.create(Object.getPrototypeOf(packet)) as Packet, packet);
      if (granted > 0 && copy.qos > granted) copy.qos = granted as 1 | 2;
      this.expectAck(client, copy);
      return copy;
    };
    aedes.on('unsubscribe', (filters, client) => {
      // A closing client's own filters go with it; a twin that came since keeps its own.
      for (const filter of filters) this.roster.unsubscribe(client, filter);
    });
    aedes.on('client', (client) => {
      const guest = this.guestOf(client);
      this.guests.set(client, guest);
      this.roster.connect(client, guest.id, this.arrivingFilters.get(client));
      this.watchAcks(client);
      const { id: clientId, remoteAddress } = guest;
      this.tell('client', { clientId, what: 'connected', remoteAddress, at: Date.now() });
    });
    aedes.on('clientDisconnect', (client) => {
      const guest = this.guests.get(client);
      if (!guest) return;
      this.guests.delete(client);
      this.roster.drop(client);
      // aedes notes a DISCONNECT packet in a field its types leave out.
      const said = (client as unknown as { _disconnected?: boolean })._disconnected === true;
      this.tell('client', {
        clientId: guest.id,
        what: said ? 'left' : 'lost',
        remoteAddress: guest.remoteAddress,
        at: Date.now(),
        ...(guest.replaced && !said ? { replaced: true } : {}),
      });
    });
    aedes.on('clientError', (client, error) => {
      this.log.info(`broker: client "${client.id}": ${error.message}`);
    });
    aedes.on('connectionError', (_client, error) => {
      this.log.info(`broker: a connection that is no MQTT client: ${error.message}`);
    });
    aedes.on('keepaliveTimeout', (client) => {
      this.log.info(`broker: client "${client.id}" was silent for too long`);
    });
  }

  /** Guests that subscribe before aedes announces them: a restored session does so. */
  private readonly arriving = new WeakMap<Client, Guest>();
  private readonly arrivingFilters = new WeakMap<Client, Map<string, 0 | 1 | 2>>();

  private guestOf(client: Client): Guest {
    let guest = this.arriving.get(client);
    if (!guest) {
      const { remoteAddress } = client.conn as Socket;
      guest = { id: client.id, remoteAddress, replaced: false };
      this.arriving.set(client, guest);
    }
    return guest;
  }

  /** User names and rules, and what each client listens to. */
  private watchAccess(): void {
    const { aedes, users } = this;
    const named = new WeakMap<Client, BrokerUser>();
    const may = (client: Client | null, what: 'publish' | 'subscribe', topic: string): boolean =>
      !users || !client || mayDo(named.get(client), what, topic);
    if (users) {
      aedes.authenticate = (client, username, password, done) => {
        const user = users.find((one) => one.accepts(username ?? '', password ?? new Uint8Array()));
        if (user) named.set(client, user);
        else this.refuse(client, username !== undefined);
        // 4 is "bad user name or password" (MQTT 3.1.1, table 3.1).
        if (user) done(null, true);
        else done(Object.assign(new Error('bad user name or password'), { returnCode: 4 }), false);
      };
    }
    aedes.authorizeSubscribe = (client, subscription, done) => {
      const { topic, qos } = subscription;
      if (!may(client, 'subscribe', topic)) {
        this.log.warn(`broker: "${client.id}" may not listen on ${topic}`);
        // A missing subscription makes aedes answer 0x80, "failure" (section 3.9.3).
        return done(null, null);
      }
      if (this.roster.has(client)) this.roster.subscribe(client, topic, qos);
      else {
        const filters = this.arrivingFilters.get(client) ?? new Map<string, 0 | 1 | 2>();
        this.arrivingFilters.set(client, filters.set(topic, qos));
      }
      done(null, subscription);
    };
    aedes.authorizePublish = (client, packet, done) => {
      if (packet.topic.startsWith('$SYS/')) return done(new Error('$SYS is the broker’s own'));
      if (!may(client, 'publish', packet.topic)) {
        this.log.warn(`broker: "${client?.id}" may not publish on ${packet.topic}`);
        return done(new Error(`no right to publish on ${packet.topic}`));
      }
      // Closed, and publishing still: that is its will.
      if (client?.closed) this.wills.set(client.id, packet.topic);
      done(null);
    };
  }

  /**
   * A subscription inside aedes: it is called as a message is handed on, before slow subscribers
   * have taken it, once for a QoS 2 message, and not for retained ones sent again.
   */
  private watchMessages(): void {
    this.aedes.subscribe(
      '#',
      (packet, done) => {
        if (!packet.topic.startsWith('$SYS/')) {
          this.sys.received(packet.topic, packet.payload.length, packet.retain);
          const clientId = (packet as { clientId?: string }).clientId;
          const to = this.roster.listenersOf(packet.topic);
          const seq = ++this.seq;
          if (packet.qos > 0 && to.length > 0) this.remember(packet, seq);
          this.tell('message', {
            topic: packet.topic,
            ...payloadOf(packet.payload),
            qos: packet.qos,
            retain: packet.retain,
            ...(clientId === undefined ? {} : { clientId }),
            at: Date.now(),
            receivers: to.length,
            to: to.length > NAMED_RECEIVERS ? to.slice(0, NAMED_RECEIVERS) : to,
            seq,
            ...(packet.dup ? { dup: true } : {}),
            ...(this.isWill(clientId, packet.topic) ? { will: true } : {}),
          });
        }
        // Not at once: with nobody else to wait for, a flood would go ever deeper into the stack.
        queueMicrotask(done);
      },
      () => undefined,
    );
  }

  private refuse(client: Client, named: boolean): void {
    const { id: clientId, conn } = client;
    const { remoteAddress } = conn as Socket;
    this.log.warn(`broker: "${clientId}" was refused: wrong user name or password`);
    this.tell('refused', { clientId, named, ...(remoteAddress ? { remoteAddress } : {}) });
  }

  private remember(packet: Packet, seq: number): void {
    this.numbers.set(nameOf(packet), seq);
    if (this.numbers.size <= REMEMBERED_MESSAGES) return;
    const [oldest] = this.numbers.keys();
    if (oldest !== undefined) this.numbers.delete(oldest);
  }

  /** Gives the packet the next message id, as aedes would a moment later, and notes it. */
  private expectAck(client: Client, packet: Packet): void {
    const seq = this.numbers.get(nameOf(packet));
    const inside = client as unknown as { _nextId?: number };
    if (seq === undefined || inside._nextId === undefined || packet.messageId) return;
    const messageId = inside._nextId;
    inside._nextId = messageId >= 65_535 ? 1 : messageId + 1;
    packet.messageId = messageId;
    const waited = this.awaited.get(client) ?? new Map<number, number>();
    this.awaited.set(client, waited.set(messageId, seq));
  }

  /** aedes' own event for acknowledgements does not say of what when a session is clean. */
  private watchAcks(client: Client): void {
    const inside = client as unknown as { _parser?: EventEmitter };
    inside._parser?.on('packet', ({ cmd, messageId }: { cmd: string; messageId?: number }) => {
      if ((cmd !== 'puback' && cmd !== 'pubcomp') || messageId === undefined) return;
      const seq = this.awaited.get(client)?.get(messageId);
      if (seq === undefined) return;
      this.awaited.get(client)?.delete(messageId);
      this.tell('delivery', { seq, clientId: client.id });
    });
  }

  private isWill(clientId: string | undefined, topic: string): boolean {
    if (clientId === undefined || this.wills.get(clientId) !== topic) return false;
    return this.wills.delete(clientId);
  }

  private end(error: BoardError | undefined): Promise<void> {
    this.hush();
    this.sys.dispose();
    return (this.stopping ??= this.closeAll(error));
  }

  private async closeAll(error: BoardError | undefined): Promise<void> {
    await Promise.all([
      this.closeServers(this.servers.splice(0)),
      new Promise<void>((resolve) => this.aedes.close(resolve)),
    ]);
    this.guests.clear();
    this.roster.clear();
    this.log.info(error ? `broker ended: ${error.message}` : 'broker stopped');
    this.tellEnd(error);
  }

  private async closeServers(servers: readonly Server[]): Promise<void> {
    // A server only closes once the last of its connections has.
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(servers.map((s) => new Promise<void>((resolve) => s.close(() => resolve()))));
  }
}

/** @returns the port; it rejects with what the system says */
function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(address && typeof address === 'object' ? address.port : port);
    });
  });
}

/**
 * aedes 1.2 lets what is said while a session comes back overtake what was kept for it (MQTT 3.1.1
 * section 4.6: in the order they were published): what is new waits until the kept is sent.
 */
function keepOrder(client: Client): void {
  type Deliver = (packet: Packet, done: () => void) => void;
  const inside = client as unknown as { deliverQoS: Deliver } & EventEmitter;
  const deliver = inside.deliverQoS;
  let waiting: (() => void)[] | undefined = [];
  const go = (): void => {
    const all = waiting ?? [];
    waiting = undefined;
    for (const one of all) one();
  };
  inside.deliverQoS = (packet, done) => {
    if (waiting) waiting.push(() => deliver(packet, done));
    else deliver(packet, done);
  };
  inside.once('connected', go);
  // Who goes before that takes nothing, and nobody waits for it: aedes sees that it is closed.
  client.conn.once('close', go);
}

function payloadOf(given: string | Buffer): Pick<BrokerMessage, 'payload' | 'bytes'> {
  const all = Buffer.from(given as Buffer);
  if (all.length <= PAYLOAD_LIMIT) return { payload: new Uint8Array(all) };
  return { payload: new Uint8Array(all.subarray(0, PAYLOAD_LIMIT)), bytes: all.length };
}

/** aedes names a message by its broker and a counter, and keeps both until the acknowledgement. */
function nameOf(packet: Pick<Packet, 'brokerId' | 'brokerCounter'>): string {
  return `${packet.brokerId}:${packet.brokerCounter}`;
}

/** Whether one of the filters asks for a topic of the broker's own by its name. */
function named(filters: Iterable<readonly [string, number]>, topic: string): boolean {
  return [...filters].some(([filter]) => filter.startsWith('$') && topicMatches(filter, topic));
}
