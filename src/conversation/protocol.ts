/**
 * What the extension and the Conversation view say to each other; types only.
 * Below: nothing. Above: model.ts makes these shapes, media/conversation draws them. The host holds
 * the state; one `state` message rebuilds the view from nothing.
 */

/** `binary`: not UTF-8, or with a NUL; the text is then a hex dump. */
export type PayloadKind = 'text' | 'json' | 'binary' | 'empty';

export interface MessageEntry {
  /** Counts up; never used twice in one conversation. */
  readonly id: number;
  readonly kind: 'message';
  /** Epoch milliseconds. */
  readonly at: number;
  /** As published, control characters made visible. */
  readonly topic: string;
  /** The payload made readable; at most about 2,000 characters. */
  readonly text: string;
  readonly payload: PayloadKind;
  /** The payload's true length in bytes. */
  readonly bytes: number;
  /** `text` does not show all of it. */
  readonly cut: boolean;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** Key into the speakers. */
  readonly speaker: string;
  /** How many subscribers it reached, where the broker can tell. */
  readonly receivers?: number;
}

export interface EventEntry {
  readonly id: number;
  readonly kind: 'event';
  readonly at: number;
  /** `replaced`: lost because a second client came with the same id; `note`: see `text`. */
  readonly what: 'joined' | 'left' | 'lost' | 'replaced' | 'note';
  /** Key into the speakers; not for a note. */
  readonly speaker?: string;
  /** The sentence of a note. */
  readonly text?: string;
}

export type Entry = MessageEntry | EventEntry;

export interface SpeakerView {
  /** The client id, or `?` for whoever the broker does not name. */
  readonly key: string;
  readonly name: string;
  readonly how: 'client id' | 'topic' | 'self' | 'unknown';
  readonly boardId?: string;
  /** Which place at the table: decides side and colour. 0, 1, 2, … ; -1 for Parley itself. */
  readonly seat: number;
  readonly connected: boolean;
  /** How many messages since the conversation was cleared. */
  readonly messages: number;
}

export interface BrokerView {
  readonly state: 'off' | 'starting' | 'running' | 'connecting' | 'connected' | 'lost' | 'failed';
  /** One short line: "Broker on 192.168.1.20:1883". */
  readonly text: string;
}

export interface Counters {
  readonly total: number;
  /** How many old entries were dropped to stay within the limit. */
  readonly dropped: number;
  /** Messages a second over the last few seconds. */
  readonly perSecond: number;
}

export type ToView =
  | {
      readonly type: 'state';
      readonly entries: readonly Entry[];
      readonly speakers: readonly SpeakerView[];
      readonly topics: readonly string[];
      readonly counters: Counters;
      readonly broker: BrokerView;
    }
  | {
      readonly type: 'append';
      readonly entries: readonly Entry[];
      /** Every entry below this id was dropped. */
      readonly firstId: number;
      readonly speakers: readonly SpeakerView[];
      readonly topics: readonly string[];
      readonly counters: Counters;
    }
  | { readonly type: 'status'; readonly counters: Counters; readonly broker: BrokerView }
  /** How the publishing with that number ended. */
  | { readonly type: 'published'; readonly number: number; readonly error?: string };

/** The commands the view can ask for; the host turns them into its own. */
export type ViewCommand = 'startConversation' | 'startBroker' | 'stopBroker';

export type FromView =
  /** The view stands empty and wants a `state`. */
  | { readonly type: 'ready' }
  | {
      readonly type: 'publish';
      readonly number: number;
      readonly topic: string;
      readonly payload: string;
      readonly qos: 0 | 1 | 2;
      readonly retain: boolean;
    }
  | { readonly type: 'run'; readonly command: ViewCommand }
  | { readonly type: 'clear' }
  /** How many lines the view holds, and how many of them are in its document just now. */
  | { readonly type: 'rendered'; readonly lines: number; readonly drawn: number };
