/**
 * The numbers in a line that a board prints: `temp:21.5 hum:40`, `temp=21.5`, `21.5,40`, `(21.5, 40)`,
 * `{'temp': 21.5}`, or CSV with a head of names. Pure.
 * Below: nothing. Above: plotModel.ts. A line is numbers as a whole or not at all: a sentence or a boot
 * log in which a number stands is not drawn.
 */

export interface Reading {
  readonly name: string;
  readonly value: number;
}

/** Longer lines are not looked into. Characters. */
const LONGEST = 1000;
/** A line has at most so many numbers that are drawn. */
const MOST = 16;

// What a terminal obeys and does not show: colours, titles, single control characters.
// eslint-disable-next-line no-control-regex
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|.)|[\x00-\x08\x0b-\x1f\x7f]/g;
/** What the prompt echoes is typed, not measured. */
const PROMPT = /^(?:>>> |\.\.\. |=== )/;

const WORD = String.raw`[\p{L}_][\p{L}\p{N}_./()\[\]°%-]*`;
const NUMBER = String.raw`[+-]?(?!0x)(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]?(?:nan|inf)|true|false`;
const UNIT = String.raw`°\s?\p{L}|[%‰°Ω]|[\p{L}µ]{1,6}(?:\/\p{L}{1,3}\d?)?`;
/** One name and its number, with a unit that is left out; the next pair's name is no unit. */
const PAIR = new RegExp(
  String.raw`["']?(${WORD}(?: ${WORD}){0,3}?)["']?\s*[:=]\s*(${NUMBER})(?:\s?(?:${UNIT}))?(?=$|[\s,;|])(?!\s*[:=])[\s,;|]*`,
  'iuy',
);
const LONE = new RegExp(String.raw`^(${NUMBER})(?:\s?(?:${UNIT}))?$`, 'iu');
const NAME = new RegExp(String.raw`^["']?([\p{L}_][^"']{0,39})["']?$`, 'u');

/** Reads lines one after the other: a CSV's head names the numbers of the lines below it. */
export class LineReader {
  private head: readonly string[] = [];

  /** The numbers of `line`; empty where it is something else. */
  read(line: string): readonly Reading[] {
    if (line.length > LONGEST) return [];
    const text = line.replace(ESCAPES, '').trim();
    if (text === '' || PROMPT.test(text)) return [];
    const pairs = readPairs(withoutBrackets(text));
    if (pairs) return pairs;
    const alone = valueOf(text);
    if (alone !== undefined) return this.named([alone]);
    const cells = cellsOf(withoutBrackets(text));
    const values = cells.map(valueOf);
    if (values.every((value) => value !== undefined)) return this.named(values);
    const names = cells.map((cell) => NAME.exec(cell)?.[1]?.trim());
    const separated = /[,;\t]/.test(text);
    if (separated && names.length > 1 && names.every((name) => name !== undefined)) {
      this.head = names;
    }
    return [];
  }

  private named(values: readonly number[]): readonly Reading[] {
    const { head } = this;
    if (head.length !== values.length) this.head = [];
    const nameOf = (at: number): string =>
      this.head[at] ?? (values.length === 1 ? 'value' : `value ${at + 1}`);
    return values
      .slice(0, MOST)
      .map((value, at) => ({ name: nameOf(at), value }))
      .filter(({ value }) => Number.isFinite(value));
  }
}

/** Every pair of the line, or undefined where it is not made of pairs alone. */
function readPairs(text: string): readonly Reading[] | undefined {
  const found: Reading[] = [];
  PAIR.lastIndex = 0;
  for (let at = 0; at < text.length; at = PAIR.lastIndex) {
    const [, name, number] = PAIR.exec(text) ?? [];
    const value = number === undefined ? undefined : valueOf(number);
    if (name === undefined || value === undefined) return undefined;
    if (Number.isFinite(value)) found.push({ name, value });
  }
  return found.slice(0, MOST);
}

/** A tuple, a list or a dict as MicroPython prints it, without its brackets. */
function withoutBrackets(text: string): string {
  return (/^[([{](.*)[)\]}]$/.exec(text)?.[1] ?? text).trim();
}

/** By commas, semicolons or tabs where there are any, else by spaces. */
function cellsOf(text: string): string[] {
  const plain = text.replace(/[,;]$/, '');
  return plain.split(/[,;\t]/.test(plain) ? /\s*[,;\t]\s*/ : /\s+/);
}

/** NaN and infinity are numbers that are not drawn; undefined is no number. */
function valueOf(text: string): number | undefined {
  const number = LONE.exec(text)?.[1]?.toLowerCase();
  if (number === undefined) return undefined;
  if (number === 'true') return 1;
  if (number === 'false') return 0;
  return /nan|inf/.test(number) ? NaN : Number(number);
}
