/**
 * Whose client id is that? Pure: boards come in as data, so this folder needs to know neither the
 * boards nor the broker.
 * Below: core. Above: model.ts names each line with it.
 */
import type { BoardColour } from '../core/colours';
import { Emitter, type Event } from '../core/event';
import { topicMatches } from '../core/topics';
import { visibleLine } from './payload';
import type { How } from './protocol';
import { t } from '../core/words';

/** Ids of Parley's own clients start so; the broker leaves their `#` out of its counts. */
export const OWN_CLIENT_PREFIX = 'parley-';

export interface KnownBoard {
  readonly boardId: string;
  /** What the person calls it: "machine1". */
  readonly name: string;
  /** `machine.unique_id()` as hex, any case, with or without colons. Six bytes on an ESP32. */
  readonly uniqueIdHex: string;
  /** Topic filters that only this board speaks on; used where the broker does not tell who spoke. */
  readonly topics?: readonly string[];
  /** The colour a person gave it. */
  readonly colour?: BoardColour | undefined;
}

/** What is known of a message besides its client id. */
export interface Hints {
  readonly topic?: string;
  /** Who it says that said it: a user property, which anybody can set. */
  readonly claim?: string;
}

export interface Speaker {
  readonly name: string;
  readonly boardId?: string;
  readonly colour?: BoardColour | undefined;
  readonly how: How;
}

export interface Speakers {
  /** Adds a board, or replaces what was known of the board with that id. */
  learn(board: KnownBoard): void;
  /** Forgets a board; its lines then show the client id again. */
  forget(boardId: string): void;
  /** On `topic` that board was seen to speak (coincidence.ts); undefined takes it back. */
  coincide(topic: string, boardId: string | undefined): void;
  /**
   * @param clientId as in CONNECT; undefined where the broker does not tell it
   * @param hints used only without a client id
   */
  speakerOf(clientId?: string, hints?: Hints): Speaker;
  /** Fires when an answer of `speakerOf` may have changed. */
  readonly onChange: Event<void>;
}

/** A hex id shorter than this is not looked for inside client ids: it would be found by accident. */
const SHORTEST_INSIDE = 6;

export function createSpeakers(): Speakers {
  const boards = new Map<string, KnownBoard & { readonly hex: string }>();
  const learned = new Map<string, string>();
  const changes = new Emitter<void>();

  /** Without a client id: what the message says itself, then its topic, then what was learned. */
  function byHints({ topic, claim }: Hints): Speaker {
    const all = [...boards.values()];
    if (claim !== undefined) {
      const plain = hexOnly(claim);
      const board =
        all.find((b) => b.name.toLowerCase() === claim.toLowerCase()) ??
        all.find((b) => b.hex !== '' && plain === b.hex);
      if (board) return of(board, 'property');
      return { name: visibleLine(claim, 64) || t('Someone'), how: 'property' };
    }
    if (topic === undefined) return { name: t('Someone'), how: 'unknown' };
    const [board, other] = all.filter((b) => b.topics?.some((f) => topicMatches(f, topic)));
    // Two of which each alone speaks there: then it is not known which.
    if (board && !other) return of(board, 'topic');
    const seen = boards.get(learned.get(topic) ?? '');
    if (seen && !board) return of(seen, 'learned');
    return { name: t('Someone'), how: 'unknown' };
  }

  return {
    onChange: changes.event,
    learn(board) {
      const known = boards.get(board.boardId);
      const hex = hexOnly(board.uniqueIdHex);
      const same = known?.hex === hex && known.name === board.name && known.colour === board.colour;
      boards.set(board.boardId, { ...board, hex });
      if (!same || String(known.topics) !== String(board.topics)) changes.fire();
    },
    forget(boardId) {
      if (boards.delete(boardId)) changes.fire();
    },
    coincide(topic, boardId) {
      if (boardId === undefined) learned.delete(topic);
      else learned.set(topic, boardId);
      changes.fire();
    },
    speakerOf(clientId, hints = {}) {
      if (clientId === undefined) return byHints(hints);
      const all = [...boards.values()];
      if (clientId.startsWith(OWN_CLIENT_PREFIX)) return { name: t('You'), how: 'self' };
      // A MAC may be written with colons or dashes, alone or inside a longer id.
      const plain = clientId.toLowerCase();
      const joined = plain.replace(/[:-]/g, '');
      const board =
        all.find((b) => b.hex !== '' && (plain === b.hex || joined === b.hex)) ??
        all.find((b) => b.hex.length >= SHORTEST_INSIDE && joined.includes(b.hex));
      if (board) return of(board, 'client id');
      return { name: visibleLine(clientId, 64) || t('Someone'), how: 'unknown' };
    },
  };
}

function of({ name, boardId, colour }: KnownBoard, how: Speaker['how']): Speaker {
  return { name, boardId, how, ...(colour === undefined ? {} : { colour }) };
}

function hexOnly(text: string): string {
  return text.toLowerCase().replace(/[^0-9a-f]/g, '');
}
