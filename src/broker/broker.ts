/**
 * The law of a broker: what Parley needs of the one in the middle, whoever it is.
 * Below: core. Above: vscode starts one and wires its events to the conversation, which never
 * imports this folder. `test/contracts/broker.ts` says the law again.
 */
import type { BoardError } from '../core/errors';
import type { Event } from '../core/event';

/**
 * `embedded`: Parley's own; `mosquitto`: the program on this computer, run by Parley; `existing`:
 * one that is there already, reached by its URL.
 */
export type BrokerKind = 'embedded' | 'mosquitto' | 'existing';

/** Of a longer payload only the beginning is told, in bytes. Subscribers get all of it. */
export const PAYLOAD_LIMIT = 1024 * 1024;

/** One message as it went through the broker. */
export interface BrokerMessage {
  readonly topic: string;
  /** The listener's to keep; may be empty; at most the first {@link PAYLOAD_LIMIT} bytes. */
  readonly payload: Uint8Array;
  /** The payload's true length where `payload` is only its beginning. */
  readonly bytes?: number;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** Who published it, where the broker knows. */
  readonly clientId?: string;
  /** When the broker passed it on, epoch milliseconds. */
  readonly at: number;
  /**
   * How many connected clients had a subscription that matches, where known. Parley's own clients
   * (`parley-…`) are not counted: they listen in order to show it.
   */
  readonly receivers?: number;
  /** Ids of those clients, where known; as many as {@link receivers} unless there are very many. */
  readonly to?: readonly string[];
  /** Counts up, one a message; {@link BrokerDelivery} refers to it. Not for every kind of broker. */
  readonly seq?: number;
  /** True when it is the will of a client that was lost (MQTT 3.1.1 section 3.1.2.5). */
  readonly will?: boolean;
  /** True when its publisher sent it again, having no acknowledgement (MQTT 3.1.1, 3.3.1.1). */
  readonly dup?: boolean;
  /** User properties of MQTT 5, where there are any. */
  readonly userProperties?: Readonly<Record<string, string | readonly string[]>>;
}

/** A client acknowledged a message with QoS 1 or 2 (PUBACK, PUBCOMP). */
export interface BrokerDelivery {
  /** {@link BrokerMessage.seq} of the message. */
  readonly seq: number;
  readonly clientId: string;
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

/**
 * A listening MQTT connection as conversation/client.ts makes it. It is handed in, because broker
 * and conversation never meet.
 */
export interface Observer {
  readonly clientId: string;
  /** Of several nodes the one it is connected to. */
  readonly server?: { readonly host: string; readonly port: number };
  readonly onMessage: Event<ObservedMessage>;
  readonly onState: Event<'connecting' | 'connected' | 'lost'>;
  /** @throws BoardError 'broker-refused' */
  subscribe(filter: string, qos?: 0 | 1 | 2): Promise<void>;
  end(): Promise<void>;
}

export type ObservedMessage = Pick<
  BrokerMessage,
  'topic' | 'payload' | 'qos' | 'retain' | 'dup' | 'clientId' | 'at' | 'userProperties'
>;

/** Somebody who was not let in: a wrong user name or password, or none. */
export interface BrokerRefusal {
  /** Where the broker tells it. */
  readonly clientId?: string;
  /** The client's IP address, where known. */
  readonly remoteAddress?: string;
  /** True when it gave a user name; undefined where the broker does not tell. */
  readonly named?: boolean;
}

/** A running broker. Running by construction; after `stop` it is of no more use. */
export interface Broker {
  readonly kind: BrokerKind;
  /** True when it tells who is connected, who listens where and who said what. */
  readonly knowsClients: boolean;
  /** The addresses it listens on, as they were asked for. */
  readonly addresses: readonly string[];
  /** The TCP port, the same on every address; 1 to 65535. */
  readonly port: number;
  /** Where it listens with TLS too, in the same manner; not for every kind, and only if asked. */
  readonly secure?: { readonly addresses: readonly string[]; readonly port: number } | undefined;
  /** Every message a client published, `$SYS` excepted, in the order they are passed on. */
  readonly onMessage: Event<BrokerMessage>;
  /** A client's `connected` comes before its first message. */
  readonly onClient: Event<BrokerClientEvent>;
  /** After its message; never where the broker does not tell. */
  readonly onDelivery: Event<BrokerDelivery>;
  /** A client was not let in; never where the broker does not tell. */
  readonly onRefused: Event<BrokerRefusal>;
  /**
   * How many messages more went through that are not told one by one, because more came than could
   * be taken. Counts stay exact: all there were is what `onMessage` told and the sum of these.
   */
  readonly onFolded: Event<number>;
  /** Fires when the broker is out of reach and when it is there again; it is sought by itself. */
  readonly onReach: Event<boolean>;
  /** Fires once: with the error if it broke, with undefined after `stop`. Nothing fires after. */
  readonly onClose: Event<BoardError | undefined>;
  /** Ids of the clients that are connected now, in the order they came. */
  readonly clients: readonly string[];
  /** Which filters each connected client listens to, soon after it said so. Empty if not known. */
  readonly subscriptions: ReadonlyMap<string, readonly string[]>;
  /**
   * Ids of the connected clients that would get a message on `topic`; undefined if not known.
   * Parley's own are not among them.
   */
  listenersOf(topic: string): readonly string[] | undefined;
  /**
   * Disconnects every client and frees the port before it resolves. A second call waits for the
   * same end. Never throws.
   */
  stop(): Promise<void>;
}
