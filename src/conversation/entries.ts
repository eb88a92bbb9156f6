/**
 * A kept line as the view is told it: bytes made readable, what is unknown left out. Pure.
 * Below: history.ts, payload.ts. Above: model.ts and viewFeed.ts.
 */
import type { Kept } from './history';
import { readable, visibleLine } from './payload';
import type { Entry } from './protocol';

/** More receivers than this are counted, not named. */
const NAMED = 20;

export function entryOf(line: Kept): Entry {
  const { id, at, what, speaker, receivers, to, acked } = line;
  if (what !== 'message') {
    return {
      id,
      kind: 'event',
      at,
      what,
      ...(speaker === '' ? {} : { speaker }),
      ...(line.text === undefined ? {} : { text: line.text }),
    };
  }
  const { kind, text, cut } = readable(line.payload);
  return {
    id,
    kind: 'message',
    at,
    topic: visibleLine(line.topic),
    text,
    payload: kind,
    bytes: line.bytes,
    cut: cut || line.bytes > line.payload.length,
    qos: line.qos,
    retain: line.retain,
    ...(line.dup ? { dup: true } : {}),
    ...(line.will ? { will: true } : {}),
    speaker,
    ...(receivers === undefined ? {} : { receivers }),
    ...(to ? { to: to.slice(0, NAMED) } : {}),
    ...(line.bookmarked ? { bookmarked: true } : {}),
    ...(acked ? { acked: acked.slice(0, NAMED) } : {}),
  };
}
