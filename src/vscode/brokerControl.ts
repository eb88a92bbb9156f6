/**
 * The broker of this window: the embedded one, or one that was there already.
 * Below: broker (embedded), conversation/client (to publish, to check, to listen at another's).
 * Above: commands, status bar, conversationFeed. After a reload what ran is started again.
 */
import type * as vscode from 'vscode';
import type { BoardRegistry } from '../board/registry';
import { bestLanAddress, lanAddresses } from '../broker/addresses';
import type { Broker, BrokerClientEvent, BrokerMessage } from '../broker/broker';
import { startEmbeddedBroker } from '../broker/embedded';
import { connectClient, selfCheck, type MqttConnection } from '../conversation/client';
import { DisposableStore, Emitter, type Disposable } from '../core/event';
import { BoardError } from '../core/errors';
import type { Log } from '../core/log';
import {
  addressFor,
  isOpenToNetwork,
  loopback,
  planBroker,
  type BrokerSituation,
} from './brokerPlan';
import type { Settings } from './settings';

export type BrokerState =
  | { readonly kind: 'off' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'embedded'; readonly broker: Broker }
  | { readonly kind: 'external'; readonly host: string; readonly port: number };

/** What of the state survives a reload. */
interface Kept {
  readonly kind: 'embedded' | 'external';
  readonly host?: string;
  readonly port: number;
}

const KEPT = 'broker.running';
const PORT = 'broker.port';

export class BrokerControl implements Disposable {
  private current: BrokerState = { kind: 'off' };
  /** True while the connection to another's broker is lost; it is sought again by itself. */
  lost = false;
  private client: Promise<MqttConnection> | undefined;
  private starting: Promise<void> | undefined;
  private readonly disposables = new DisposableStore();
  private readonly changed = this.disposables.add(new Emitter<void>());
  private readonly heard = this.disposables.add(new Emitter<BrokerMessage>());
  private readonly clients = this.disposables.add(new Emitter<BrokerClientEvent>());
  readonly onDidChange = this.changed.event;
  /** Every message on the broker; of another's broker those its rules let Parley see. */
  readonly onMessage = this.heard.event;
  /** Clients of the embedded broker that come and go. */
  readonly onClient = this.clients.event;

  constructor(
    private readonly settings: Settings,
    private readonly registry: BoardRegistry,
    private readonly memory: vscode.Memento,
    private readonly log: Log,
  ) {}

  get state(): BrokerState {
    return this.current;
  }

  get running(): boolean {
    return this.current.kind === 'embedded' || this.current.kind === 'external';
  }

  /** TCP port in use, or the one that would be. */
  get port(): number {
    if (this.current.kind === 'embedded') return this.current.broker.port;
    if (this.current.kind === 'external') return this.current.port;
    return this.memory.get<number>(PORT) ?? this.settings.brokerPort;
  }

  /** Where it is, for a person: "127.0.0.1:1883". */
  get address(): string {
    const state = this.current;
    if (state.kind === 'external') return `${state.host}:${state.port}`;
    if (state.kind !== 'embedded') return '';
    const shown = state.broker.addresses.filter((host) => host !== loopback);
    return `${shown[0] ?? loopback}:${state.broker.port}`;
  }

  /** True while everyone on the network can reach the embedded broker. */
  get openToNetwork(): boolean {
    return this.current.kind === 'embedded' && isOpenToNetwork(this.current.broker.addresses);
  }

  /** The connected clients of the embedded broker, Parley's own left out. */
  get clientIds(): readonly string[] {
    const ids = this.current.kind === 'embedded' ? this.current.broker.clients : [];
    return ids.filter((id) => !id.startsWith('parley-'));
  }

  /** @throws BoardError broker-address when a real board has no way to this computer */
  addressFor(board: { readonly virtual: boolean }): string {
    const external = this.current.kind === 'external' ? this.current.host : undefined;
    const address = addressFor(board, this.situation(), external);
    if (address) return address;
    throw new BoardError('broker-address', 'this computer is on no network a board could reach', {
      details: { host: 'on a network that a board could reach' },
    });
  }

  /**
   * Starts the broker unless it runs; one that a board newly plugged in could not reach is started
   * again on the network's address too.
   * @throws BoardError broker-port-taken, broker-address, broker-unreachable
   */
  ensure(): Promise<void> {
    this.starting ??= this.bringUp().finally(() => (this.starting = undefined));
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
    const client = await this.connect(host, port);
    client.onMessage((message) => this.heard.fire(message));
    client.onState((state) => {
      if (state === 'lost') this.log.warn(`the broker at ${host}:${port} is gone`);
      if (state !== 'connecting') this.lost = state === 'lost';
      this.changed.fire();
    });
    this.lost = false;
    this.client = Promise.resolve(client);
    await client.subscribe('#');
    await this.enter({ kind: 'external', host, port }, { kind: 'external', host, port });
  }

