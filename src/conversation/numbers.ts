/**
 * Numbers in what boards say: a payload that is one, or fields of JSON. Pure.
 * Below: nothing. Above: topicTable.ts (which there are), series.ts (how they go).
 */

/** A topic has at most so many fields that are shown as numbers. */
const MOST_FIELDS = 24;
const DEEPEST = 6;
/** Longer payloads than this are not looked into. */
const LONGEST = 16 * 1024;

/**
 * Each number in `payload` by its path: '' is the payload itself, `t`, `room.t` and `list[0]` are
 * fields of JSON. True and false count as 1 and 0, and so do the words on and off alone.
 */
export function numbersIn(payload: Uint8Array): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  if (payload.length === 0 || payload.length > LONGEST) return found;
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
    .toString('utf8')
    .trim();
  const plain = plainNumber(text);
  if (plain !== undefined) return found.set('', plain);
  if (!/^[{[]/.test(text)) return found;
  try {
    collect(JSON.parse(text), '', 0, found);
  } catch {
    // No JSON: there are no numbers in it then.
  }
  return found;
}

/** What a whole payload is as a number. A unit after it is left out: "21.5 °C", "40%". */
function plainNumber(text: string): number | undefined {
  const word = { on: 1, off: 0, true: 1, false: 0 }[text.toLowerCase()];
  if (word !== undefined) return word;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(?:°?[a-zA-Z%]{0,4})?$/i.exec(text);
  if (!match || text.length > 40) return undefined;
  const value = Number(match[1]);
  return Number.isFinite(value) ? value : undefined;
}

function collect(value: unknown, path: string, depth: number, found: Map<string, number>): void {
  if (found.size >= MOST_FIELDS) return;
  if (typeof value === 'number') {
    // 1e999 is JSON, and infinite: nothing that can be drawn.
    if (Number.isFinite(value)) found.set(path, value);
  } else if (typeof value === 'boolean') found.set(path, value ? 1 : 0);
  else if (depth >= DEEPEST || typeof value !== 'object' || value === null) return;
  else if (Array.isArray(value)) {
    value
      .slice(0, MOST_FIELDS)
      .forEach((item, i) => collect(item, `${path}[${i}]`, depth + 1, found));
  } else {
    for (const [key, item] of Object.entries(value).slice(0, 100)) {
      collect(item, path === '' ? key : `${path}.${key}`, depth + 1, found);
    }
  }
}
