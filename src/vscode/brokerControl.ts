/**
 * The broker of this window, of whichever kind: brought up, watched, stopped, spoken to.
 * Below: brokerKinds.ts brings one up, brokerPlan.ts decides where it listens. Above: commands,
 * status bar, conversationFeed. After a reload what ran is started again, or found still running.
 */
import type * as vscode from 'vscode';
import type { BoardRegistry } from '../board/registry';
import { bestLanAddress, lanAddresses, loopback } from '../broker/addresses';
import type {
  Broker,
  BrokerClientEvent,
  BrokerDelivery,
  BrokerKind,
  BrokerMessage,
  BrokerRefusal,
} from '../broker/broker';
import type { HostedBroker } from '../broker/hosted';
import type { MosquittoBroker } from '../broker/mosquitto';
import {
  connectClient,
  selfCheck,
  type MqttConnection,
  type PublishOptions,
} from '../conversation/client';
import { DisposableStore, Emitter, type Disposable } from '../core/event';
import { BoardError } from '../core/errors';
import type { Log } from '../core/log';
import { ownClientId, type BrokerKinds, type Running } from './brokerKinds';
import {
  addressFor,
  goneAddress,
  isOpenToNetwork,
  planBroker,
  type BrokerSituation,
} from './brokerPlan';
import { CERTIFICATE_ON_BOARD, type BrokerTls, type Trusted } from './brokerTls';
import type { BrokerReach, Credentials, StartAt } from './brokerReach';
import type { Settings } from './settings';
import type { TlsValues } from '../operations/provision';
import { t } from '../core/words';

export type BrokerState = 'off' | 'starting' | 'running';

/** What of the state survives a reload. */
interface Kept {
  readonly running: true;
  /** An existing broker that was not the one of the settings. */
  readonly host?: string;
  readonly port?: number;
}

/** How often it is looked whether the address is still there, milliseconds. */
const LOOK_EVERY = 5000;
const KEPT = 'broker.kept';
const PORT = 'broker.port';

export class BrokerControl implements Disposable {
  state: BrokerState = 'off';
  /** True while the connection to an existing broker is lost; it is sought again by itself. */
  lost = false;
  /** Messages that went through while no window was there, when one that outlived it was found. */
  missed = 0;
  private up: Running | undefined;
  private closed: StartAt['closed'];
  private client: Promise<MqttConnection> | undefined;
  private starting: Promise<void> | undefined;
  /** Looks whether this computer still has the broker's address. */
  private watch: ReturnType<typeof setInterval> | undefined;
  private readonly disposables = new DisposableStore();
  private readonly changed = this.disposables.add(new Emitter<void>());
  private readonly heard = this.disposables.add(new Emitter<BrokerMessage>());
  private readonly clients = this.disposables.add(new Emitter<BrokerClientEvent>());
  private readonly deliveries = this.disposables.add(new Emitter<BrokerDelivery>());
  private readonly folds = this.disposables.add(new Emitter<number>());
  private readonly lines = this.disposables.add(new Emitter<string>());
  private readonly refusals = this.disposables.add(new Emitter<BrokerRefusal>());
  private readonly failures = this.disposables.add(new Emitter<BoardError>());
  readonly onDidChange = this.changed.event;
  /** Every message on the broker; of an existing one those its rules let Parley see. */
  readonly onMessage = this.heard.event;
  /** Clients that come and go, where the broker tells. */
  readonly onClient = this.clients.event;
  readonly onDelivery = this.deliveries.event;
  /** Clients that were not let in, where the broker tells. */
  readonly onRefused = this.refusals.event;
  /** Messages that are only counted. */
  readonly onFolded = this.folds.event;
  /** Lines of Mosquitto's log. */
  readonly onLogLine = this.lines.event;
  /** The broker ended by itself. */
  readonly onFailure = this.failures.event;

  constructor(
    private readonly settings: Settings,
    private readonly registry: BoardRegistry,
    private readonly memory: vscode.Memento,
    private readonly kinds: BrokerKinds,
    readonly reach: BrokerReach,
    private readonly tls: BrokerTls,
    private readonly log: Log,
  ) {}

  /** The broker that runs. */
  get broker(): Broker | undefined {
    return this.up?.broker;
  }

  get running(): boolean {
    return this.up !== undefined;
  }

  /** The kind that runs, or the one that would be started. */
  get kind(): BrokerKind {
    return this.up?.broker.kind ?? planBroker(this.situation()).kind;
  }

