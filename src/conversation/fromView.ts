/**
 * What a view posts, held to its type: a webview is not trusted. Pure.
 * Below: protocol's types. Above: viewFeed.ts.
 */
import type {
  Draft,
  DraftProperties,
  Encoding,
  EntryAction,
  Filter,
  FromView,
  SeriesKey,
  ViewCommand,
} from './protocol';
import { LONGEST_REPEAT, SHORTEST_REPEAT } from './repeats';

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
  publish: (message) => {
    const { number, every } = message;
    const draft = parseDraft(message);
    if (!draft || !isCount(number)) return undefined;
    if (every === undefined) return { type: 'publish', number, ...draft };
    if (typeof every !== 'number' || !(every >= SHORTEST_REPEAT && every <= LONGEST_REPEAT)) {
      return undefined;
    }
    return { type: 'publish', number, ...draft, every };
  },
  stopRepeat: ({ id }) => (isCount(id) ? { type: 'stopRepeat', id } : undefined),
  saveTemplate: (message) => {
    const draft = parseDraft(message);
    return draft && { type: 'saveTemplate', ...draft };
  },
  deleteTemplate: ({ name }) =>
    isText(name, LONGEST_FILTER) ? { type: 'deleteTemplate', name } : undefined,
  bookmark: ({ id, on }) =>
    isCount(id) && typeof on === 'boolean' ? { type: 'bookmark', id, on } : undefined,
};

/** What fills the publish box, from the view or from a setting that anybody may have written. */
export function parseDraft(value: unknown): Draft | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { topic, payload, encoding, qos, retain, properties } = value as Record<string, unknown>;
  if (typeof retain !== 'boolean' || (qos !== 0 && qos !== 1 && qos !== 2)) return undefined;
  const known = encodings.find((one) => one === encoding);
  if (!known || !isText(topic, LONGEST_TOPIC) || topic === '') return undefined;
  if (!isText(payload, LONGEST_PAYLOAD)) return undefined;
  const draft = { topic, payload, encoding: known, qos, retain } as const;
  if (properties === undefined) return draft;
  const parsed = parseProperties(properties);
  return parsed && { ...draft, properties: parsed };
}

function parseProperties(value: unknown): DraftProperties | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { userProperties, contentType, responseTopic, messageExpiryInterval } = value as Record<
    string,
    unknown
  >;
  const text = (one: unknown): one is string | undefined =>
    one === undefined || isText(one, LONGEST_TOPIC);
  if (!text(contentType) || !text(responseTopic)) return undefined;
  // Four bytes (MQTT 5 section 3.3.2.3.3).
  const expiry = messageExpiryInterval;
  if (expiry !== undefined && !(isCount(expiry) && expiry <= 0xffffffff)) return undefined;
  const pairs = Object.entries(userProperties ?? {});
  const fits = pairs.every(
    ([name, one]) => isText(name, LONGEST_FILTER) && isText(one, LONGEST_COPY),
  );
  if (typeof (userProperties ?? {}) !== 'object' || !fits || pairs.length > 50) return undefined;
  return {
    ...(pairs.length > 0
      ? { userProperties: Object.fromEntries(pairs) as Record<string, string> }
      : {}),
    ...(contentType ? { contentType } : {}),
    ...(responseTopic ? { responseTopic } : {}),
    ...(expiry === undefined ? {} : { messageExpiryInterval: expiry }),
  };
}

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
  const { text, regex, topic, voice, bookmarked } = value as Record<string, unknown>;
  if (!isText(text, LONGEST_FILTER) || !isText(topic, LONGEST_FILTER)) return undefined;
  if (typeof regex !== 'boolean') return undefined;
  if (voice !== undefined && !isText(voice, LONGEST_TOPIC)) return undefined;
  return {
    text,
    regex,
    topic,
    ...(voice === undefined ? {} : { voice }),
    ...(bookmarked === true ? { bookmarked } : {}),
  };
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
