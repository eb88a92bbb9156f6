/**
 * What every kind of broker tells, once: the events of the law, fired safely and ended together.
 * Below: core/event. Above: embedded.ts, hosted.ts, mosquitto.ts and existing.ts stand on it.
 */
import type { BoardError } from '../core/errors';
import { Emitter } from '../core/event';
import type { Log } from '../core/log';
import type { BrokerClientEvent, BrokerDelivery, BrokerMessage, BrokerRefusal } from './broker';

/** What can be told while it runs. An event that is never told is one the kind does not know. */
export interface Told {
  readonly message: BrokerMessage;
  readonly client: BrokerClientEvent;
  readonly delivery: BrokerDelivery;
  readonly refused: BrokerRefusal;
  readonly folded: number;
  readonly reach: boolean;
}

export abstract class BrokerEvents {
  private readonly emitters = {
    message: new Emitter<BrokerMessage>(),
    client: new Emitter<BrokerClientEvent>(),
    delivery: new Emitter<BrokerDelivery>(),
    refused: new Emitter<BrokerRefusal>(),
    folded: new Emitter<number>(),
    reach: new Emitter<boolean>(),
    close: new Emitter<BoardError | undefined>(),
  };
  readonly onMessage = this.emitters.message.event;
  readonly onClient = this.emitters.client.event;
  readonly onDelivery = this.emitters.delivery.event;
  readonly onRefused = this.emitters.refused.event;
  readonly onFolded = this.emitters.folded.event;
  readonly onReach = this.emitters.reach.event;
  readonly onClose = this.emitters.close.event;
  private silent = false;
  private over = false;

  protected constructor(protected readonly log: Log) {}

  protected tell<K extends keyof Told>(what: K, value: Told[K]): void {
    if (!this.silent) this.fire(this.emitters[what] as unknown as Emitter<Told[K]>, value);
  }

  /** It is being stopped: from now on nothing is told but its end. */
  protected hush(): void {
    this.silent = true;
  }

  /** Tells the end, where it was not told yet; nothing fires after. */
  protected tellEnd(error: BoardError | undefined): void {
    if (this.over) return;
    this.fire(this.emitters.close, error);
    this.endEvents();
  }

  /** Nothing fires any more, not even the end. */
  protected endEvents(): void {
    this.silent = this.over = true;
    for (const emitter of Object.values(this.emitters)) emitter.dispose();
  }

  /** A listener that throws is its own fault, not the broker's. */
  private fire<T>(emitter: Emitter<T>, value: T): void {
    try {
      emitter.fire(value);
    } catch (error) {
      this.log.error(`broker: a listener failed: ${String(error)}`);
    }
  }
}