  /** TCP port in use, or the one that would be. */
  get port(): number {
    if (this.up) return this.up.broker.port;
    return this.memory.get<number>(PORT) ?? this.settings.brokerPort;
  }

  /** Where it is, for a person: "127.0.0.1:1883"; '' while it is off. */
  get address(): string {
    const broker = this.up?.broker;
    if (!broker) return '';
    const outside = (hosts: readonly string[] = []): string | undefined =>
      hosts.find((host) => host !== loopback);
    const plain = outside(broker.addresses);
    const secure = outside(broker.secure?.addresses);
    if (!plain && secure) return `${secure}:${broker.secure?.port}`;
    return `${plain ?? loopback}:${broker.port}`;
  }

  /**
   * @throws BoardError broker-closed where a broker of Parley's listens on this computer alone, and
   *   `board` is a real one
   */
  mustReach(board: { readonly name: string; readonly virtual: boolean }): void {
    const broker = this.up?.broker;
    if (!broker || broker.kind === 'existing' || board.virtual || this.openToNetwork) return;
    const details = { board: board.name, reason: this.closed ?? 'chosen' };
    throw new BoardError('broker-closed', `${board.name} cannot reach the broker`, { details });
  }

  /** True while everyone on the network can reach a broker that Parley runs. */
  get openToNetwork(): boolean {
    const broker = this.up?.broker;
    return !!broker && broker.kind !== 'existing' && isOpenToNetwork(everywhere(broker));
  }

  /** True when whoever reaches it needs a user name and password. */
  get guarded(): boolean {
    const { up } = this;
    return !!up && up.broker.kind !== 'existing' && up.access.username !== undefined;
  }

  /** True when all that leaves this computer is encrypted. */
  get encrypted(): boolean {
    const broker = this.up?.broker;
    return !!broker?.secure && !isOpenToNetwork(broker.addresses);
  }

  /** What boards trust the broker by; undefined where it does not listen with TLS. */
  async certificate(): Promise<Trusted | undefined> {
    return this.up?.broker.secure && this.tls.trusted();
  }

  /** Where and with what a program connects with TLS, if it can; undefined where it need not. */
  async tlsFor(): Promise<TlsValues | undefined> {
    const secure = this.up?.broker.secure;
    if (!secure) return undefined;
    const { der } = await this.tls.trusted();
    return { port: secure.port, ca: CERTIFICATE_ON_BOARD, certificate: der };
  }

  /** Why a broker of Parley's is out of reach for real boards that are here. */
  get closedBecause(): StartAt['closed'] {
    return this.running && !this.openToNetwork ? this.closed : undefined;
  }

  /** True where Parley's own client speaks MQTT 5. */
  get five(): boolean {
    return this.up?.access.protocolVersion === 5;
  }

  /** Path of the configuration that Mosquitto runs with. */
  get configuration(): string | undefined {
    return this.up?.broker.kind === 'mosquitto'
      ? (this.up.broker as MosquittoBroker).configuration
      : undefined;
  }

  /** The connected clients where the broker tells, Parley's own left out. */
  get clientIds(): readonly string[] {
    return (this.up?.broker.clients ?? []).filter((id) => !id.startsWith('parley-'));
  }

  /** What a board's program needs to get in; undefined where nobody is asked, or by a broker that is not ours. */
  async credentialsFor(board: string): Promise<Credentials | undefined> {
    return this.kind === 'existing' ? undefined : this.reach.credentialsFor(board);
  }

  /** @throws BoardError broker-address when a real board has no way to this computer */
  addressFor(board: { readonly virtual: boolean }): string {
    const broker = this.up?.broker;
    const existing = broker?.kind === 'existing' ? broker.addresses[0] : undefined;
    const address = addressFor(board, this.situation(), existing);
    if (address) return address;
    throw new BoardError('broker-address', 'this computer is on no network a board could reach', {
      details: { host: t('on a network that a board could reach') },
    });
  }

  /**
   * Starts the broker unless it runs; one that a board newly plugged in could not reach is started
   * again on the network's address too. Asks who may reach it before it listens on a network, where
   * nobody has said yet.
   * @throws BoardError broker-closed when that is dismissed; broker-port-taken, broker-address, broker-unreachable, broker-program,
   *   broker-refused, broker-certificate
   */
  ensure({ mayAsk = true } = {}): Promise<void> {
    this.starting ??= this.bringUp(mayAsk).finally(() => (this.starting = undefined));
    return this.starting;
  }

