/**
 * Which lines of the history pass a filter: a million of them in well under a second. Pure but for
 * one thing: a pattern somebody typed runs with a deadline, because one bad one would never end.
 * Below: history.ts, core/topics. Above: viewFeed.ts.
 */
import { createContext, Script } from 'node:vm';
import { topicFilterProblem, topicMatches } from '../core/topics';
import { BLOCK, type Block, type History } from './history';
import { PREVIEW_CHARACTERS } from './payload';
import type { Filter, SpeakerView } from './protocol';
import { t } from '../core/words';

/** What tells speakers apart: a board is one, whatever client ids it comes with. */
export function voiceOf(speaker: SpeakerView): string {
  return speaker.boardId ?? (speaker.how === 'self' ? 'self' : speaker.key);
}

export interface Found {
  /** Ids of the newest that pass, oldest first. */
  readonly ids: readonly number[];
  /** How many pass, all in all; with `countAll` only, else those of `ids`. */
  readonly count: number;
  /** There are more before them. */
  readonly more: boolean;
}

export interface Sieve {
  /** False when everything passes. */
  readonly filters: boolean;
  /** What is wrong with the filter, as a sentence: nothing passes then. */
  readonly problem: string | undefined;
  /**
   * The newest `limit` lines before the id `before`.
   * @param countAll go on to the oldest to know how many there are
   */
  find(history: History, before: number, limit: number, countAll?: boolean): Found;
  /** Ids from `from` on that pass, oldest first. */
  since(history: History, from: number): readonly number[];
}

/** A typed pattern gets this long for one search, milliseconds. */
const DEADLINE = 1500;
/** Of a payload only what is shown is searched by a pattern. */
const PATTERN_BYTES = PREVIEW_CHARACTERS * 4;

type Test = (block: Block, index: number) => boolean;

/** What a filter asks: who a key is, as known now, and what is bookmarked. */
export interface Asked {
  speaker(key: string): SpeakerView;
  readonly history: Pick<History, 'bookmarks'>;
}

/** @param deadline for a typed pattern, milliseconds */
export function createSieve(filter: Filter, asked: Asked, deadline = DEADLINE): Sieve {
  const { text, topic, voice, bookmarked = false } = filter;
  const speaker = (key: string): SpeakerView => asked.speaker(key);
  const filters = text !== '' || topic !== '' || voice !== undefined || bookmarked;
  let pattern: RegExp | undefined;
  let problem = topic === '' ? undefined : topicFilterProblem(topic);
  try {
    // Without g and y, test() keeps no place; u only where it is valid so.
    if (text !== '') pattern = new RegExp(filter.regex ? text : escape(text), 'i');
  } catch {
    problem = t('“{text}” is no pattern: a bracket or parenthesis is not closed, perhaps.', {
      text,
    });
  }

  /** Lines of `block` that pass; what is the same for many is looked at once a block. */
  function testOf(block: Block): Test {
    const inName = once(block.speakers.all, (key) => {
      return key !== '' && pattern !== undefined && pattern.test(speaker(key).name);
    });
    const voiced = once(block.speakers.all, (key) => {
      return key !== '' && voiceOf(speaker(key)) === voice;
    });
    const onTopic = once(block.topics.all, (name) => topicMatches(topic, name));
    const inTopic = once(block.topics.all, (name) => pattern?.test(name) ?? true);
    const inPayload = pattern && payloadTest(block, pattern, filter);
    return (block, index) => {
      const message = block.isMessage(index);
      if (bookmarked && !asked.history.bookmarks.has(block.firstId + index)) return false;
      if (topic !== '' && !(message && onTopic(block.topic[index] ?? 0))) return false;
      const who = block.speaker[index] ?? 0;
      if (voice !== undefined && !voiced(who)) return false;
      if (!pattern) return true;
      if (inName(who)) return true;
      if (!message) return pattern.test(block.notes.get(index) ?? '');
      return inTopic(block.topic[index] ?? 0) || (inPayload?.(index) ?? false);
    };
  }

  function guarded<T>(work: () => T, otherwise: T): T {
    if (problem !== undefined) return otherwise;
    if (!filter.regex || text === '') return work();
    try {
      return withDeadline(work, deadline);
    } catch {
      problem = t('That pattern takes too long on what was said. Write it with fewer * and +.');
      return otherwise;
    }
  }

  return {
    filters,
    get problem() {
      return problem;
    },
    find(history, before, limit, countAll = false) {
      const found = (): Found => {
        const ids: number[] = [];
        let count = 0;
        let more = false;
        scan: for (let b = history.blocks.length - 1; b >= 0; b--) {
          const block = history.blocks[b];
          if (!block || block.firstId >= before) continue;
          const passes = filters ? testOf(block) : () => true;
          const least = Math.max(0, history.firstId - block.firstId);
          for (let i = Math.min(block.count, before - block.firstId) - 1; i >= least; i--) {
            if (!passes(block, i)) continue;
            if (ids.length < limit) ids.push(block.firstId + i);
            else more = true;
            count++;
            if (more && !countAll) break scan;
          }
        }
        return { ids: ids.reverse(), count: countAll ? count : ids.length, more };
      };
      return guarded(found, { ids: [], count: 0, more: false });
    },
    since(history, from) {
      const passing = (): number[] => {
        const ids: number[] = [];
        const first = history.blocks[0];
        if (!first) return ids;
        const start = Math.max(from, history.firstId);
        let b = Math.max(0, Math.floor((start - first.firstId) / BLOCK));
        for (; b < history.blocks.length; b++) {
          const block = history.blocks[b];
          if (!block) break;
          const passes = filters ? testOf(block) : () => true;
          for (let i = Math.max(0, start - block.firstId); i < block.count; i++) {
            if (passes(block, i)) ids.push(block.firstId + i);
          }
        }
        return ids;
      };
      return guarded(passing, []);
    },
  };
}

