/**
 * The broker inside the extension: aedes on plain TCP sockets, MQTT 3.1 and 3.1.1, nothing on disk.
 * Below: the aedes package, loaded when first needed. Above: the law in broker.ts.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { Aedes, Client } from 'aedes';
import { BoardError, toBoardError } from '../core/errors';
import { Emitter } from '../core/event';
import type { Log } from '../core/log';
import type { Broker, BrokerClientEvent, BrokerMessage } from './broker';
import { ownerOfPort, speaksMqtt } from './portOwner';
import { topicMatches } from './topics';

/** Ids of Parley's own clients start so (conversation/speakers.ts says the same). */
export const OBSERVER_PREFIX = 'parley-';

export interface EmbeddedBrokerOptions {
  /** Addresses to listen on; `0.0.0.0` means every IPv4 address and makes the others unneeded. */
  readonly hosts: readonly string[];
  /** 1 to 65535, or 0 for any that is free on all of them. */
  readonly port: number;
  readonly log: Log;
}

/**
 * Starts a broker that lets everyone in. Resolves when it listens on every host.
 * @throws BoardError 'broker-port-taken' with details { host, port, owner?, ownerPid?, mqtt:
 *   'yes' | 'no', reason } when a port is in use or not allowed to this user; 'broker-address' with
 *   details { host } when this computer has no such address. Nothing is left listening then.
 */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<Broker> {
  const hosts = distinctHosts(options.hosts);
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker();
  const broker = new EmbeddedBroker(aedes, hosts, options.log);
  try {
    await broker.listen(options.port);
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

/** One connected client: its filters are kept here, aedes does not show them. */
interface Guest {
  readonly id: string;
  /** Filter to the QoS granted. */
  readonly filters: Map<string, number>;
  readonly remoteAddress?: string;
  replaced: boolean;
}

class EmbeddedBroker implements Broker {
  readonly kind = 'embedded';
  port = 0;
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly guests = new Map<Client, Guest>();
  private readonly messages = new Emitter<BrokerMessage>();
  private readonly clientEvents = new Emitter<BrokerClientEvent>();
  private readonly closes = new Emitter<BoardError | undefined>();
  private ended = false;
  private stopping: Promise<void> | undefined;

  readonly onMessage = this.messages.event;
  readonly onClient = this.clientEvents.event;
  readonly onClose = this.closes.event;

  constructor(
    private readonly aedes: Aedes,
    readonly addresses: readonly string[],
    private readonly log: Log,
  ) {
    this.watchClients();
    this.watchMessages();
    aedes.on(
      'error' as 'closed',
      ((error: unknown) =>
        void this.end(toBoardError(error, 'broker-refused', 'broker broke'))) as () => void,
    );
  }

  get clients(): readonly string[] {
    return [...this.guests.values()].map((guest) => guest.id);
  }

  subscribersOf(topic: string): number {
    let count = 0;
    for (const { id, filters } of this.guests.values()) {
      for (const filter of filters.keys()) {
        if (filter === '#' && id.startsWith(OBSERVER_PREFIX)) continue;
        if (!topicMatches(filter, topic)) continue;
        count++;
        break;
      }
    }
    return count;
  }

  stop(): Promise<void> {
    return this.end(undefined);
  }

  /** Listens on every address; with port 0 tries other free ports when a later address has it taken. */
  async listen(port: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.port = port;
      try {
        for (const host of this.addresses) await this.listenOn(host);
        return;
      } catch (error) {
        await this.closeServers();
        const code = (error as NodeJS.ErrnoException).code;
        if (port === 0 && code === 'EADDRINUSE' && attempt < 10) continue;
        const host = this.addresses[this.failedAt] ?? '';
        throw await listenError(error as NodeJS.ErrnoException, host, this.port);
      }
    }
  }

  /** Index of the address that {@link listenOn} tried last. */
  private failedAt = 0;

  private listenOn(host: string): Promise<void> {
    this.failedAt = this.addresses.indexOf(host);
    const server = createServer((socket) => this.welcome(socket));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: this.port, exclusive: true }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.log.warn(`broker on ${host}: ${error.message}`));
        this.servers.push(server);
        const address = server.address();
        if (address && typeof address === 'object') this.port = address.port;
        resolve();
      });
    });
  }

  private welcome(socket: Socket): void {
    // A board's answers are small and waited for: do not let Nagle hold them back.
    socket.setNoDelay(true);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    this.aedes.handle(socket);
  }

  private watchClients(): void {
    const { aedes } = this;
    aedes.preConnect = (_client, packet, done) => {
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
    aedes.authorizeSubscribe = (client, subscription, done) => {
      this.guestOf(client).filters.set(subscription.topic, subscription.qos);
      done(null, subscription);
    };
    aedes.authorizeForward = (client, packet) => {
      // aedes 1.2 lowers the QoS only for filters without wildcards (MQTT 3.1.1 section 3.8.4).
      let granted = 0;
      for (const [filter, qos] of this.guests.get(client)?.filters ?? []) {
        if (qos > granted && topicMatches(filter, packet.topic)) granted = qos;
      }
      if (granted > 0 && packet.qos > granted) packet.qos = granted as 1 | 2;
      return packet;
    };
    aedes.on('unsubscribe', (filters, client) => {
      const guest = this.guests.get(client);
      for (const filter of filters) guest?.filters.delete(filter);
    });
    aedes.on('client', (client) => {
      const { id, remoteAddress } = this.guestOf(client);
      this.guests.set(client, this.guestOf(client));
      this.tell(this.clientEvents, {
        clientId: id,
        what: 'connected',
        remoteAddress,
        at: Date.now(),
      });
    });
    aedes.on('clientDisconnect', (client) => {
      const guest = this.guests.get(client);
      if (!guest) return;
      this.guests.delete(client);
      // aedes notes a DISCONNECT packet in a field its types leave out.
      const said = (client as unknown as { _disconnected?: boolean })._disconnected === true;
      this.tell(this.clientEvents, {
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

  private guestOf(client: Client): Guest {
    let guest = this.arriving.get(client);
    if (!guest) {
      const { remoteAddress } = client.conn as Socket;
      guest = { id: client.id, filters: new Map(), remoteAddress, replaced: false };
      this.arriving.set(client, guest);
    }
    return guest;
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
          const clientId = (packet as { clientId?: string }).clientId;
          this.tell(this.messages, {
            topic: packet.topic,
            payload: new Uint8Array(Buffer.from(packet.payload)),
            qos: packet.qos,
            retain: packet.retain,
            ...(clientId === undefined ? {} : { clientId }),
            at: Date.now(),
            receivers: this.subscribersOf(packet.topic),
          });
        }
        done();
      },
      () => undefined,
    );
  }

  /** A listener that throws is its own fault, not the broker's. */
  private tell<T>(emitter: Emitter<T>, value: T): void {
    if (this.ended) return;
    try {
      emitter.fire(value);
    } catch (error) {
      this.log.error(`broker: a listener failed: ${String(error)}`);
    }
  }

  private end(error: BoardError | undefined): Promise<void> {
    this.ended = true;
    return (this.stopping ??= this.closeAll(error));
  }

  private async closeAll(error: BoardError | undefined): Promise<void> {
    await Promise.all([
      this.closeServers(),
      new Promise<void>((resolve) => this.aedes.close(resolve)),
    ]);
    this.guests.clear();
    this.log.info(error ? `broker ended: ${error.message}` : 'broker stopped');
    try {
      this.closes.fire(error);
    } catch (failure) {
      this.log.error(`broker: a listener failed: ${String(failure)}`);
    }
    for (const emitter of [this.messages, this.clientEvents, this.closes]) emitter.dispose();
  }

  private async closeServers(): Promise<void> {
    const servers = this.servers.splice(0);
    // A server only closes once the last of its connections has.
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(servers.map((s) => new Promise<void>((resolve) => s.close(() => resolve()))));
  }
}

/** What went wrong with listening, as the law names it. */
async function listenError(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
): Promise<BoardError> {
  const reason = error.code ?? 'unknown';
  const said = `cannot listen on ${host}:${port}: ${error.message}`;
  if (reason === 'EADDRINUSE') {
    const [owner, mqtt] = await Promise.all([ownerOfPort(port), speaksMqtt(host, port)]);
    return new BoardError('broker-port-taken', said, {
      cause: error,
      details: {
        host,
        port,
        owner: owner?.name,
        ownerPid: owner?.pid,
        mqtt: mqtt ? 'yes' : 'no',
        reason,
      },
    });
  }
  // Below 1024 on Unix; on Windows also a range that Hyper-V has reserved. Another port helps.
  if (reason === 'EACCES') {
    const details = { host, port, mqtt: 'no', reason };
    return new BoardError('broker-port-taken', said, { cause: error, details });
  }
  return new BoardError('broker-address', said, { cause: error, details: { host, port, reason } });
}