  /**
   * Takes `port` (0: any that is free) from now on in this workspace, and starts there.
   * @throws BoardError as ensure
   */
  async useOtherPort(port = 0): Promise<void> {
    await this.stop();
    const before = this.memory.get<number>(PORT);
    await this.memory.update(PORT, port);
    try {
      await this.ensure();
    } catch (error) {
      await this.memory.update(PORT, before);
      throw error;
    }
    await this.memory.update(PORT, this.port);
  }

  /** Uses a broker that runs already. @throws BoardError broker-unreachable, broker-refused */
  async useExisting(host: string, port: number): Promise<void> {
    await this.stop();
    await this.start(() => this.kinds.existing({ host, port }), { running: true, host, port });
  }

  async stop(): Promise<void> {
    await this.starting?.catch(() => undefined);
    await this.halt();
    await this.memory.update(KEPT, undefined);
  }

  /** Ends it, and leaves the memory that it ran. */
  async halt(): Promise<void> {
    const { up } = this;
    this.up = undefined;
    clearInterval(this.watch);
    this.state = 'off';
    const client = this.client;
    this.client = undefined;
    await client?.then((c) => c.end()).catch(() => undefined);
    await up?.broker.stop();
    if (up) this.changed.fire();
  }

  /** For the end of the window: an embedded broker that is to outlive it is let go. */
  async leave(): Promise<void> {
    const broker = this.up?.broker;
    if (broker?.kind === 'embedded' && this.settings.brokerOutliveMinutes > 0) {
      await this.client?.then((c) => c.end()).catch(() => undefined);
      this.up = undefined;
      (broker as HostedBroker).leave();
    } else await this.halt();
  }

  /** Starts again what ran when the window was closed or reloaded, or finds it still running. */
  async restore(): Promise<void> {
    const kept = this.memory.get<Kept>(KEPT);
    if (!kept) return;
    const left = await this.kinds.left();
    if (left) {
      this.missed = left.broker.missed;
      left.broker.outlive(this.settings.brokerOutliveMinutes * 60_000);
      await this.start(async () => left, kept);
    } else if (kept.host && kept.port) await this.useExisting(kept.host, kept.port);
    // A window that opens asks nothing: without an answer it stays on this computer.
    else await this.ensure({ mayAsk: false });
  }

  /** Forgets a port chosen for this workspace: the settings count again. */
  async forgetPort(): Promise<void> {
    await this.memory.update(PORT, undefined);
  }

  /** Whether somebody has said something by hand in this window. */
  spoken = false;

  /** @throws BoardError broker-unreachable when none runs or it refuses */
  async publish(
    topic: string,
    payload: string | Uint8Array,
    options: PublishOptions = {},
  ): Promise<void> {
    const client = await this.ownClient();
    await client.publish(topic, payload, options);
    if (this.spoken) return;
    this.spoken = true;
    this.changed.fire();
  }

  /**
   * The tutorial's check: subscribe `esp32/output`, publish `on`, see it.
   * @returns the round trip in milliseconds
   */
  async selfCheck(): Promise<number> {
    const plain = await this.check(await this.connect('check'));
    const secure = this.up?.broker.secure;
    if (!secure || !this.up) return plain;
    // The other door, by the way a board takes: a certificate it does not trust shows here.
    const tls = { ca: Buffer.from((await this.tls.trusted()).cert) };
    const access = { ...this.up.access, protocol: 'mqtts', port: secure.port, tls } as const;
    return this.check(await connectClient({ ...access, clientId: ownClientId('check') }));
  }

  private async check(client: MqttConnection): Promise<number> {
    try {
      return await selfCheck(client);
    } finally {
      await client.end();
    }
  }

  dispose(): void {
    void this.halt();
    this.disposables.dispose();
  }

  private async bringUp(mayAsk: boolean): Promise<void> {
    const plan = planBroker(this.situation());
    const broker = this.up?.broker;
    if (broker && (!('hosts' in plan) || broker.kind === 'existing')) return;
    // Before the question: its answer changes settings, and those forget a port that was chosen.
    const { port, settings } = this;
    const at: StartAt | undefined =
      'hosts' in plan ? await this.reach.decide(plan.hosts, port, mayAsk) : undefined;
    this.closed = at?.closed;
    const hosts = at?.hosts ?? [];
    const secure = at?.secure;
    if (broker && this.up?.broker === broker) {
      if (!lacks(broker.addresses, hosts) && !lacks(broker.secure?.addresses, secure)) return;
      this.log.info('a real board is here: the broker starts again on the network too');
      await this.halt();
    }
    await this.start(
      () => {
        if (plan.kind === 'embedded') return this.kinds.embedded(hosts, port, secure);
        if (plan.kind === 'mosquitto') return this.kinds.mosquitto(hosts, port, secure);
        return this.kinds.existing(
          'host' in plan ? { host: plan.host, port: settings.brokerPort } : undefined,
        );
      },
      { running: true },
    );
  }