/**
 * Plain words: one pass over the block's bytes as Latin-1, where a character is a byte, says where
 * they are; far quicker than a thousand decoded texts. Patterns see each payload as text.
 */
function payloadTest(block: Block, pattern: RegExp, filter: Filter): (index: number) => boolean {
  if (filter.regex) {
    return (index) => {
      const from = block.start(index);
      const to = Math.min(block.ends[index] ?? 0, from + PATTERN_BYTES);
      return pattern.test(block.data.toString('utf8', from, to));
    };
  }
  // eslint-disable-next-line no-control-regex -- that is the question
  const ascii = /^[\x00-\x7f]*$/.test(filter.text);
  let hits: Uint8Array | undefined;
  return (index) => {
    // A live line or two, or letters whose other case has other bytes: each text by itself.
    if (block.count < BLOCK || !ascii) {
      return pattern.test(block.data.toString('utf8', block.start(index), block.ends[index]));
    }
    hits ??= findAll(block, filter.text);
    return hits[index] === 1;
  };
}

function findAll(block: Block, text: string): Uint8Array {
  const hits = new Uint8Array(BLOCK);
  const end = block.start(block.count);
  const bytes = block.data.toString('latin1', 0, end);
  const words = new RegExp(escape(text), 'gi');
  let index = 0;
  for (let match = words.exec(bytes); match; match = words.exec(bytes)) {
    const at = match.index;
    while ((block.ends[index] ?? 0) <= at && index < block.count - 1) index++;
    if (at + match[0].length <= (block.ends[index] ?? 0)) {
      hits[index] = 1;
      words.lastIndex = block.ends[index] ?? 0;
    } else {
      // It lies across two payloads.
      words.lastIndex = at + 1;
    }
  }
  return hits;
}

/** `test` of each of `all` when first asked. */
function once(all: readonly string[], test: (text: string) => boolean): (index: number) => boolean {
  const known: (boolean | undefined)[] = [];
  return (index) => (known[index] ??= test(all[index] ?? ''));
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

const sandbox = createContext({ work: undefined as (() => unknown) | undefined });
const runWork = new Script('work()');

/** @throws when `work` takes longer than `ms`; V8 stops it even inside a pattern */
function withDeadline<T>(work: () => T, ms: number): T {
  sandbox['work'] = work;
  try {
    return runWork.runInContext(sandbox, { timeout: ms }) as T;
  } finally {
    sandbox['work'] = undefined;
  }
}
