/**
 * Fills Wi-Fi and broker into a copy of a MicroPython source, on its way to a board.
 * Below: nothing. Above: putFolder.ts. Only literals assigned at the left margin to the names
 * asked for are changed (strings, and the port's integer); every other byte stays. Values are never logged.
 */

/** How a program connects with TLS: for those that have a place for it, `mqtt_ca = ''`. */
export interface TlsValues {
  readonly port: number;
  /** Name of the certificate on the board, filled into `mqtt_ca`. */
  readonly ca: string;
  /** DER: it goes to the board with the files. */
  readonly certificate: Uint8Array;
}

export interface ProvisionValues {
  readonly ssid?: string;
  readonly password?: string;
  readonly mqtt_server?: string;
  /** Who the program is at a broker that asks. */
  readonly mqtt_user?: string;
  readonly mqtt_password?: string;
  /** Instead of `mqtt_port`, for a program that has `mqtt_ca`. */
  readonly tls?: TlsValues;
  /** 1 to 65535; fills `mqtt_port = 1883`, an integer literal, where a file has one. */
  readonly mqtt_port?: number;
}

export interface Provisioned {
  readonly text: string;
  /** Names that were found and filled in, in order of appearance, each once. */
  readonly filled: string[];
}

interface Literal {
  /** False for one that runs into the end of its line or of the file. */
  readonly closed: boolean;
  /** Index of the prefix or the opening quote. */
  readonly start: number;
  /** Index after the closing quote. */
  readonly end: number;
  readonly prefix: string;
  readonly quote: string;
}

const assignment =
  /(ssid|password|mqtt_server|mqtt_port|mqtt_user|mqtt_password|mqtt_ca)[ \t]*(?::[ \t]*[A-Za-z_][\w.]*[ \t]*)?=[ \t]*/y;
