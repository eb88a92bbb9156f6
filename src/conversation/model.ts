/**
 * The conversation itself: who came, said what, and left; bounded, named, counted. Pure: no timers,
 * no socket. Below: history.ts keeps it, speakers.ts names it. Above: viewFeed.ts sends it to the
 * view, the terminal prints it. Whoever hears a broker hands messages in; the shapes fit broker/broker.ts as they are.
 */
import type { Clock } from '../core/clock';
import { Emitter, type Disposable, type Event } from '../core/event';
import { entryOf } from './entries';
import { History, type HistoryLimits, type Kept, type NewLine } from './history';
import { visibleLine } from './payload';
import type { Counters, Entry, EventEntry, SpeakerView } from './protocol';
import type { Hints, Speakers } from './speakers';
import { TopicTable } from './topicTable';

export interface HeardMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly clientId?: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly receivers?: number;
  /** Client ids it was passed on to, where known. */
  readonly to?: readonly string[];
  /** Number that an acknowledgement refers to. */
  readonly seq?: number;
  /** The payload's true length where `payload` is only its beginning. */
  readonly bytes?: number;
  readonly will?: boolean;
  /** Sent again by its publisher. */
  readonly dup?: boolean;
  readonly userProperties?: Readonly<Record<string, string | readonly string[]>>;
}

/** How the broker told who said it: `log` is Mosquitto's. */
export type Via = 'broker' | 'log';

export interface HeardClient {
  readonly clientId: string;
  readonly what: 'connected' | 'left' | 'lost';
  readonly at: number;
  readonly replaced?: boolean;
}

export interface HeardDelivery {
  /** {@link HeardMessage.seq} of the message. */
  readonly seq: number;
  readonly clientId: string;
}

export interface Snapshot {
  readonly entries: readonly Entry[];
  readonly speakers: readonly SpeakerView[];
  /** Topics heard of, newest first. */
  readonly topics: readonly string[];
  readonly counters: Counters;
}

export type ConversationChange =
  /** One more line; older ones than `firstId` are gone. */
  | { readonly type: 'added'; readonly id: number; readonly firstId: number }
  /** A line that stands is another now: it was acknowledged. */
  | { readonly type: 'changed'; readonly id: number }
  /** A line was bookmarked, or is not any more. */
  | { readonly type: 'bookmarked'; readonly id: number }
  /** Names or presence changed, the lines did not. */
  | { readonly type: 'speakers' }
  /** Messages were counted that are told nowhere. */
  | { readonly type: 'folded' }
  | { readonly type: 'cleared' };

export interface ConversationModel extends Disposable {
  heard(message: HeardMessage, via?: Via): void;
  client(event: HeardClient, via?: Via): void;
  /** A client acknowledged a message. */
  delivered(delivery: HeardDelivery): void;
  /** So many messages more went by that could not be taken one by one. */
  folded(count: number): void;
  /**
   * Lines of an earlier conversation, as they were; nobody comes or goes by them.
   * @param lost messages of it that are gone, and those that were only counted
   */
  restore(
    lines: Iterable<NewLine>,
    lost?: { readonly dropped: number; readonly folded: number },
  ): void;
  /** A quiet line of Parley's own: "Broker started on …". Everybody counts as gone when `reset`. */
  note(text: string, at: number, options?: { readonly reset?: boolean }): void;
  /** Marks a message to be found again, or takes the mark away. */
  bookmark(id: number, on: boolean): void;
  /** Removes every line and starts to count anew; who is connected stays. */
  clear(): void;
  /** How much is kept from now on. */
  limit(limits: HistoryLimits): void;
  /** All lines there are, for tests and small conversations. */
  snapshot(): Snapshot;
  /** A line with its bytes; undefined when it is gone. */
  get(id: number): Kept | undefined;
  /** What is kept, for those who search it. */
  readonly history: History;
  /** Every topic with its last value, count and rate. */
  readonly table: TopicTable;
  /** Who `key` of an entry is, as known now. */
  speaker(key: string): SpeakerView;
  readonly speakers: readonly SpeakerView[];
  /** Topics heard of, newest first; at most a hundred. */
  readonly topics: readonly string[];
  readonly counters: Counters;
  readonly onChange: Event<ConversationChange>;
}

export interface ModelOptions {
  readonly speakers: Speakers;
  readonly clock: Clock;
  /** How much is kept; the oldest go first. */
  readonly limits?: HistoryLimits;
  /** Name of the user property (MQTT 5) in which a message says who said it; '' for none. */
  readonly senderProperty?: () => string;
}

/** Key of whoever nothing tells of; and what those begin with that no client id tells of. */
export const SOMEONE = '?';
const BY_TOPIC = '?/';
const BY_CLAIM = '?=';
export const DEFAULT_LIMITS: HistoryLimits = { lines: 100_000, bytes: 64 * 1024 * 1024 };
/** Messages a second are counted over this long, in milliseconds. */
const RATE_WINDOW = 5000;
const KNOWN_TOPICS = 100;
/** More client ids than this are a storm of random ones: the ones long gone are forgotten. */
const KNOWN_SPEAKERS = 500;
/** Acknowledgements of older messages than this many find no line any more. */
const AWAITED = 5000;

