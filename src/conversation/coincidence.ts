/**
 * Who said it, where no broker tells: a board that prints what it is about to say. Learned slowly
 * and unlearned at once, because a listener prints the same words a moment later. Pure.
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
/** So many different messages, each printed by one board alone before it was heard. */
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

interface Evidence {
  boardId: string;
  readonly texts: Set<string>;
  told: boolean;
}

export function createCoincidences(): Coincidences {
  const outputs = new Map<string, Output>();
  const evidence = new Map<string, Evidence>();
  /** Topics on which the same words were printed after the message, or by two boards: no proof. */
  const doubtful = new Map<string, Set<string>>();
  /** What was heard lately, to see who prints it afterwards. */
  let recent: { readonly topic: string; readonly text: string; readonly at: number }[] = [];
  const learned = new Emitter<Learned>();
  let second = 0;
  let looked = 0;

  function before(boardId: string, text: string, at: number): boolean {
    const output = outputs.get(boardId);
    if (!output) return false;
    const old = output.chunks.findLastIndex((chunk) => chunk.at < at - WITHIN);
    return holds(output.text.slice(output.chunks[old]?.length ?? 0), text);
  }

  function doubt(topic: string, boardId: string): void {
    const boards = doubtful.get(topic) ?? new Set();
    doubtful.set(topic, boards.add(boardId));
    if (doubtful.size > TOPICS) doubtful.delete([...doubtful.keys()][0] ?? '');
    const known = evidence.get(topic);
    if (known?.boardId !== boardId) return;
    evidence.delete(topic);
    if (known.told) learned.fire({ topic, boardId: undefined });
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
      for (const { topic, text } of recent) {
        const old = fresh.slice(0, fresh.length - added.length);
        if (holds(fresh, text) && !holds(old, text)) doubt(topic, boardId);
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
      recent.push({ topic, text, at });
      const [boardId] = boards;
      if (boardId === undefined) return;
      if (boards.length > 1) {
        for (const one of boards) doubt(topic, one);
        return;
      }
      if (doubtful.get(topic)?.has(boardId)) return;
      let known = evidence.get(topic);
      if (known && known.boardId !== boardId) return doubt(topic, known.boardId);
      if (!known) {
        known = { boardId, texts: new Set(), told: false };
        if (evidence.size >= TOPICS) evidence.delete([...evidence.keys()][0] ?? '');
        evidence.set(topic, known);
      }
      if (known.texts.size < ENOUGH) known.texts.add(text);
      if (known.texts.size < ENOUGH || known.told) return;
      known.told = true;
      learned.fire({ topic, boardId });
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
