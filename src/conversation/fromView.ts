/**
 * What a view posts, held to its type: a webview is not trusted. Pure.
 * Below: protocol's types. Above: viewFeed.ts.
 */
import type { Encoding, EntryAction, Filter, FromView, SeriesKey, ViewCommand } from './protocol';

/** MQTT 3.1.1 section 1.5.3: a topic is at most 65,535 bytes. */
const LONGEST_TOPIC = 65_535;
const LONGEST_PAYLOAD = 256 * 1024;
const LONGEST_FILTER = 1000;
const LONGEST_COPY = 10_000;
const MOST_SERIES = 12;

const commands: readonly ViewCommand[] = [
  'startConversation',
  'startBroker',
  'stopBroker',
  'doctor',
];
const encodings: readonly Encoding[] = ['text', 'json', 'hex', 'base64'];
const actions: readonly EntryAction[] = [
  'copyText',
  'copyTopic',
  'copyCommand',
  'sendAgain',
  'open',
  'clearRetained',
];

type Parser<T extends FromView['type']> = (
  message: Record<string, unknown>,
) => Extract<FromView, { type: T }> | undefined;

const parsers: { readonly [T in FromView['type']]: Parser<T> } = {
  ready: ({ filter }) => {
    const parsed = parseFilter(filter);
    return parsed && { type: 'ready', filter: parsed };
  },
  filter: ({ filter }) => {
    const parsed = parseFilter(filter);
    return parsed && { type: 'filter', filter: parsed };
  },
  hold: ({ on }) => (typeof on === 'boolean' ? { type: 'hold', on } : undefined),
  older: ({ before }) => (isCount(before) ? { type: 'older', before } : undefined),
  clear: () => ({ type: 'clear' }),
  watchTopics: ({ on }) => (typeof on === 'boolean' ? { type: 'watchTopics', on } : undefined),
  chart: ({ series }) => {
    if (!Array.isArray(series) || series.length > MOST_SERIES) return undefined;
    const parsed = series.map(parseSeries);
    return parsed.includes(undefined)
      ? undefined
      : { type: 'chart', series: parsed as SeriesKey[] };
  },
  picture: ({ id }) => (isCount(id) ? { type: 'picture', id } : undefined),
  why: ({ id }) => (isCount(id) ? { type: 'why', id } : undefined),
  clearRetained: ({ topic }) =>
    isText(topic, LONGEST_TOPIC) && topic !== '' ? { type: 'clearRetained', topic } : undefined,
  copy: ({ text }) => (isText(text, LONGEST_COPY) ? { type: 'copy', text } : undefined),
  run: ({ command }) => {
    const known = commands.find((one) => one === command);
    return known && { type: 'run', command: known };
  },
  do: ({ action, id }) => {
    const known = actions.find((one) => one === action);
    return known && isCount(id) ? { type: 'do', action: known, id } : undefined;
  },
  rendered: ({ lines, drawn }) =>
    isCount(lines) && isCount(drawn) ? { type: 'rendered', lines, drawn } : undefined,
  publish: ({ number, topic, payload, encoding, qos, retain }) => {
    if (!isCount(number) || typeof retain !== 'boolean') return undefined;
    if (qos !== 0 && qos !== 1 && qos !== 2) return undefined;
    const known = encodings.find((one) => one === encoding);
    if (!known || !isText(topic, LONGEST_TOPIC) || topic === '') return undefined;
    if (!isText(payload, LONGEST_PAYLOAD)) return undefined;
    return { type: 'publish', number, topic, payload, encoding: known, qos, retain };
  },
};

/** `value` as a message of the view, or undefined when it is none. */
export function parseFromView(value: unknown): FromView | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const message = value as Record<string, unknown>;
  const type = message['type'];
  if (typeof type !== 'string' || !Object.hasOwn(parsers, type)) return undefined;
  return parsers[type as FromView['type']](message);
}

function parseFilter(value: unknown): Filter | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { text, regex, topic, voice } = value as Record<string, unknown>;
  if (!isText(text, LONGEST_FILTER) || !isText(topic, LONGEST_FILTER)) return undefined;
  if (typeof regex !== 'boolean') return undefined;
  if (voice !== undefined && !isText(voice, LONGEST_TOPIC)) return undefined;
  return { text, regex, topic, ...(voice === undefined ? {} : { voice }) };
}

function parseSeries(value: unknown): SeriesKey | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { topic, path } = value as Record<string, unknown>;
  return isText(topic, LONGEST_TOPIC) && isText(path, LONGEST_FILTER) ? { topic, path } : undefined;
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length <= longest;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
