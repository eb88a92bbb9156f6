/**
 * A broker that is there already, on this computer or anywhere: it tells no more than MQTT does, so
 * who speaks and who listens is not known here.
 * Below: an MQTT connection that listens, handed in. Above: vscode/brokerControl.ts.
 */
import type { Log } from '../core/log';
import { PAYLOAD_LIMIT, type Broker, type Observer } from './broker';
import { BrokerEvents } from './brokerEvents';

export interface ExistingOptions {
  /** Where the observer does not tell. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** What is listened to; `#` where nothing else is said. */
  readonly filters?: readonly string[];
  /** @throws BoardError 'broker-unreachable', 'broker-refused', 'broker-certificate' */
  observe(): Promise<Observer>;
  readonly log: Log;
}

/**
 * Connects to it and listens.
 * @throws BoardError as `observe`; 'broker-refused' when it lets nobody listen there
 */
export async function useExistingBroker(options: ExistingOptions): Promise<Broker> {
  const { host, port, filters = ['#'], log } = options;
  const observer = await options.observe();
  const own = new Set(filters.map(firstLevel).filter((level) => level.startsWith('$')));
  const broker = new Existing(observer, { host, port }, own, log);
  try {
    for (const filter of filters) await observer.subscribe(filter);
  } catch (error) {
    await broker.stop();
    throw error;
  }
  return broker;
}

const firstLevel = (topic: string): string => topic.split('/', 1)[0] ?? '';

class Existing extends BrokerEvents implements Broker {
  readonly kind = 'existing';
  readonly knowsClients = false;
  readonly clients: readonly string[] = [];
  readonly subscriptions: ReadonlyMap<string, readonly string[]> = new Map();
  private stopping: Promise<void> | undefined;
  private here = true;

  constructor(
    private readonly observer: Observer,
    private readonly first: { readonly host: string; readonly port: number },
    own: ReadonlySet<string>,
    log: Log,
  ) {
    super(log);
    // Retained ones that are there already came before anybody listened: they are shown, and as such.
    observer.onMessage((message) => {
      const { payload, topic } = message;
      // No wildcard hears what begins with $ (MQTT 3.1.1, 4.7.2), but NATS hands its own work on.
      if (topic.startsWith('$') && !own.has(firstLevel(topic))) return;
      const cut = payload.length > PAYLOAD_LIMIT;
      const rest = cut
        ? { payload: payload.slice(0, PAYLOAD_LIMIT), bytes: payload.length }
        : { payload };
      this.tell('message', { ...message, ...rest });
    });
    observer.onState((state) => {
      if (state === 'connecting') return;
      const here = state === 'connected';
      if (here === this.here) return;
      this.here = here;
      this.log.info(
        `the broker at ${this.addresses[0]}:${this.port} is ${here ? 'there again' : 'out of reach'}`,
      );
      this.tell('reach', here);
    });
  }

  /** Of several nodes the one that is used now. */
  get addresses(): readonly string[] {
    return [(this.observer.server ?? this.first).host];
  }

  get port(): number {
    return (this.observer.server ?? this.first).port;
  }

  listenersOf(): undefined {
    return undefined;
  }

  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    this.hush();
    await this.observer.end();
    this.tellEnd(undefined);
  }
}
