/**
 * All lines that are kept, packed: a million messages take some hundred bytes each, not a thousand.
 * Bounded by count and by bytes; the oldest go first. Pure.
 * Below: nothing. Above: model.ts writes in it, search.ts reads its blocks.
 */

/** One line as it is kept, the payload's bytes included. */
export interface Kept {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly what: 'message' | 'joined' | 'back' | 'left' | 'lost' | 'replaced' | 'note';
  /** Of a message. As published. */
  readonly topic: string;
  /** Of a message. A view into the history: copy it to keep it. */
  readonly payload: Uint8Array;
  /** The payload's true length, where only its beginning is kept. */
  readonly bytes: number;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly will: boolean;
  /** Key of the speaker; '' for a note. */
  readonly speaker: string;
  readonly receivers: number | undefined;
  readonly to: readonly string[] | undefined;
  readonly acked: readonly string[] | undefined;
  /** The sentence of a note. */
  readonly text: string | undefined;
  /** Bookmarked; see {@link History.bookmarks}. */
  readonly bookmarked?: boolean;
}

export type NewLine = Partial<Omit<Kept, 'id'>> & Pick<Kept, 'at' | 'what'>;

export interface HistoryLimits {
  /** Lines. */
  readonly lines: number;
  /** Payload bytes. */
  readonly bytes: number;
}

const kinds = ['message', 'joined', 'back', 'left', 'lost', 'replaced', 'note'] as const;
const UNKNOWN = 0xffffffff;
export const BLOCK = 1024;
const FIRST_ROOM = 8 * 1024;
const nothing = new Uint8Array();

/** Texts by number, each kept once a block: a flood of ever new topics goes with its blocks. */
class Names {
  readonly all: string[] = [];
  private numbers: Map<string, number> | undefined = new Map();

  number(name: string): number {
    let number = this.numbers?.get(name);
    if (number === undefined) {
      number = this.all.push(name) - 1;
      this.numbers?.set(name, number);
    }
    return number;
  }

  seal(): void {
    this.numbers = undefined;
  }
}

/** A thousand lines; columns instead of objects. */
export class Block {
  count = 0;
  /** All payloads, one after the other. */
  data = Buffer.allocUnsafe(FIRST_ROOM);
  readonly at = new Float64Array(BLOCK);
  /** Where each payload ends in `data`; it begins where the one before ends. */
  readonly ends = new Uint32Array(BLOCK);
  readonly topic = new Uint16Array(BLOCK);
  readonly speaker = new Uint16Array(BLOCK);
  /** Index into `kinds` (3 bits), QoS (2), retain, dup, will. */
  readonly bits = new Uint8Array(BLOCK);
  private readonly bytes = new Uint32Array(BLOCK);
  private readonly receivers = new Uint32Array(BLOCK);
  readonly topics = new Names();
  readonly speakers = new Names();
  private readonly to = new Map<number, readonly string[]>();
  private readonly tos = new Map<string, readonly string[]>();
  private readonly acked = new Map<number, string[]>();
  readonly notes = new Map<number, string>();

  constructor(readonly firstId: number) {}

  start(index: number): number {
    return index === 0 ? 0 : (this.ends[index - 1] ?? 0);
  }

  isMessage(index: number): boolean {
    return ((this.bits[index] ?? 0) & 7) === 0;
  }

  add(line: NewLine): void {
    const index = this.count++;
    const payload = line.payload ?? nothing;
    const from = this.start(index);
    const to = from + payload.length;
    if (to > this.data.length) {
      const bigger = Buffer.allocUnsafe(Math.max(to, this.data.length * 2));
      this.data.copy(bigger, 0, 0, from);
      this.data = bigger;
    }
    this.data.set(payload, from);
    this.ends[index] = to;
    this.at[index] = line.at;
    this.topic[index] = this.topics.number(line.topic ?? '');
    this.speaker[index] = this.speakers.number(line.speaker ?? '');
    this.bits[index] =
      kinds.indexOf(line.what) |
      ((line.qos ?? 0) << 3) |
      (line.retain ? 32 : 0) |
      (line.dup ? 64 : 0) |
      (line.will ? 128 : 0);
    this.bytes[index] = Math.min(line.bytes ?? payload.length, UNKNOWN);
    this.receivers[index] = line.receivers ?? UNKNOWN;
    if (line.text !== undefined) this.notes.set(index, line.text);
    if (line.to && line.to.length > 0) {
      const key = line.to.join('\0');
      const same = this.tos.get(key) ?? line.to;
      this.tos.set(key, same);
      this.to.set(index, same);
    }
    if (line.acked && line.acked.length > 0) this.acked.set(index, [...line.acked]);
    if (this.count === BLOCK) this.seal();
  }