interface Seat {
  readonly key: string;
  readonly clientId: string | undefined;
  readonly hints: Hints;
  via: Via;
  seat: number;
  connected: boolean;
  /** It was connected before. */
  gone: boolean;
  messages: number;
}

export function createConversation(options: ModelOptions): ConversationModel {
  const { speakers, clock, limits = DEFAULT_LIMITS } = options;
  const changes = new Emitter<ConversationChange>();
  const history = new History(limits);
  const table = new TopicTable(clock);
  /** Ids of messages that may still be acknowledged, by their number at the broker. */
  const awaited = new Map<number, number>();
  let folded = 0;
  let seatsTaken = 0;
  const seats = new Map<string, Seat>();
  const boardSeats = new Map<string, number>();
  const topics = new Set<string>();
  const rate = createRate(clock);
  const renamed = speakers.onChange(() => changes.fire({ type: 'speakers' }));

  function seatOf(clientId: string | undefined, hints: Hints = {}, via: Via = 'broker'): Seat {
    const key = keyOf(clientId, hints, speakers);
    let seat = seats.get(key);
    if (!seat) {
      const rest = { seat: -1, connected: false, gone: false, messages: 0 };
      seat = { key, clientId, hints, via, ...rest };
      if (seats.size >= KNOWN_SPEAKERS) forgetSomeone();
      seats.set(key, seat);
      takeSeat(seat);
    }
    return seat;
  }

  /** A board keeps its side and colour over every client id it comes with. */
  function takeSeat(seat: Seat): void {
    const { how, boardId } = speakers.speakerOf(seat.clientId, seat.hints);
    if (how === 'self') return;
    const known = boardId === undefined ? undefined : boardSeats.get(boardId);
    seat.seat = known ?? (seat.seat >= 0 ? seat.seat : seatsTaken++);
    if (boardId !== undefined) boardSeats.set(boardId, seat.seat);
  }

  /** The one that has been there longest and is gone now. Its lines keep its id as the name. */
  function forgetSomeone(): void {
    for (const seat of seats.values()) {
      if (seat.connected) continue;
      seats.delete(seat.key);
      return;
    }
  }

  function added(id: number): void {
    changes.fire({ type: 'added', id, firstId: history.firstId });
  }

  function event(what: EventEntry['what'], at: number, speaker?: string, text?: string): void {
    added(
      history.add({ at, what, speaker: speaker ?? '', ...(text === undefined ? {} : { text }) }),
    );
  }

  function view(seat: Seat): SpeakerView {
    const { name, how, boardId, colour } = speakers.speakerOf(seat.clientId, seat.hints);
    if (boardId !== undefined && boardSeats.get(boardId) !== seat.seat) takeSeat(seat);
    const { key, clientId, via, connected, messages } = seat;
    return {
      key,
      ...(clientId === undefined ? {} : { clientId: visibleLine(clientId, 64) }),
      name,
      how: how === 'client id' && via === 'log' ? 'log' : how,
      boardId,
      seat: seat.seat,
      connected,
      messages,
      ...(colour === undefined ? {} : { colour }),
    };
  }

  function remember(topic: string): void {
    // Moved to the end, so that the last one is the newest.
    topics.delete(topic);
    topics.add(topic);
    const [oldest] = topics;
    if (topics.size > KNOWN_TOPICS && oldest !== undefined) topics.delete(oldest);
  }

  const model: ConversationModel = {
    onChange: changes.event,
    history,
    table,
    heard(message, via) {
      const claim = claimOf(message, options.senderProperty?.() ?? '');
      const seat = seatOf(message.clientId, { topic: message.topic, claim }, via);
      if (via) seat.via = via;
      seat.messages++;
      rate.count();
      remember(message.topic);
      const { topic, payload, bytes = payload.length, retain, at } = message;
      table.heard(topic, payload, bytes, retain, at);
      const { seq, qos, to } = message;
      const id = history.add({ ...message, what: 'message', speaker: seat.key });
      if (seq !== undefined && qos > 0 && to && to.length > 0) {
        awaited.set(seq, id);
        const [oldest] = awaited.keys();
        if (awaited.size > AWAITED && oldest !== undefined) awaited.delete(oldest);
      }
      added(id);
    },
    client({ clientId, what, at, replaced }, via) {
      const seat = seatOf(clientId, {}, via);
      if (via) seat.via = via;
      const back = what === 'connected' && seat.gone;
      seat.connected = what === 'connected';
      seat.gone ||= what !== 'connected';
      // Parley's own coming and going is nobody's business.
      if (speakers.speakerOf(clientId).how === 'self') return;
      if (what === 'connected') event(back ? 'back' : 'joined', at, seat.key);
      else event(replaced ? 'replaced' : what, at, seat.key);
    },
    delivered({ seq, clientId }) {
      const id = awaited.get(seq);
      if (id === undefined || !history.acknowledge(id, clientId)) return;
      changes.fire({ type: 'changed', id });
    },
    folded(count) {
      folded += count;
      rate.count(count);
      changes.fire({ type: 'folded' });
    },
    restore(lines, lost) {
      history.dropped += lost?.dropped ?? 0;
      folded += lost?.folded ?? 0;
      for (const line of lines) {
        const { what, topic = '', payload = new Uint8Array(), at, retain = false } = line;
        const message = what === 'message';
        const known = line.speaker ?? '';
        const claim = known.startsWith(BY_CLAIM) ? known.slice(BY_CLAIM.length) : undefined;
        const clientId = known === '' || claim !== undefined ? undefined : known;
        const seat = known !== '' || message ? seatOf(clientId, { topic, claim }) : undefined;
        if (message) {
          if (seat) seat.messages++;
          remember(topic);
          table.restored(topic, payload, line.bytes ?? payload.length, retain, at);
        }
        history.add({ ...line, speaker: seat?.key ?? '' });
      }
      changes.fire({ type: 'cleared' });
    },
    note(text, at, { reset = false } = {}) {
      if (reset) for (const seat of seats.values()) seat.connected = false;
      event('note', at, undefined, visibleLine(text, 500));
    },
    bookmark(id, on) {
      if (history.get(id)?.what !== 'message') return;
      if (on) history.bookmarks.add(id);
      else history.bookmarks.delete(id);
      changes.fire({ type: 'bookmarked', id });
    },
    clear() {
      history.clear();
      table.clear();
      awaited.clear();
      folded = 0;
      rate.reset();
      for (const seat of [...seats.values()]) {
        seat.messages = 0;
        if (!seat.connected) seats.delete(seat.key);
      }
      changes.fire({ type: 'cleared' });
    },
    limit(now) {
      history.limits = now;
    },
    get: (id) => history.get(id),
    snapshot: () => ({
      entries: [...history.lines()].map(entryOf),
      speakers: model.speakers,
      topics: model.topics,
      counters: model.counters,
    }),
    get speakers() {
      return [...seats.values()].map(view);
    },
    get topics() {
      return [...topics].reverse();
    },
    speaker(key) {
      const seat = seats.get(key);
      if (seat) return view(seat);
      const clientId = key.startsWith(SOMEONE) ? undefined : key;
      const { name, how, boardId } = speakers.speakerOf(clientId);
      return { key, name, how, boardId, seat: 0, connected: false, messages: 0 };
    },
    get counters() {
      const { messages: kept, dropped } = history;
      return { total: kept + dropped + folded, kept, dropped, folded, perSecond: rate.perSecond() };
    },
    dispose() {
      renamed.dispose();
      changes.dispose();
    },
  };
  return model;
}