  private async start(make: () => Promise<Running>, kept: Kept): Promise<void> {
    this.state = 'starting';
    this.changed.fire();
    let up: Running;
    try {
      up = await make();
    } catch (error) {
      this.state = 'off';
      this.changed.fire();
      throw error;
    }
    this.up = up;
    this.lost = false;
    if (up.client) this.client = Promise.resolve(up.client);
    this.follow(up.broker);
    this.state = 'running';
    this.changed.fire();
    await this.memory.update(KEPT, kept);
  }

  private follow(broker: Broker): void {
    broker.onMessage((message) => this.heard.fire(message));
    broker.onClient((event) => this.clients.fire(event));
    broker.onDelivery((delivery) => this.deliveries.fire(delivery));
    broker.onRefused((refusal) => this.refusals.fire(refusal));
    broker.onFolded((count) => this.folds.fire(count));
    broker.onReach((here) => {
      this.lost = !here;
      this.changed.fire();
    });
    broker.onClose((error) => this.onClosed(broker, error));
    if (broker.kind !== 'existing') this.watchAddress(broker);
    if (broker.kind === 'mosquitto') {
      (broker as MosquittoBroker).onLine((line) => this.lines.fire(line));
    }
  }

  /** The Wi-Fi may be another at any moment: boards then look for the broker in vain. */
  private watchAddress(broker: Broker): void {
    clearInterval(this.watch);
    if (!this.openToNetwork) return;
    this.watch = setInterval(() => {
      if (this.up?.broker !== broker) return clearInterval(this.watch);
      const { own } = this.situation();
      const host = goneAddress(everywhere(broker), own);
      if (host === undefined) return;
      // Told once; when it is started again it takes the address that is there then.
      clearInterval(this.watch);
      this.log.warn(`the broker's address ${host} is gone; there are ${own.join(', ') || 'none'}`);
      const details = { host, port: broker.port, now: own[0] ?? '' };
      this.failures.fire(new BoardError('address-gone', `${host} is gone`, { details }));
    }, LOOK_EVERY);
    this.watch.unref();
  }

  private onClosed(broker: Broker, error: BoardError | undefined): void {
    if (this.up?.broker !== broker) return;
    this.up = undefined;
    clearInterval(this.watch);
    this.state = 'off';
    void this.client?.then((c) => c.end()).catch(() => undefined);
    this.client = undefined;
    if (error) this.log.error(`the broker ended: ${error.message}`);
    this.changed.fire();
    if (error) this.failures.fire(error);
  }

  private situation(): BrokerSituation {
    return {
      kind: this.settings.brokerKind,
      host: this.settings.brokerHost,
      own: lanAddresses().map((lan) => lan.address),
      lan: bestLanAddress(),
      realBoards: this.registry.boards.some((b) => !b.virtual && b.status !== 'unplugged'),
    };
  }

  private ownClient(): Promise<MqttConnection> {
    this.client ??= this.connect('window').catch((error: unknown) => {
      this.client = undefined;
      throw error;
    });
    return this.client;
  }

  /** @throws BoardError broker-unreachable when none runs */
  private async connect(role: string): Promise<MqttConnection> {
    if (!this.up) {
      throw new BoardError('broker-unreachable', 'no broker runs', {
        details: { host: this.settings.brokerHost || loopback, port: this.port },
      });
    }
    // A kept session belongs to one client alone, and a check leaves no will behind.
    const { will: _will, ...access } = this.up.access;
    return connectClient({ ...access, clean: true, clientId: ownClientId(role) });
  }
}

/** True if a board could not reach a broker at one of `hosts`. */
function lacks(addresses: readonly string[] = [], hosts: readonly string[] = []): boolean {
  if (addresses.includes('0.0.0.0')) return false;
  return hosts.some((host) => !addresses.includes(host));
}

function everywhere({ addresses, secure }: Broker): readonly string[] {
  return [...addresses, ...(secure?.addresses ?? [])];
}
