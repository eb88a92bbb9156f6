/**
 * The lines a view holds: the newest of those that pass the filter, which the host applies. Pure.
 * Below: protocol's types. Above: log.ts draws a window of `shown`.
 */
import type { Entry, MessageEntry, SpeakerView } from '../../src/conversation/protocol';
import { questionOf } from './replies';
import { t } from '../../src/core/words';

/** One run of bubbles ends when its speaker is silent for longer than this, milliseconds. */
const RUN_PAUSE = 60_000;
/** More lines than this are not held while the reader is at the end; the host has the rest. */
export const MOST_LINES = 5000;

/** What tells speakers apart on the screen: a board is one, whatever client ids it comes with. */
export function voiceOf(speaker: SpeakerView): string {
  return speaker.boardId ?? (speaker.how === 'self' ? 'self' : speaker.key);
}

export class Lines {
  private speakers = new Map<string, SpeakerView>();
  /** Oldest first. */
  shown: readonly Entry[] = [];
  /** The host has older ones. */
  more = false;
  /** Topics that answer others. */
  replies: Readonly<Record<string, string>> = {};

  speaker(key: string | undefined): SpeakerView {
    const known = key === undefined ? undefined : this.speakers.get(key);
    if (known) return known;
    // Forgotten by the host: a storm of client ids. Its lines show the id.
    const name = key === undefined || key.startsWith('?') ? t('Someone') : key;
    const rest = { seat: 0, connected: false, messages: 0 };
    const client = key === undefined || key.startsWith('?') ? {} : { clientId: key };
    return { key: key ?? '?', ...client, name, how: 'unknown', ...rest };
  }

  /** @returns true if lines drawn before would look different now */
  setSpeakers(speakers: readonly SpeakerView[]): boolean {
    const before = this.speakers;
    this.speakers = new Map(speakers.map((speaker) => [speaker.key, speaker]));
    for (const [key, { name, seat, boardId, how, colour }] of this.speakers) {
      const old = before.get(key);
      if (!old) continue;
      if (
        old.name !== name ||
        old.seat !== seat ||
        old.boardId !== boardId ||
        old.how !== how ||
        old.colour !== colour
      ) {
        return true;
      }
    }
    return false;
  }

  reset(entries: readonly Entry[], more = false): void {
    this.shown = [...entries];
    this.more = more;
  }

  /**
   * Adds `entries` and drops what is older than `firstId`, and with `most` what is too much.
   * @returns how many went at the front and came at the end
   */
  append(
    entries: readonly Entry[],
    firstId: number,
    most = Infinity,
  ): { gone: number; added: number } {
    const before = this.shown.length;
    const kept = after(this.shown, firstId);
    if (kept.length < before) this.more = false;
    const added = entries.filter((entry) => entry.id >= firstId);
    const all = added.length > 0 ? kept.concat(added) : kept;
    const surplus = Math.max(0, all.length - most);
    if (surplus > 0) this.more = true;
    this.shown = surplus > 0 ? all.slice(surplus) : all;
    return { gone: before - kept.length + surplus, added: added.length };
  }

  /** Lines from before the first one. @returns how many there were */
  prepend(entries: readonly Entry[], more: boolean): number {
    const first = this.shown[0]?.id ?? Infinity;
    const older = entries.filter((entry) => entry.id < first);
    this.shown = older.concat(this.shown);
    this.more = more;
    return older.length;
  }

  /** Lines that are others now. @returns the places of those that are held */
  change(entries: readonly Entry[]): number[] {
    const changed = new Map(entries.map((entry) => [entry.id, entry]));
    const places: number[] = [];
    this.shown = this.shown.map((entry, index) => {
      const now = changed.get(entry.id);
      if (now) places.push(index);
      return now ?? entry;
    });
    return places;
  }

  /** True if the line at `index` of `shown` begins a run: it then carries the name. */
  startsRun(index: number): boolean {
    const entry = this.shown[index];
    const before = this.shown[index - 1];
    if (entry?.kind !== 'message' || before?.kind !== 'message') return true;
    if (entry.at - before.at > RUN_PAUSE) return true;
    const [one, two] = [this.speaker(entry.speaker), this.speaker(before.speaker)];
    // A run has one name, and one way in which it is known.
    return voiceOf(one) !== voiceOf(two) || one.how !== two.how;
  }

  /** What the line at `index` answers. */
  question(index: number): MessageEntry | undefined {
    const same = (a: string, b: string): boolean =>
      voiceOf(this.speaker(a)) === voiceOf(this.speaker(b));
    return questionOf(this.shown, index, this.replies, same);
  }

  /** True if the line at `index` is the first of its day. */
  startsDay(index: number): boolean {
    const entry = this.shown[index];
    const before = this.shown[index - 1];
    if (!entry || !before) return false;
    return new Date(entry.at).toDateString() !== new Date(before.at).toDateString();
  }

  /** True if the run's line before this one reached nobody on the same topic: said already. */
  repeatsUnheard(index: number): boolean {
    const entry = this.shown[index];
    const before = this.shown[index - 1];
    return (
      entry?.kind === 'message' &&
      before?.kind === 'message' &&
      !this.startsRun(index) &&
      entry.receivers === 0 &&
      before.receivers === 0 &&
      before.topic === entry.topic
    );
  }
}

/** The entries from `firstId` on; the same array when that is all of them. Ids ascend. */
function after(entries: readonly Entry[], firstId: number): Entry[] {
  const index = entries.findIndex((entry) => entry.id >= firstId);
  if (index === 0) return entries as Entry[];
  return index < 0 ? [] : entries.slice(index);
}
