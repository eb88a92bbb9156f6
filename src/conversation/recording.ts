/**
 * A conversation as a file: one line of JSON each, checked when it comes back, because a file may
 * come from anybody. Pure. Below: history.ts' lines. Above: recordingFile.ts, historyStore.ts.
 * What begins with "mark", "counted" or "before" is of the history's old files alone (historyMigration.ts).
 *
 * The first line is {"parley":"conversation","version":1}; then messages
 * {"t":1790000000000,"topic":"hello","text":"hello #1","client":"240a…"} (bytes that are no UTF-8:
 * "base64"), events {"t":…,"event":"joined","client":"…"} and names {"client":"…","name":"machine1"}.
 */
import { csvCell } from '../core/csv';
import type { Kept, NewLine } from './history';
import type { SpeakerView } from './protocol';

export const RECORDING_HEAD = '{"parley":"conversation","version":1}';

/** Messages there were before those of a file, and those of them that were only counted. */
interface Before {
  readonly messages: number;
  readonly counted: number;
}

/** A line is no longer than a payload of 1 MiB in Base64 with a topic of 65,535 bytes. */
export const LONGEST_LINE = 2 * 1024 * 1024;
const LONGEST_TEXT = 65_535;
const MOST_RECEIVERS = 50;

/** Key of a speaker whom only the message itself names (model.ts). */
const CLAIM = '?=';

const events = ['joined', 'back', 'left', 'lost', 'replaced', 'note'] as const;

export type RecordedLine =
  | { readonly kind: 'line'; readonly line: NewLine }
  | { readonly kind: 'name'; readonly client: string; readonly name: string }
  | { readonly kind: 'counted'; readonly counted: number }
  | { readonly kind: 'mark'; readonly on: boolean; readonly at: number; readonly topic: string }
  | { readonly kind: 'head'; readonly before: Before };

/** A kept line as a line of the file, without its end. */
export function recordOf(line: Kept): string {
  const { at: t, what, topic, speaker, receivers, to, text } = line;
  const client = speaker === '' || speaker.startsWith('?') ? undefined : speaker;
  const claims = speaker.startsWith(CLAIM) ? speaker.slice(CLAIM.length) : undefined;
  if (what !== 'message') return JSON.stringify({ t, event: what, client, text });
  const whole = line.bytes === line.payload.length ? undefined : line.bytes;
  return JSON.stringify({
    t,
    topic,
    ...payloadOf(line.payload),
    bytes: whole,
    qos: line.qos || undefined,
    retain: line.retain || undefined,
    dup: line.dup || undefined,
    will: line.will || undefined,
    client,
    claims,
    receivers,
    to,
    acked: line.acked,
    bookmarked: line.bookmarked,
  });
}

/** A name for whoever reads the file where that board is not known. */
export function nameRecord({ key: client, name }: SpeakerView): string {
  return JSON.stringify({ client, name });
}

function payloadOf(bytes: Uint8Array): { text: string } | { base64: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}

/** A line of a file, or undefined where it is none: cut off, too long, or made to do harm. */
export function parseRecord(text: string): RecordedLine | undefined {
  if (text.length > LONGEST_LINE) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const record = value as Record<string, unknown>;
  if (Object.hasOwn(record, 'parley')) {
    return record['parley'] === 'conversation' && record['version'] === 1
      ? { kind: 'head', before: beforeOf(record['before']) }
      : undefined;
  }
  const { mark, at, topic } = record;
  if (typeof mark === 'boolean') {
    if (typeof at !== 'number' || !isText(topic)) return undefined;
    return { kind: 'mark', on: mark, at, topic };
  }
  const { counted } = record;
  if (isCount(counted)) return { kind: 'counted', counted };
  const { t, client, name, claims } = record;
  if (client !== undefined && !isText(client)) return undefined;
  if (claims !== undefined && !isText(claims)) return undefined;
  if (isText(name) && isText(client)) return { kind: 'name', client, name };
  // Year 1970 to 9999: what a Date can show.
  if (typeof t !== 'number' || !(t >= 0 && t < 253_402_300_800_000)) return undefined;
  const line = Object.hasOwn(record, 'event') ? eventOf(record) : messageOf(record);
  const key = isText(client) ? client : isText(claims) ? CLAIM + claims : undefined;
  const speaker = key === undefined ? {} : { speaker: key };
  return line && { kind: 'line', line: { ...line, at: t, ...speaker } };
}

function beforeOf(value: unknown): Before {
  const { messages, counted } = (value ?? {}) as Record<string, unknown>;
  return { messages: isCount(messages) ? messages : 0, counted: isCount(counted) ? counted : 0 };
}

function eventOf({ event, text }: Record<string, unknown>): Omit<NewLine, 'at'> | undefined {
  const what = events.find((one) => one === event);
  if (!what || (text !== undefined && !isText(text))) return undefined;
  return { what, ...(isText(text) ? { text } : {}) };
}

function messageOf(record: Record<string, unknown>): Omit<NewLine, 'at'> | undefined {
  const { topic, qos = 0, bytes, receivers, to, acked } = record;
  const payload = bytesOf(record);
  if (!isText(topic) || topic === '' || !payload) return undefined;
  if (qos !== 0 && qos !== 1 && qos !== 2) return undefined;
  if (bytes !== undefined && !isCount(bytes)) return undefined;
  if (receivers !== undefined && !isCount(receivers)) return undefined;
  if (!isTexts(to) || !isTexts(acked)) return undefined;
  return {
    what: 'message',
    topic,
    payload,
    qos,
    retain: record['retain'] === true,
    dup: record['dup'] === true,
    will: record['will'] === true,
    ...(record['bookmarked'] === true ? { bookmarked: true } : {}),
    ...(isCount(bytes) ? { bytes: Math.max(bytes, payload.length) } : {}),
    ...(isCount(receivers) ? { receivers } : {}),
    ...(to === undefined ? {} : { to: to.slice(0, MOST_RECEIVERS) }),
    ...(acked === undefined ? {} : { acked: acked.slice(0, MOST_RECEIVERS) }),
  };
}

function bytesOf({ text, base64 }: Record<string, unknown>): Uint8Array | undefined {
  if (typeof text === 'string' && base64 === undefined) return Buffer.from(text);
  if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return undefined;
  return Buffer.from(base64, 'base64');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_TEXT;
}

function isTexts(value: unknown): value is readonly string[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every(isText));
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export const CSV_HEAD = 'time,speaker,topic,payload,encoding,bytes,qos,retain,receivers';

/** A message as a row for a spreadsheet. @param name of the speaker */
export function csvRow(line: Kept, name: string): string {
  const payload = payloadOf(line.payload);
  const text = 'text' in payload ? payload.text : payload.base64;
  const cells = [
    new Date(line.at).toISOString(),
    name,
    line.topic,
    text,
    'text' in payload ? 'text' : 'base64',
    String(line.bytes),
    String(line.qos),
    String(line.retain),
    line.receivers === undefined ? '' : String(line.receivers),
  ];
  return cells.map(csvCell).join(',');
}