const integer = /\d+/y;
const literalStart = /([bBuUrRfF]{0,2})("""|'''|"|')/y;
const statementEnd = /[ \t]*(?:#|;|\r?\n|\r|$)/y;

/**
 * @param source Python text; a byte order mark and any line ends are kept
 * @param values what to fill in; a name without a value keeps what the file says
 */
export function provision(source: string, values: ProvisionValues): Provisioned {
  return fill(source, forThis(source, values));
}

type Literals = Omit<ProvisionValues, 'tls'> & { readonly mqtt_ca?: string };

/** With TLS where the program knows how; in the clear otherwise, for a board that is in this computer. */
function forThis(source: string, { tls, ...values }: ProvisionValues): Literals {
  const able = tls && [...assigned(source)].some(({ name }) => name === 'mqtt_ca');
  return able ? { ...values, mqtt_port: tls.port, mqtt_ca: tls.ca } : values;
}

function fill(source: string, values: Literals): Provisioned {
  const filled: string[] = [];
  let text = '';
  let copied = 0;
  for (const start of logicalLines(source)) {
    const name = match(assignment, source, start);
    const value = name ? values[name[1] as keyof Literals] : undefined;
    if (!name || value === undefined) continue;
    const from = start + name[0].length;
    const literal = typeof value === 'number' ? integerAt(source, from) : literalAt(source, from);
    if (!literal?.closed || !match(statementEnd, source, literal.end)) continue;
    const filling = typeof value === 'number' ? String(value) : written(value, literal);
    text += source.slice(copied, literal.start) + filling;
    copied = literal.end;
    if (!filled.includes(name[1] ?? '')) filled.push(name[1] ?? '');
  }
  return { text: text + source.slice(copied), filled };
}

/** Names whose value is nobody's business. */
const SECRET = new Set(['password', 'mqtt_password']);

/** What was taken out, and the text without it. */
export interface TakenOut {
  readonly text: string;
  /** Names whose value is not that of the board any more, each once. */
  readonly taken: string[];
}

/**
 * The reverse of {@link provision}, for a file on its way back from a board: each name gets what
 * `original` (the file that was put) says of it. A password goes even where nobody knows what it
 * was before: a backup must hold none.
 */
export function takeOut(source: string, original?: string): TakenOut {
  const before = new Map<string, string>();
  for (const { name, literal } of assigned(original ?? '')) {
    if (!before.has(name)) before.set(name, (original ?? '').slice(literal.start, literal.end));
  }
  const taken: string[] = [];
  let text = '';
  let copied = 0;
  for (const { name, literal } of assigned(source)) {
    const now = source.slice(literal.start, literal.end);
    const wanted = before.get(name) ?? (SECRET.has(name) ? "''" : now);
    if (wanted === now) continue;
    text += source.slice(copied, literal.start) + wanted;
    copied = literal.end;
    if (!taken.includes(name)) taken.push(name);
  }
  return { text: text + source.slice(copied), taken };
}

/** What a source says by itself; passwords are not among it. */
export interface Told {
  readonly ssid?: string;
  readonly mqtt_server?: string;
  readonly mqtt_port?: number;
}

/** Reads the names that {@link provision} fills in, all but the passwords; the last assignment counts. */
export function told(source: string): Told {
  const found: { ssid?: string; mqtt_server?: string; mqtt_port?: number } = {};
  for (const { name, literal } of assigned(source)) {
    const text = source.slice(literal.start, literal.end);
    if (name === 'mqtt_port') found.mqtt_port = Number(text);
    else if (name === 'ssid' || name === 'mqtt_server') found[name] = spoken(text, literal);
  }
  return found;
}

/** Every literal at the left margin that {@link provision} could fill in. */
function* assigned(source: string): Generator<{ name: string; literal: Literal }> {
  for (const start of logicalLines(source)) {
    const name = match(assignment, source, start);
    if (!name) continue;
    const from = start + name[0].length;
    const literal = name[1] === 'mqtt_port' ? integerAt(source, from) : literalAt(source, from);
    if (literal?.closed && match(statementEnd, source, literal.end)) {
      yield { name: name[1] ?? '', literal };
    }
  }
}

/** Where statements begin at the left margin: not inside strings or brackets, not after a `\`. */
function* logicalLines(source: string): Generator<number> {
  let depth = 0;
  let fresh = true;
  for (let at = source.startsWith('\uFEFF') ? 1 : 0; at < source.length;) {
    if (fresh && depth === 0) yield at;
    fresh = false;
    const char = source[at] ?? '';
    const literal = char === '"' || char === "'" ? literalAt(source, at) : undefined;
    if (literal) at = literal.end;
    else if (char === '#') at = endOfLine(source, at);
    else if (char === '\\') at += source.startsWith('\r\n', at + 1) ? 3 : 2;
    else {
      if ('([{'.includes(char)) depth++;
      else if (')]}'.includes(char)) depth = Math.max(0, depth - 1);
      else if (char === '\n' || (char === '\r' && source[at + 1] !== '\n')) fresh = true;
      at++;
    }
  }
}

function endOfLine(source: string, from: number): number {
  const match = /[\r\n]/g;
  match.lastIndex = from;
  return match.exec(source)?.index ?? source.length;
}

/** The literal at `at`; undefined when there is none. One that is never closed ends with its line. */
function literalAt(source: string, at: number): Literal | undefined {
  const opening = match(literalStart, source, at);
  if (!opening) return undefined;
  const [all, prefix = '', quote = ''] = opening;
  let end = at + all.length;
  for (; end < source.length; end++) {
    if (source[end] === '\\') end++;
    else if (source.startsWith(quote, end))
      return { closed: true, start: at, end: end + quote.length, prefix, quote };
    else if (quote.length === 1 && /[\r\n]/.test(source[end] ?? '')) break;
  }
  return { closed: false, start: at, end: Math.min(end, source.length), prefix, quote };
}

/** The decimal integer at `at`. */
function integerAt(source: string, at: number): Literal | undefined {
  const digits = match(integer, source, at);
  return digits
    ? { closed: true, start: at, end: at + digits[0].length, prefix: '', quote: '' }
    : undefined;
}

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

/** `value` as a literal with the same quotes; a bytes literal stays one, raw and f go. */
function written(value: string, { prefix, quote }: Literal): string {
  const isBytes = /b/i.test(prefix);
  const kept = prefix.replace(/[rf]/gi, '');
  const characters = isBytes ? [...Buffer.from(value, 'utf8').toString('latin1')] : [...value];
  return kept + quote + characters.map((c) => escaped(c, quote[0] ?? '', isBytes)).join('') + quote;
}

/** The value of a literal, with the escapes that {@link written} makes. */
function spoken(text: string, { prefix, quote }: Literal): string {
  const inner = text.slice(prefix.length + quote.length, text.length - quote.length);
  if (/r/i.test(prefix)) return inner;
  const plain: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
  const value = inner.replace(/\\(?:x([0-9a-fA-F]{2})|([^]))/g, (_, hex: string, one: string) =>
    hex ? String.fromCharCode(parseInt(hex, 16)) : (plain[one] ?? one),
  );
  return /b/i.test(prefix) ? Buffer.from(value, 'latin1').toString('utf8') : value;
}

function escaped(char: string, quote: string, isBytes: boolean): string {
  if (char === '\\' || char === quote) return `\\${char}`;
  if (char === '\n') return '\\n';
  if (char === '\r') return '\\r';
  if (char === '\t') return '\\t';
  const code = char.codePointAt(0) ?? 0;
  const hex = code < 0x20 || code === 0x7f || (isBytes && code > 0x7f);
  return hex ? `\\x${code.toString(16).padStart(2, '0')}` : char;
}