  /** No more lines come: what was only for adding goes. */
  private seal(): void {
    this.data = Buffer.from(this.data.subarray(0, this.start(BLOCK)));
    this.topics.seal();
    this.speakers.seal();
    this.tos.clear();
  }

  acknowledge(index: number, clientId: string): void {
    const before = this.acked.get(index) ?? [];
    if (!before.includes(clientId)) this.acked.set(index, [...before, clientId]);
  }

  get(index: number): Kept {
    const bits = this.bits[index] ?? 0;
    const receivers = this.receivers[index] ?? UNKNOWN;
    return {
      id: this.firstId + index,
      at: this.at[index] ?? 0,
      what: kinds[bits & 7] ?? 'note',
      topic: this.topics.all[this.topic[index] ?? 0] ?? '',
      payload: this.data.subarray(this.start(index), this.ends[index]),
      bytes: this.bytes[index] ?? 0,
      qos: ((bits >> 3) & 3) as 0 | 1 | 2,
      retain: (bits & 32) !== 0,
      dup: (bits & 64) !== 0,
      will: (bits & 128) !== 0,
      speaker: this.speakers.all[this.speaker[index] ?? 0] ?? '',
      receivers: receivers === UNKNOWN ? undefined : receivers,
      to: this.to.get(index),
      acked: this.acked.get(index),
      text: this.notes.get(index),
    };
  }
}

/** A flood of ever new topics of 65,535 bytes must not fill the memory either. */
function weight(payload: number, topic: string): number {
  return payload + (topic.length > 128 ? topic.length : 0);
}

export class History {
  /** Oldest first. Lines of the first one below {@link firstId} are gone already. */
  readonly blocks: Block[] = [];
  firstId = 1;
  nextId = 1;
  /** Messages that are kept, and those that went to stay within the limits. */
  messages = 0;
  dropped = 0;
  /** Payload bytes that are kept, and those of long topics. */
  bytes = 0;
  /** Ids of lines the person wants to find again. They go with their lines. */
  readonly bookmarks = new Set<number>();

  constructor(public limits: HistoryLimits) {}

  /** @returns the id of the new line */
  add(line: NewLine): number {
    let block = this.blocks.at(-1);
    if (!block || block.count === BLOCK) {
      block = new Block(this.nextId);
      this.blocks.push(block);
    }
    block.add(line);
    if (line.what === 'message') this.messages++;
    this.bytes += weight(line.payload?.length ?? 0, line.topic ?? '');
    const id = this.nextId++;
    if (line.bookmarked) this.bookmarks.add(id);
    while (
      this.nextId - this.firstId > this.limits.lines ||
      (this.bytes > this.limits.bytes && this.firstId < id)
    ) {
      this.dropOldest();
    }
    return id;
  }

  get(id: number): Kept | undefined {
    const [block, index] = this.find(id);
    const line = block?.get(index);
    return line && this.bookmarks.has(id) ? { ...line, bookmarked: true } : line;
  }

  acknowledge(id: number, clientId: string): boolean {
    const [block, index] = this.find(id);
    block?.acknowledge(index, clientId);
    return block !== undefined;
  }

  /** Lines from `from` on, oldest first. */
  *lines(from = this.firstId): Generator<Kept> {
    for (let id = Math.max(from, this.firstId); id < this.nextId; id++) {
      const line = this.get(id);
      if (line) yield line;
    }
  }

  /** Everything goes; ids go on. */
  clear(): void {
    this.blocks.length = 0;
    this.firstId = this.nextId;
    this.messages = this.dropped = this.bytes = 0;
    this.bookmarks.clear();
  }

  private dropOldest(): void {
    const block = this.blocks[0];
    if (!block) return;
    const index = this.firstId - block.firstId;
    if (block.isMessage(index)) {
      this.messages--;
      this.dropped++;
    }
    const topic = block.topics.all[block.topic[index] ?? 0] ?? '';
    this.bytes -= weight((block.ends[index] ?? 0) - block.start(index), topic);
    if (this.bookmarks.size > 0) this.bookmarks.delete(this.firstId);
    this.firstId++;
    if (this.firstId >= block.firstId + block.count) this.blocks.shift();
  }

  private find(id: number): [Block, number] | [undefined, number] {
    const first = this.blocks[0];
    if (!first || id < this.firstId || id >= this.nextId) return [undefined, 0];
    const offset = id - first.firstId;
    const block = this.blocks[Math.floor(offset / BLOCK)];
    return block ? [block, offset % BLOCK] : [undefined, 0];
  }
}