/** A claim is a voice of its own; else what the topic tells, where it tells anything. */
function keyOf(clientId: string | undefined, hints: Hints, speakers: Speakers): string {
  // No client id may look like the others.
  if (clientId !== undefined) return clientId.startsWith(SOMEONE) ? `\0${clientId}` : clientId;
  if (hints.claim !== undefined) return `${BY_CLAIM}${hints.claim}`;
  const { how } = speakers.speakerOf(undefined, hints);
  return how === 'unknown' ? SOMEONE : `${BY_TOPIC}${hints.topic}`;
}

/** Who the message says that said it. Longer than a client id may be, it is no name. */
function claimOf({ userProperties }: HeardMessage, property: string): string | undefined {
  const value = property === '' ? undefined : userProperties?.[property];
  const claim = typeof value === 'string' ? value : value?.[0];
  return claim === '' || (claim?.length ?? 0) > 256 ? undefined : claim;
}

/** True for a message that reached nobody. Unknown is not nobody. */
export function unheard(entry: Entry): boolean {
  return entry.kind === 'message' && entry.receivers === 0;
}

/** Counts in buckets of a quarter of a second: its memory does not grow with the rate. */
function createRate(clock: Clock): {
  count(more?: number): void;
  perSecond(): number;
  reset(): void;
} {
  const width = 250;
  const buckets = new Map<number, number>();
  const sweep = (): void => {
    const oldest = Math.floor((clock.now() - RATE_WINDOW) / width);
    for (const bucket of buckets.keys()) if (bucket <= oldest) buckets.delete(bucket);
  };
  return {
    count(more = 1) {
      const bucket = Math.floor(clock.now() / width);
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + more);
      if (buckets.size > RATE_WINDOW / width + 1) sweep();
    },
    perSecond() {
      sweep();
      let sum = 0;
      for (const count of buckets.values()) sum += count;
      return sum / (RATE_WINDOW / 1000);
    },
    reset: () => buckets.clear(),
  };
}
