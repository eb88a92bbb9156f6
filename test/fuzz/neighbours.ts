/**
 * Inputs that lie near to one that fast-check has drawn: drawing costs many times what a parser takes,
 * so each draw is used some times over. They follow from the input alone, so that a seed and a path
 * name them too. Below: nothing. Above: runner.ts.
 */

/** A small generator of numbers, the same for the same input. */
class Dice {
  constructor(private state: number) {}

  /** 0 to `below` - 1. */
  roll(below: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return below > 0 ? (this.state >>> 0) % below : 0;
  }
}

/** Bytes and characters at which parsers turn. */
const BYTES = [0, 1, 4, 10, 13, 27, 0x7f, 0x80, 0xc0, 0xdb, 0xdc, 0xe9, 0xfa, 0xfb, 0xff];
const CHARACTERS = '\0\n\r\t\u001b"\'\\/{}[]<>:;,.=#+*-0919eEx\u202e\ud83d\u2028é ';

/**
 * The `n`th neighbour of `value`: every text, every run of bytes and every object of keys in it is
 * changed a little, and nothing else is. Bytes never become fewer than one where there were some.
 */
export function neighbour<T>(value: T, n: number): T {
  const dice = new Dice(seedOf(value, n));
  return near(value, dice) as T;
}

function near(value: unknown, dice: Dice): unknown {
  if (typeof value === 'string') return nearText(value, dice);
  if (value instanceof Uint8Array) return nearBytes(value, dice);
  if (Array.isArray(value)) return value.map((one) => near(one, dice));
  if (isPlain(value)) return nearObject(value, dice);
  return value;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** One without a key, or with another key's value at it. */
function nearObject(value: Record<string, unknown>, dice: Dice): Record<string, unknown> {
  const entries = Object.entries(value);
  if (entries.length === 0) return value;
  const [at, from] = [dice.roll(entries.length), dice.roll(entries.length)];
  if (at === from) entries.splice(at, 1);
  else entries[at] = [entries[at]![0], near(entries[from]![1], dice)];
  return Object.fromEntries(entries);
}

function nearText(text: string, dice: Dice): string {
  const [at, to] = [dice.roll(text.length + 1), dice.roll(text.length + 1)];
  const character = CHARACTERS[dice.roll(CHARACTERS.length)]!;
  switch (dice.roll(5)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + character + text.slice(at);
    case 2:
      return text.slice(0, at) + character + text.slice(at + 1);
    case 3:
      return text.slice(0, Math.max(at, to)) + text.slice(Math.min(at, to));
    default:
      return text.slice(at) + text.slice(0, at);
  }
}

function nearBytes(bytes: Uint8Array, dice: Dice): Uint8Array {
  const all = Uint8Array.from(bytes);
  if (all.length === 0) return all;
  const at = dice.roll(all.length);
  switch (dice.roll(5)) {
    case 0:
      all[at]! ^= 1 << dice.roll(8);
      return all;
    case 1:
      all[at] = BYTES[dice.roll(BYTES.length)]!;
      return all;
    case 2:
      return all.subarray(0, Math.max(1, at));
    case 3:
      all.copyWithin(at, dice.roll(all.length));
      return all;
    default: {
      const more = new Uint8Array(all.length + 1);
      more.set(all.subarray(0, at));
      more[at] = BYTES[dice.roll(BYTES.length)]!;
      more.set(all.subarray(at), at + 1);
      return more.subarray(0, bytes.length);
    }
  }
}

/** Never 0: a generator of this kind would stay there. */
function seedOf(value: unknown, n: number): number {
  let hash = 0x811c9dc5 ^ (n * 0x9e3779b1);
  const take = (code: number): void => void (hash = Math.imul(hash ^ code, 0x01000193));
  const read = (one: unknown): void => {
    if (typeof one === 'string') for (let i = 0; i < one.length; i++) take(one.charCodeAt(i));
    else if (one instanceof Uint8Array) for (const byte of one) take(byte);
    else if (Array.isArray(one)) for (const part of one) read(part);
    else if (isPlain(one)) for (const key of Object.keys(one)) read(key);
    else if (typeof one === 'number') take(one);
  };
  read(value);
  return hash | 1;
}
