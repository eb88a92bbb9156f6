/**
 * Who said it, where no broker tells: a board that prints what it says. Pure.
 *
 * Only words that are printed before the message is heard make a speaker, three in a row. A listener
 * prints them a moment after, each time; but on a busy computer a speaker's serial line can come
 * late too, now and then. So what comes late in the same moment proves nothing: it only makes an
 * unfinished proof begin anew, and three in a row are a listener.
 * Below: core. Above: conversationFeed.ts hands in what boards print and what is heard; speakers.ts
 * names with it, and the view says that it was only learned.
 */
import { Emitter, type Event } from '../core/event';

export interface Learned {
  readonly topic: string;
  /** Undefined: what was learned is doubtful now. */
  readonly boardId: string | undefined;
}

export interface Coincidences {
  /** @param at milliseconds of one clock, as for {@link heard} */
  printed(boardId: string, bytes: Uint8Array, at: number): void;
  /** A message that nothing else tells the speaker of. */
  heard(topic: string, payload: Uint8Array, at: number): void;
  readonly onLearned: Event<Learned>;
}

/** Printing and message belong together within this, milliseconds. */
const WITHIN = 2000;
/** A speaker's line is no later than this, milliseconds; what comes still later is an answer. */
const SAME_MOMENT = 500;
/** So many different messages, each printed by one board alone: before it was heard, or after. */
const ENOUGH = 3;
/** Shorter words are printed by accident. */
const SHORTEST = 4;
const LONGEST = 200;
/** Of each board's output so much is looked at, characters; and so many messages a second. */
const REMEMBERED = 4000;
const A_SECOND = 50;
const TOPICS = 500;

interface Output {
  text: string;
  /** When each chunk came, and how long the text was after it, counted from its beginning. */
  chunks: { readonly at: number; readonly length: number }[];
}

/** What a board printed of what is said on a topic. */
interface Evidence {
  /** Different words in a row, printed before they were heard. */
  readonly before: Set<string>;
  /** And after. */
  readonly late: Set<string>;
  told: boolean;
  /** It listens there, or is not alone: nothing proves any more that it speaks. */
  doubtful: boolean;
}

interface Heard {
  readonly topic: string;
  readonly text: string;
  readonly at: number;
  /** Those that had printed it by then; that they print it once more says nothing. */
  readonly by: readonly string[];
}

export function createCoincidences(): Coincidences {
  const outputs = new Map<string, Output>();
  /** By topic, then by board. */
  const topics = new Map<string, Map<string, Evidence>>();
  /** What was heard lately, to see who prints it afterwards. */
  let recent: Heard[] = [];
  const learned = new Emitter<Learned>();
  let second = 0;
  let looked = 0;

  function before(boardId: string, text: string, at: number): boolean {
    const output = outputs.get(boardId);
    if (!output) return false;
    const old = output.chunks.findLastIndex((chunk) => chunk.at < at - WITHIN);
    return holds(output.text.slice(output.chunks[old]?.length ?? 0), text);
  }

  function evidenceOf(topic: string, boardId: string): Evidence {
    const boards = topics.get(topic) ?? new Map<string, Evidence>();
    topics.set(topic, boards);
    const [oldest] = topics.keys();
    if (topics.size > TOPICS && oldest !== undefined) topics.delete(oldest);
    const known = boards.get(boardId) ?? {
      before: new Set(),
      late: new Set(),
      told: false,
      doubtful: false,
    };
    boards.set(boardId, known);
    return known;
  }

  function doubt(topic: string, boardId: string): void {
    const known = evidenceOf(topic, boardId);
    known.doubtful = true;
    if (known.told) learned.fire({ topic, boardId: undefined });
    known.told = false;
  }

  function printedLate({ topic, text, at, by }: Heard, boardId: string, now: number): void {
    if (by.includes(boardId)) return;
    const known = evidenceOf(topic, boardId);
    if (known.doubtful) return;
    known.late.add(text);
    if (!known.told) known.before.clear();
    if (now - at > SAME_MOMENT || known.late.size >= ENOUGH) doubt(topic, boardId);
  }

  function printedBefore(topic: string, text: string, boardId: string): void {
    const known = evidenceOf(topic, boardId);
    const rivals = [...(topics.get(topic) ?? [])].filter(
      ([id, one]) => id !== boardId && (one.told || one.before.size > 0),
    );
    // Both speak there: then the topic tells of none.
    for (const [id] of rivals) doubt(topic, id);
    if (rivals.length > 0) doubt(topic, boardId);
    if (known.doubtful) return;
    known.late.clear();
    if (known.before.size < ENOUGH) known.before.add(text);
    if (known.before.size < ENOUGH || known.told) return;
    known.told = true;
    learned.fire({ topic, boardId });
  }

  return {
    onLearned: learned.event,
    printed(boardId, bytes, at) {
      const output = outputs.get(boardId) ?? { text: '', chunks: [] };
      outputs.set(boardId, output);
      const added = Buffer.from(bytes).toString('utf8');
      const from = Math.max(0, output.text.length - LONGEST);
      output.text += added;
      output.chunks.push({ at, length: output.text.length });
      // Only words that were not all there before this chunk came are printed now.
      const fresh = output.text.slice(from);
      recent = recent.filter((one) => one.at >= at - WITHIN);
      for (const one of recent) {
        const old = fresh.slice(0, fresh.length - added.length);
        if (holds(fresh, one.text) && !holds(old, one.text)) printedLate(one, boardId, at);
      }
      const surplus = output.text.length - REMEMBERED;
      if (surplus <= 0) return;
      output.text = output.text.slice(surplus);
      output.chunks = output.chunks
        .map((chunk) => ({ ...chunk, length: chunk.length - surplus }))
        .filter((chunk) => chunk.length > 0);
    },
    heard(topic, payload, at) {
      const now = Math.floor(at / 1000);
      if (now !== second) looked = 0;
      second = now;
      if (++looked > A_SECOND || payload.length > LONGEST) return;
      const text = Buffer.from(payload).toString('utf8').trim();
      if (text.length < SHORTEST || text.includes('\ufffd')) return;
      const boards = [...outputs.keys()].filter((id) => before(id, text, at));
      recent.push({ topic, text, at, by: boards });
      const [boardId] = boards;
      if (boards.length === 1 && boardId !== undefined) printedBefore(topic, text, boardId);
      else for (const one of boards) doubt(topic, one);
    },
  };
}

/** True if the words stand there, not as part of longer ones: “#1” is not in “#12”. */
function holds(output: string, text: string): boolean {
  for (let at = output.indexOf(text); at >= 0; at = output.indexOf(text, at + 1)) {
    const around = `${output[at - 1] ?? ' '}${output[at + text.length] ?? ' '}`;
    if (!/[\p{L}\p{N}]/u.test(around)) return true;
  }
  return false;
}
