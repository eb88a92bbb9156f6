/**
 * What the extension and the Conversation view say to each other; types only.
 * Below: nothing. Above: model.ts makes these shapes, media/conversation draws them. The host holds
 * the state and filters it; one `state` message rebuilds the view from nothing.
 */

/** `binary`: not UTF-8, or with a NUL; the text is then a hex dump. `image`: a PNG or a JPEG. */
export type PayloadKind = 'text' | 'json' | 'binary' | 'image' | 'empty';

export interface MessageEntry {
  /** Counts up, over messages and events; never used twice in one conversation. */
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
  /** Sent again by its publisher, who had no acknowledgement (MQTT 3.1.1 section 3.3.1.1). */
  readonly dup?: boolean;
  /** Said by the broker for a client that was lost. */
  readonly will?: boolean;
  /** Key into the speakers. */
  readonly speaker: string;
  /** How many subscribers it reached, where the broker can tell. */
  readonly receivers?: number;
  /** Keys of the speakers it was passed on to, where known. */
  readonly to?: readonly string[];
  /** Those of them that acknowledged it (QoS 1 and 2). */
  readonly acked?: readonly string[];
  /** The person wants to find it again. */
  readonly bookmarked?: boolean;
}

export interface EventEntry {
  readonly id: number;
  readonly kind: 'event';
  readonly at: number;
  /**
   * `back`: joined again after it had gone; `replaced`: lost because a second client came with the
   * same id; `note`: see `text`.
   */
  readonly what: 'joined' | 'back' | 'left' | 'lost' | 'replaced' | 'note';
  /** Key into the speakers; not for a note. */
  readonly speaker?: string;
  /** The sentence of a note. */
  readonly text?: string;
}

export type Entry = MessageEntry | EventEntry;

/**
 * How it is known who said something. `client id`: the broker told it, and it is that of a board;
 * `log`: Mosquitto's log told it; `property`: the message says so itself (a user property of MQTT 5);
 * `topic`: in this workspace only that board speaks there; `learned`: that board printed the same
 * words before, again and again; `self`: Parley; `unknown`: a client id is all there is, or nothing.
 */
export type How = 'client id' | 'log' | 'property' | 'topic' | 'learned' | 'self' | 'unknown';

export interface SpeakerView {
  /** Tells speakers apart; begins with `?` where the broker tells no client id. */
  readonly key: string;
  /** As the broker tells it, made visible; undefined where it tells none. */
  readonly clientId?: string;
  readonly name: string;
  readonly how: How;
  readonly boardId?: string;
  /** The name of the colour a person gave it, in place of the seat's. */
  readonly colour?: string;
  /** Which place at the table: decides side and colour. 0, 1, 2, … ; -1 for Parley itself. */
  readonly seat: number;
  readonly connected: boolean;
  /** How many messages since the conversation was cleared. */
  readonly messages: number;
}

export interface BrokerView {
  readonly state: 'off' | 'starting' | 'running' | 'connecting' | 'connected' | 'lost' | 'failed';
  /** Messages can carry properties: the connection speaks MQTT 5. */
  readonly five?: boolean;
  /** One short line: "Broker on 192.168.1.20:1883". */
  readonly text: string;
}

/** Exact: `total` is `kept` and `dropped` and `folded`. All count messages, not events. */
export interface Counters {
  /** All messages there were since the conversation was cleared. */
  readonly total: number;
  /** In the history now. */
  readonly kept: number;
  /** Old ones that went to stay within the limit. */
  readonly dropped: number;
  /** Only counted, because more came than could be taken one by one. */
  readonly folded: number;
  /** Messages a second over the last few seconds. */
  readonly perSecond: number;
}

/** Which lines are shown. An empty string lets everything through. */
export interface Filter {
  /** Found in payload, topic or name; case does not matter. */
  readonly text: string;
  /** `text` is a regular expression. */
  readonly regex: boolean;
  /** A topic filter with MQTT wildcards: `esp32/#`, `+/temperature`. */
  readonly topic: string;
  /** Only this speaker's lines: a board's id, `self`, or the key of a speaker. */
  readonly voice?: string;
  /** Only what is bookmarked. */
  readonly bookmarked?: boolean;
}

export interface TopicRow {
  /** As published: what to ask the host with. */
  readonly topic: string;
  /** The same made visible. */
  readonly name: string;
  readonly count: number;
  /** Messages a second, over five to ten seconds. */
  readonly perSecond: number;
  /** When the last one came, epoch milliseconds. */
  readonly at: number;
  /** The broker keeps it. */
  readonly retain: boolean;
  /** The beginning of the last payload. */
  readonly text: string;
  /** Paths of the numbers in it; '' when it is one itself. */
  readonly fields: readonly string[];
}

/** A number over time: a field of what is said on one topic. */
export interface SeriesKey {
  /** As published. */
  readonly topic: string;
  /** `t`, `room.t`, `list[0]`; '' is the payload itself. */
  readonly path: string;
}

/** Why nobody got a message, and the line that mends it. */
export interface Why {
  readonly id: number;
  readonly sentences: readonly string[];
  /** A line of Python for the board that is to hear it. */
  readonly code?: string;
}

interface News {
  readonly speakers: readonly SpeakerView[];
  /** Topics heard of, newest first. */
  readonly topics: readonly string[];
  readonly counters: Counters;
}

