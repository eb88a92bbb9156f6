/**
 * A broker that is there already, on this computer or anywhere: it tells no more than MQTT does, so
 * who speaks and who listens is not known here.
 * Below: an MQTT connection that listens, handed in. Above: vscode/brokerControl.ts.
 */
import { Emitter } from '../core/event';
import type { BoardError } from '../core/errors';
import type { Log } from '../core/log';
import {
  PAYLOAD_LIMIT,
  type Broker,
  type BrokerClientEvent,
  type BrokerDelivery,
  type BrokerMessage,
  type Observer,
} from './broker';

export interface ExistingOptions {
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
  const broker = new Existing(observer, host, port, log);
  try {
    for (const filter of filters) await observer.subscribe(filter);
  } catch (error) {
    await broker.stop();
    throw error;
  }
  return broker;
}

class Existing implements Broker {
  readonly kind = 'existing';
  readonly knowsClients = false;
  readonly clients: readonly string[] = [];
  readonly subscriptions: ReadonlyMap<string, readonly string[]> = new Map();
  readonly addresses: readonly string[];
  private readonly messages = new Emitter<BrokerMessage>();
  private readonly reach = new Emitter<boolean>();
  private readonly closes = new Emitter<BoardError | undefined>();
  readonly onMessage = this.messages.event;
  /** The rest never fires: MQTT does not tell. */
  readonly onClient = new Emitter<BrokerClientEvent>().event;
  readonly onDelivery = new Emitter<BrokerDelivery>().event;
  readonly onFolded = new Emitter<number>().event;
  readonly onReach = this.reach.event;
  readonly onClose = this.closes.event;
  private stopping: Promise<void> | undefined;
  private here = true;

  constructor(
    private readonly observer: Observer,
    host: string,
    readonly port: number,
    private readonly log: Log,
  ) {
    this.addresses = [host];
    // Retained ones that are there already came before anybody listened: they are shown, and as such.
    observer.onMessage((message) => {
      const { payload } = message;
      const cut = payload.length > PAYLOAD_LIMIT;
      const rest = cut
        ? { payload: payload.slice(0, PAYLOAD_LIMIT), bytes: payload.length }
        : { payload };
      this.tell(this.messages, { ...message, ...rest });
    });
    observer.onState((state) => {
      if (state === 'connecting') return;
      const here = state === 'connected';
      if (here === this.here) return;
      this.here = here;
      this.log.info(`the broker at ${host}:${port} is ${here ? 'there again' : 'out of reach'}`);
      this.tell(this.reach, here);
    });
  }

  listenersOf(): undefined {
    return undefined;
  }

  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    await this.observer.end();
    try {
      this.closes.fire(undefined);
    } catch (error) {
      this.log.error(`broker: a listener failed: ${String(error)}`);
    }
    for (const emitter of [this.messages, this.reach, this.closes]) emitter.dispose();
  }

  /** A listener that throws is its own fault, not the broker's. */
  private tell<T>(emitter: Emitter<T>, value: T): void {
    if (this.stopping) return;
    try {
      emitter.fire(value);
    } catch (error) {
      this.log.error(`broker: a listener failed: ${String(error)}`);
    }
  }
}
