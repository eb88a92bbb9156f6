/**
 * The law of a broker: what Parley needs of the one in the middle, whoever it is.
 * Below: core. Above: vscode starts one and wires its events to the conversation, which never
 * imports this folder. `test/contracts/broker.ts` says the law again.
 */
import type { BoardError } from '../core/errors';
import type { Event } from '../core/event';

/** One message as it went through the broker. */
export interface BrokerMessage {
  readonly topic: string;
  /** The listener's to keep; may be empty. */
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** Who published it, where the broker knows. */
  readonly clientId?: string;
  /** When the broker passed it on, epoch milliseconds. */
  readonly at: number;
  /**
   * How many connected clients had a subscription that matches, where known. Parley's own
   * observing subscription to `#` is not counted.
   */
  readonly receivers?: number;
}

export interface BrokerClientEvent {
  readonly clientId: string;
  /** `left` said DISCONNECT (MQTT 3.1.1 section 3.14); `lost` did not. */
  readonly what: 'connected' | 'left' | 'lost';
  /** The client's IP address, where known. */
  readonly remoteAddress?: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** With `lost`: a second client came with the same id and this one was told to go. */
  readonly replaced?: boolean;
}

/** A running broker. Running by construction; after `stop` it is of no more use. */
export interface Broker {
  readonly kind: 'embedded';
  /** The addresses it listens on, as they were asked for. */
  readonly addresses: readonly string[];
  /** The TCP port, the same on every address; 1 to 65535. */
  readonly port: number;
  /** Every message a client published, `$SYS` excepted, in the order they are passed on. */
  readonly onMessage: Event<BrokerMessage>;
  /** A client's `connected` comes before its first message. */
  readonly onClient: Event<BrokerClientEvent>;
  /** Fires once: with the error if it broke, with undefined after `stop`. Nothing fires after. */
  readonly onClose: Event<BoardError | undefined>;
  /** Ids of the clients that are connected now, in the order they came. */
  readonly clients: readonly string[];
  /** How many connected clients would get a message on `topic` (see {@link BrokerMessage.receivers}). */
  subscribersOf?(topic: string): number;
  /**
   * Disconnects every client and frees the port before it resolves. A second call waits for the
   * same end. Never throws.
   */
  stop(): Promise<void>;
}