/** What a message carries besides its payload; MQTT 5 alone. */
export interface DraftProperties {
  readonly userProperties?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly responseTopic?: string;
  /** How long the broker may keep it, seconds. */
  readonly messageExpiryInterval?: number;
}

/** What stands in the publish box. */
export interface Draft {
  readonly topic: string;
  readonly payload: string;
  readonly encoding: Encoding;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly properties?: DraftProperties;
}

/** A draft that the workspace keeps. */
export interface Template extends Draft {
  readonly name: string;
}

/** A message that is said again and again. */
export interface RepeatView {
  readonly id: number;
  /** Made visible. */
  readonly topic: string;
  /** Seconds. */
  readonly every: number;
  /** How often it was said. */
  readonly said: number;
  /** Why it is not said any more. */
  readonly problem?: string;
}

export type ToView =
  /** The newest lines that pass the filter; the view forgets what it had. */
  | (News & {
      readonly type: 'state';
      readonly entries: readonly Entry[];
      /** There are older ones to ask for. */
      readonly more: boolean;
      /** How many lines pass the filter, all in all. */
      readonly found: number;
      /** What is wrong with the filter; nothing is shown then. */
      readonly problem?: string;
      readonly broker: BrokerView;
      /** What is said on the second topic answers what was said on the first. */
      readonly replies?: Readonly<Record<string, string>>;
    })
  | (News & {
      readonly type: 'append';
      readonly entries: readonly Entry[];
      /** Every entry below this id was dropped. */
      readonly firstId: number;
    })
  /** The answer to `older`: what stands before the oldest line the view has. */
  | { readonly type: 'older'; readonly entries: readonly Entry[]; readonly more: boolean }
  /** Lines that changed: an acknowledgement came. */
  | { readonly type: 'changed'; readonly entries: readonly Entry[] }
  | {
      readonly type: 'status';
      readonly counters: Counters;
      readonly broker: BrokerView;
      /** Lines that wait while the view is held. */
      readonly waiting: number;
    }
  /** `all`: these are all there are; else those that changed. */
  | {
      readonly type: 'topics';
      readonly rows: readonly TopicRow[];
      readonly all: boolean;
      /** How many topics are known, and how many had to be forgotten. */
      readonly size: number;
      readonly forgotten: number;
    }
  /** Points of a series, ascending in time (epoch milliseconds). `all`: forget those before. */
  | {
      readonly type: 'points';
      readonly series: SeriesKey;
      readonly at: readonly number[];
      readonly value: readonly number[];
      readonly all: boolean;
    }
  /** A picture to draw, or why it is not drawn. */
  | {
      readonly type: 'picture';
      readonly id: number;
      readonly mime?: 'image/png' | 'image/jpeg';
      readonly base64?: string;
      readonly problem?: string;
    }
  | ({ readonly type: 'why' } & Why)
  | { readonly type: 'repeats'; readonly repeats: readonly RepeatView[] }
  | { readonly type: 'templates'; readonly templates: readonly Template[] }
  /** How the publishing with that number ended. */
  | { readonly type: 'published'; readonly number: number; readonly error?: string };

/** The commands the view can ask for; the host turns them into its own. */
export type ViewCommand = 'startConversation' | 'startBroker' | 'stopBroker' | 'doctor';

/** How the text of the publish box becomes bytes. `json` is checked, then sent as it stands. */
export type Encoding = 'text' | 'json' | 'hex' | 'base64';

/** What can be done with one message. */
export type EntryAction =
  'copyText' | 'copyTopic' | 'copyCommand' | 'sendAgain' | 'open' | 'clearRetained';

export type FromView =
  /** The view stands empty and wants a `state`. */
  | { readonly type: 'ready'; readonly filter: Filter }
  | { readonly type: 'filter'; readonly filter: Filter }
  /** No more lines for now: the person reads, or paused. `false`: go on. */
  | { readonly type: 'hold'; readonly on: boolean }
  /** Lines before the one with that id. */
  | { readonly type: 'older'; readonly before: number }
  | (Draft & {
      readonly type: 'publish';
      readonly number: number;
      /** Again and again, so many seconds apart. */
      readonly every?: number;
    })
  | { readonly type: 'stopRepeat'; readonly id: number }
  /** The host asks for its name. */
  | (Draft & { readonly type: 'saveTemplate' })
  | { readonly type: 'deleteTemplate'; readonly name: string }
  | { readonly type: 'bookmark'; readonly id: number; readonly on: boolean }
  /** Topics are told while they are watched. */
  | { readonly type: 'watchTopics'; readonly on: boolean }
  /** Which series are drawn; none ends it. */
  | { readonly type: 'chart'; readonly series: readonly SeriesKey[] }
  | { readonly type: 'picture'; readonly id: number }
  /** Why did nobody get that message? */
  | { readonly type: 'why'; readonly id: number }
  /** Takes what the broker retains on a topic away. */
  | { readonly type: 'clearRetained'; readonly topic: string }
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'do'; readonly action: EntryAction; readonly id: number }
  | { readonly type: 'run'; readonly command: ViewCommand }
  | { readonly type: 'clear' }
  /** How many lines the view holds, and how many of them are in its document just now. */
  | { readonly type: 'rendered'; readonly lines: number; readonly drawn: number };