  async stop(): Promise<void> {
    await this.starting?.catch(() => undefined);
    await this.halt();
    await this.memory.update(KEPT, undefined);
  }

  /** For the end of the window: ends it, and leaves the memory that it ran. */
  async halt(): Promise<void> {
    const state = this.current;
    this.current = { kind: 'off' };
    const client = this.client;
    this.client = undefined;
    await client?.then((c) => c.end()).catch(() => undefined);
    if (state.kind === 'embedded') await state.broker.stop();
    if (state.kind !== 'off') this.changed.fire();
  }

  /** Starts again what ran when the window was closed or reloaded. */
  async restore(): Promise<void> {
    const kept = this.memory.get<Kept>(KEPT);
    if (!kept) return;
    if (kept.kind === 'external' && kept.host) await this.useExisting(kept.host, kept.port);
    else await this.ensure();
  }

  /** Forgets a port chosen for this workspace: the settings count again. */
  async forgetPort(): Promise<void> {
    await this.memory.update(PORT, undefined);
  }

  /** @throws BoardError broker-unreachable when none runs or it refuses */
  async publish(
    topic: string,
    payload: string | Uint8Array,
    options: { qos?: 0 | 1 | 2; retain?: boolean } = {},
  ): Promise<void> {
    const client = await this.ownClient();
    await client.publish(topic, payload, options);
  }

  /**
   * The tutorial's check: subscribe `esp32/output`, publish `on`, see it.
   * @returns the round trip in milliseconds
   */
  async selfCheck(): Promise<number> {
    const { host, port } = this.endpoint();
    const client = await this.connect(host, port, 'check');
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

  private async bringUp(): Promise<void> {
    const plan = planBroker(this.situation());
    const state = this.current;
    if (state.kind === 'external') return;
    if (state.kind === 'embedded') {
      if (plan.kind !== 'embedded' || !this.lacks(state.broker, plan.hosts)) return;
      this.log.info('a real board is here: the broker starts again on the network too');
      await this.halt();
    }
    if (plan.kind === 'external') return this.useExisting(plan.host, this.settings.brokerPort);
    this.current = { kind: 'starting' };
    this.changed.fire();
    try {
      const options = { hosts: plan.hosts, port: this.port, log: this.log };
      const broker = await startEmbeddedBroker(options);
      broker.onMessage((message) => this.heard.fire(message));
      broker.onClient((event) => this.clients.fire(event));
      broker.onClose((error) => this.onClosed(broker, error));
      await this.enter({ kind: 'embedded', broker }, { kind: 'embedded', port: broker.port });
    } catch (error) {
      this.current = { kind: 'off' };
      this.changed.fire();
      throw error;
    }
  }

  private lacks(broker: Broker, hosts: readonly string[]): boolean {
    if (broker.addresses.includes('0.0.0.0')) return false;
    return hosts.some((host) => !broker.addresses.includes(host));
  }

  private async enter(state: BrokerState, kept: Kept): Promise<void> {
    this.current = state;
    this.changed.fire();
    await this.memory.update(KEPT, kept);
  }

  private onClosed(broker: Broker, error: BoardError | undefined): void {
    if (this.current.kind !== 'embedded' || this.current.broker !== broker) return;
    if (error) this.log.error(`the broker ended: ${error.message}`);
    this.current = { kind: 'off' };
    this.changed.fire();
  }

  private situation(): BrokerSituation {
    return {
      host: this.settings.brokerHost,
      own: lanAddresses().map((lan) => lan.address),
      lan: bestLanAddress(),
      realBoards: this.registry.boards.some((b) => !b.virtual && b.status !== 'unplugged'),
    };
  }

  private endpoint(): { host: string; port: number } {
    const state = this.current;
    if (state.kind === 'external') return { host: state.host, port: state.port };
    if (state.kind === 'embedded') return { host: loopback, port: state.broker.port };
    throw new BoardError('broker-unreachable', 'no broker runs', {
      details: { host: this.settings.brokerHost || loopback, port: this.port },
    });
  }

  private ownClient(): Promise<MqttConnection> {
    const { host, port } = this.endpoint();
    this.client ??= this.connect(host, port).catch((error: unknown) => {
      this.client = undefined;
      throw error;
    });
    return this.client;
  }

  private connect(host: string, port: number, role = 'window'): Promise<MqttConnection> {
    const clientId = `parley-${role}-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
    return connectClient({ host, port, clientId });
  }
}
