/**
 * The conversation itself: who came, said what, and left; bounded, named, counted. Pure: no timers,
 * no socket. Below: core, speakers.ts, payload.ts. Above: feed.ts sends it to the view, the terminal
 * prints it. Whoever hears a broker hands messages in; the shapes fit broker/broker.ts as they are.
 */
import type { Clock } from '../core/clock';
import { Emitter, type Disposable, type Event } from '../core/event';
import { readable, visibleLine } from './payload';
import type { Counters, Entry, EventEntry, SpeakerView } from './protocol';
import type { Speakers } from './speakers';

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
  readonly userProperties?: Readonly<Record<string, string | readonly string[]>>;
}

export interface HeardClient {
  readonly clientId: string;
  readonly what: 'connected' | 'left' | 'lost';
  readonly at: number;
  readonly replaced?: boolean;
}

export interface Snapshot {
  readonly entries: readonly Entry[];
  readonly speakers: readonly SpeakerView[];
  /** Topics heard of, newest first. */
  readonly topics: readonly string[];
  readonly counters: Counters;
}

export type ConversationChange =
  /** One more entry; older ones than `firstId` are gone. */
  | { readonly type: 'added'; readonly entry: Entry; readonly firstId: number }
  /** Names or presence changed, the entries did not. */
  | { readonly type: 'speakers' }
  | { readonly type: 'cleared' };

export interface ConversationModel extends Disposable {
  heard(message: HeardMessage): void;
  client(event: HeardClient): void;
  /** A quiet line of Parley's own: "Broker started on …". Everybody counts as gone when `reset`. */
  note(text: string, at: number, options?: { readonly reset?: boolean }): void;
  /** Removes every line and starts to count anew; who is connected stays. */
  clear(): void;
  snapshot(): Snapshot;
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
  /** How many entries are kept; the oldest go first. */
  readonly limit?: number;
}

/** Key of whoever the broker does not name. */
export const SOMEONE = '?';
/** Messages a second are counted over this long, in milliseconds. */
const RATE_WINDOW = 5000;
const KNOWN_TOPICS = 100;
/** More client ids than this are a storm of random ones: the ones long gone are forgotten. */
const KNOWN_SPEAKERS = 500;

interface Seat {
  readonly key: string;
  readonly clientId: string | undefined;
  readonly topic: string | undefined;
  seat: number;
  connected: boolean;
  messages: number;
}

export function createConversation(options: ModelOptions): ConversationModel {
  const { speakers, clock, limit = 5000 } = options;
  const changes = new Emitter<ConversationChange>();
  let entries: Entry[] = [];
  /** Entries before this index are dropped; the array is cut only now and then. */
  let start = 0;
  let nextId = 1;
  let total = 0;
  let dropped = 0;
  let seatsTaken = 0;
  const seats = new Map<string, Seat>();
  const boardSeats = new Map<string, number>();
  const topics = new Set<string>();
  const rate = createRate(clock);
  const renamed = speakers.onChange(() => changes.fire({ type: 'speakers' }));

  function seatOf(clientId: string | undefined, topic?: string): Seat {
    const named = clientId !== undefined || speakers.speakerOf(undefined, topic).how === 'topic';
    const key = clientId ?? (named ? `${SOMEONE}${topic}` : SOMEONE);
    let seat = seats.get(key);
    if (!seat) {
      seat = { key, clientId, topic, seat: -1, connected: false, messages: 0 };
      if (seats.size >= KNOWN_SPEAKERS) forgetSomeone();
      seats.set(key, seat);
      takeSeat(seat);
    }
    return seat;
  }

  /** A board keeps its side and colour over every client id it comes with. */
  function takeSeat(seat: Seat): void {
    const { how, boardId } = speakers.speakerOf(seat.clientId, seat.topic);
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

  function add(entry: Entry): void {
    entries.push(entry);
    if (entries.length - start > limit) {
      start++;
      dropped++;
      if (start >= limit) {
        entries = entries.slice(start);
        start = 0;
      }
    }
    const firstId = entries[start]?.id ?? nextId;
    changes.fire({ type: 'added', entry, firstId });
  }

  function event(what: EventEntry['what'], at: number, speaker?: string, text?: string): void {
    add({ id: nextId++, kind: 'event', at, what, speaker, text });
  }

  function view(seat: Seat): SpeakerView {
    const { name, how, boardId } = speakers.speakerOf(seat.clientId, seat.topic);
    if (boardId !== undefined && boardSeats.get(boardId) !== seat.seat) takeSeat(seat);
    const { key, connected, messages } = seat;
    return { key, name, how, boardId, seat: seat.seat, connected, messages };
  }

  const model: ConversationModel = {
    onChange: changes.event,
    heard(message) {
      const seat = seatOf(message.clientId, message.topic);
      seat.messages++;
      total++;
      rate.count();
      const topic = visibleLine(message.topic);
      // Moved to the end, so that the last one is the newest.
      topics.delete(message.topic);
      topics.add(message.topic);
      const [oldest] = topics;
      if (topics.size > KNOWN_TOPICS && oldest !== undefined) topics.delete(oldest);
      const { kind, text, cut } = readable(message.payload);
      add({
        id: nextId++,
        kind: 'message',
        at: message.at,
        topic,
        text,
        payload: kind,
        bytes: message.payload.length,
        cut,
        qos: message.qos,
        retain: message.retain,
        speaker: seat.key,
        receivers: message.receivers,
      });
    },
    client({ clientId, what, at, replaced }) {
      const seat = seatOf(clientId);
      seat.connected = what === 'connected';
      // Parley's own coming and going is nobody's business.
      if (speakers.speakerOf(clientId).how === 'self') return;
      event(what === 'connected' ? 'joined' : replaced ? 'replaced' : what, at, seat.key);
    },
    note(text, at, { reset = false } = {}) {
      if (reset) for (const seat of seats.values()) seat.connected = false;
      event('note', at, undefined, visibleLine(text, 500));
    },
    clear() {
      entries = [];
      start = 0;
      total = 0;
      dropped = 0;
      rate.reset();
      for (const seat of [...seats.values()]) {
        seat.messages = 0;
        if (!seat.connected) seats.delete(seat.key);
      }
      changes.fire({ type: 'cleared' });
    },
    snapshot: () => ({
      entries: entries.slice(start),
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
      const { name, how, boardId } = speakers.speakerOf(key === SOMEONE ? undefined : key);
      return { key, name, how, boardId, seat: 0, connected: false, messages: 0 };
    },
    get counters() {
      return { total, dropped, perSecond: rate.perSecond() };
    },
    dispose() {
      renamed.dispose();
      changes.dispose();
    },
  };
  return model;
}

/** True for a message that reached nobody. Unknown is not nobody. */
export function unheard(entry: Entry): boolean {
  return entry.kind === 'message' && entry.receivers === 0;
}

/** Counts in buckets of a quarter of a second: its memory does not grow with the rate. */
function createRate(clock: Clock): { count(): void; perSecond(): number; reset(): void } {
  const width = 250;
  const buckets = new Map<number, number>();
  const sweep = (): void => {
    const oldest = Math.floor((clock.now() - RATE_WINDOW) / width);
    for (const bucket of buckets.keys()) if (bucket <= oldest) buckets.delete(bucket);
  };
  return {
    count() {
      const bucket = Math.floor(clock.now() / width);
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
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
