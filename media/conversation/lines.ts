/**
 * The lines a view holds and those its filter lets through. Pure.
 * Below: protocol's types. Above: log.ts draws a window of `shown`.
 */
import type { Entry, SpeakerView } from '../../src/conversation/protocol';

export interface Filter {
  /** Found in text, topic or name; case does not matter. */
  readonly text: string;
  /** Only this speaker's lines: a {@link voiceOf}. */
  readonly voice?: string;
}

/** One run of bubbles ends when its speaker is silent for longer than this, milliseconds. */
const RUN_PAUSE = 60_000;

/** What tells speakers apart on the screen: a board is one, whatever client ids it comes with. */
export function voiceOf(speaker: SpeakerView): string {
  return speaker.boardId ?? (speaker.how === 'self' ? 'self' : speaker.key);
}

export class Lines {
  private all: Entry[] = [];
  private speakers = new Map<string, SpeakerView>();
  private filter: Filter = { text: '' };
  /** What passes the filter, oldest first. */
  shown: readonly Entry[] = [];

  get count(): number {
    return this.all.length;
  }

  get filtered(): boolean {
    return this.filter.text !== '' || this.filter.voice !== undefined;
  }

  speaker(key: string | undefined): SpeakerView {
    const known = key === undefined ? undefined : this.speakers.get(key);
    if (known) return known;
    // Forgotten by the host: a storm of client ids. Its lines show the id.
    const name = key === undefined || key.startsWith('?') ? 'Someone' : key;
    const rest = { seat: 0, connected: false, messages: 0 };
    return { key: key ?? '?', name, how: 'unknown', ...rest };
  }

  /** @returns true if lines drawn before would look different now */
  setSpeakers(speakers: readonly SpeakerView[]): boolean {
    const before = this.speakers;
    this.speakers = new Map(speakers.map((speaker) => [speaker.key, speaker]));
    let changed = false;
    for (const [key, { name, seat, boardId }] of this.speakers) {
      const old = before.get(key);
      if (old && (old.name !== name || old.seat !== seat || old.boardId !== boardId)) {
        changed = true;
      }
    }
    if (changed && this.filtered) this.sift();
    return changed;
  }

  reset(entries: readonly Entry[]): void {
    this.all = [...entries];
    this.sift();
  }

  setFilter(filter: Filter): void {
    this.filter = filter;
    this.sift();
  }

  /**
   * Adds `entries` and drops what is older than `firstId`.
   * @returns how many of `shown` went at its front and came at its end
   */
  append(entries: readonly Entry[], firstId: number): { gone: number; added: number } {
    this.all = after(this.all, firstId).concat(entries);
    const kept = after(this.shown, firstId);
    const gone = this.shown.length - kept.length;
    const added = entries.filter((entry) => entry.id >= firstId && this.passes(entry));
    this.shown = added.length > 0 ? kept.concat(added) : kept;
    return { gone, added: added.length };
  }

  /** True if the line at `index` of `shown` begins a run: it then carries the name. */
  startsRun(index: number): boolean {
    const entry = this.shown[index];
    const before = this.shown[index - 1];
    if (entry?.kind !== 'message' || before?.kind !== 'message') return true;
    if (entry.at - before.at > RUN_PAUSE) return true;
    return voiceOf(this.speaker(entry.speaker)) !== voiceOf(this.speaker(before.speaker));
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

  private sift(): void {
    this.shown = this.filtered ? this.all.filter((entry) => this.passes(entry)) : this.all;
  }

  private passes(entry: Entry): boolean {
    if (!this.filtered) return true;
    const speaker = entry.speaker === undefined ? undefined : this.speaker(entry.speaker);
    const { voice, text } = this.filter;
    if (voice !== undefined && (!speaker || voiceOf(speaker) !== voice)) return false;
    const topic = entry.kind === 'message' ? entry.topic : '';
    const haystack = `${speaker?.name ?? ''}\n${topic}\n${entry.text ?? ''}`;
    return haystack.toLowerCase().includes(text.toLowerCase());
  }
}

/** The entries from `firstId` on; the same array when that is all of them. Ids ascend. */
function after(entries: readonly Entry[], firstId: number): Entry[] {
  const index = entries.findIndex((entry) => entry.id >= firstId);
  if (index === 0) return entries as Entry[];
  return index < 0 ? [] : entries.slice(index);
}
