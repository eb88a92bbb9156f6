/**
 * Who is connected and who listens on what: one book for every kind of broker. Pure.
 * Below: topics.ts. Above: embedded.ts and mosquittoLog.ts write in it, hosted.ts keeps a copy.
 */
import { topicMatches } from '../core/topics';

/** Ids of Parley's own clients start so (conversation/speakers.ts says the same). */
export const OBSERVER_PREFIX = 'parley-';

/** Topics whose listeners are remembered; a flood of ever new topics must not fill the memory. */
const REMEMBERED_TOPICS = 2000;

/** A change of the roster as another process can repeat it; `key` is a connection's number. */
export type RosterChange =
  | {
      readonly what: 'connect';
      readonly key: number;
      readonly id: string;
      readonly filters: readonly (readonly [string, 0 | 1 | 2])[];
    }
  | { readonly what: 'drop'; readonly key: number }
  | {
      readonly what: 'subscribe';
      readonly key: number;
      readonly filter: string;
      readonly qos: 0 | 1 | 2;
    }
  | { readonly what: 'unsubscribe'; readonly key: number; readonly filter: string };

interface Guest {
  readonly number: number;
  readonly id: string;
  /** Filter to the QoS granted. */
  readonly filters: Map<string, 0 | 1 | 2>;
}

/** @typeParam K what a connection is known by; two of them may have the same client id for a moment. */
export class Roster<K> {
  private readonly guests = new Map<K, Guest>();
  private readonly remembered = new Map<string, readonly string[]>();
  private numbers = 0;

  /** @param changed is called after each change */
  constructor(private readonly changed: (change: RosterChange) => void = () => undefined) {}

  /** Ids of the connected clients, in the order they came. */
  get ids(): readonly string[] {
    return [...this.guests.values()].map((guest) => guest.id);
  }

  get size(): number {
    return this.guests.size;
  }

  /** Filters of all connected clients together. */
  get filterCount(): number {
    let count = 0;
    for (const guest of this.guests.values()) count += guest.filters.size;
    return count;
  }

  has(key: K): boolean {
    return this.guests.has(key);
  }

  /** @param filters of a session the broker had kept for the client */
  connect(key: K, id: string, filters: ReadonlyMap<string, 0 | 1 | 2> = new Map()): void {
    const number = ++this.numbers;
    this.guests.set(key, { number, id, filters: new Map(filters) });
    this.remembered.clear();
    this.changed({ what: 'connect', key: number, id, filters: [...filters] });
  }

  /** @returns the filters the connection had */
  drop(key: K): ReadonlyMap<string, 0 | 1 | 2> {
    const guest = this.guests.get(key);
    if (!guest) return new Map();
    this.guests.delete(key);
    this.remembered.clear();
    this.changed({ what: 'drop', key: guest.number });
    return guest.filters;
  }

  subscribe(key: K, filter: string, qos: 0 | 1 | 2): void {
    const guest = this.guests.get(key);
    if (!guest) return;
    guest.filters.set(filter, qos);
    this.remembered.clear();
    this.changed({ what: 'subscribe', key: guest.number, filter, qos });
  }

  unsubscribe(key: K, filter: string): void {
    const guest = this.guests.get(key);
    if (!guest?.filters.delete(filter)) return;
    this.remembered.clear();
    this.changed({ what: 'unsubscribe', key: guest.number, filter });
  }

  /** The changes that make a roster like this one out of an empty one. */
  asChanges(): RosterChange[] {
    return [...this.guests.values()].map(({ number: key, id, filters }) => {
      return { what: 'connect', key, id, filters: [...filters] };
    });
  }

  /** Filter and QoS of a connection. */
  filtersOf(key: K): ReadonlyMap<string, 0 | 1 | 2> | undefined {
    return this.guests.get(key)?.filters;
  }

  /** What each client listens to, a client id once; what Parley's own listen to is left out. */
  subscriptions(): ReadonlyMap<string, readonly string[]> {
    const all = new Map<string, string[]>();
    for (const { id, filters } of this.guests.values()) {
      all.set(id, [...(all.get(id) ?? []), ...(isParley(id) ? [] : filters.keys())]);
    }
    return all;
  }

  /** Ids of the clients that get a message on `topic`, each once. */
  listenersOf(topic: string): readonly string[] {
    const known = this.remembered.get(topic);
    if (known) return known;
    const found = new Set<string>();
    for (const { id, filters } of this.guests.values()) {
      if (isParley(id)) continue;
      for (const filter of filters.keys()) {
        if (!topicMatches(filter, topic)) continue;
        found.add(id);
        break;
      }
    }
    if (this.remembered.size >= REMEMBERED_TOPICS) this.remembered.clear();
    const listeners = [...found];
    this.remembered.set(topic, listeners);
    return listeners;
  }

  clear(): void {
    this.guests.clear();
    this.remembered.clear();
  }
}

/** Repeats `change` of another roster in `copy`. */
export function repeat(copy: Roster<number>, change: RosterChange): void {
  switch (change.what) {
    case 'connect':
      return copy.connect(change.key, change.id, new Map(change.filters));
    case 'drop':
      return void copy.drop(change.key);
    case 'subscribe':
      return copy.subscribe(change.key, change.filter, change.qos);
    case 'unsubscribe':
      return copy.unsubscribe(change.key, change.filter);
  }
}

/** Parley listens in order to show it, or to check the broker: that is nobody who answers. */
function isParley(id: string): boolean {
  return id.startsWith(OBSERVER_PREFIX);
}
