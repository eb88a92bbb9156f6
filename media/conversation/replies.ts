/**
 * Which message answers which: by pairs of topics, because MQTT 3.1.1 has no other thread. Pure.
 * Below: protocol's types. Above: lines.ts asks for each line that is drawn.
 */
import type { Entry, MessageEntry } from '../../src/conversation/protocol';

/** An answer comes within so many lines and milliseconds, or it is none. */
const WITHIN_LINES = 40;
const WITHIN_MS = 60_000;

/** Ends of topics that everybody uses so: `lamp/set` is answered on `lamp/state`. */
const conventions: readonly (readonly [string, string])[] = [
  ['/request', '/response'],
  ['/set', '/state'],
  ['/get', '/state'],
  ['/cmd', '/ack'],
];

/** True if what is said on `answer` answers what was said on `question`. */
export function isPair(
  question: string,
  answer: string,
  pairs: Readonly<Record<string, string>>,
): boolean {
  if (Object.hasOwn(pairs, question) && pairs[question] === answer) return true;
  return conventions.some(
    ([asks, says]) =>
      question.endsWith(asks) &&
      answer.endsWith(says) &&
      question.slice(0, -asks.length) === answer.slice(0, -says.length),
  );
}

/**
 * The message that the one at `index` answers: the newest before it on the topic that asks, said by
 * somebody else.
 */
export function questionOf(
  lines: readonly Entry[],
  index: number,
  pairs: Readonly<Record<string, string>>,
  sameVoice: (a: string, b: string) => boolean,
): MessageEntry | undefined {
  const answer = lines[index];
  if (answer?.kind !== 'message') return undefined;
  for (let i = index - 1; i >= Math.max(0, index - WITHIN_LINES); i--) {
    const one = lines[i];
    if (one?.kind !== 'message' || !isPair(one.topic, answer.topic, pairs)) continue;
    if (answer.at - one.at > WITHIN_MS) return undefined;
    if (!sameVoice(one.speaker, answer.speaker)) return one;
  }
  return undefined;
}
