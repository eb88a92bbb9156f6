/**
 * What the host may say to the Conversation view, as a schema: the view holds it to the types of
 * protocol.ts before it draws. Below: valibot. Above: main.ts. That types and schema are the same is
 * held by media/schemas.test.ts.
 */
import * as v from 'valibot';

const text = v.string();
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const flag = v.boolean();
const time = v.number();
const yes = v.optional(flag);
const maybe = v.optional(text);
const texts = v.array(text);
const qos = v.picklist([0, 1, 2]);

const messageEntry = v.object({
  id: count,
  kind: v.literal('message'),
  at: time,
  topic: text,
  text,
  payload: v.picklist(['text', 'json', 'binary', 'image', 'empty']),
  bytes: count,
  cut: flag,
  qos,
  retain: flag,
  dup: yes,
  will: yes,
  speaker: text,
  receivers: v.optional(count),
  to: v.optional(texts),
  acked: v.optional(texts),
  bookmarked: yes,
});

const eventEntry = v.object({
  id: count,
  kind: v.literal('event'),
  at: time,
  what: v.picklist(['joined', 'back', 'left', 'lost', 'replaced', 'note']),
  speaker: maybe,
  text: maybe,
});

const entries = v.array(v.variant('kind', [messageEntry, eventEntry]));

const speaker = v.object({
  key: text,
  clientId: maybe,
  name: text,
  how: v.picklist(['client id', 'log', 'property', 'topic', 'learned', 'self', 'unknown']),
  boardId: maybe,
  colour: maybe,
  seat: v.pipe(v.number(), v.integer(), v.minValue(-1)),
  connected: flag,
  messages: count,
});

const broker = v.object({
  state: v.picklist(['off', 'starting', 'running', 'connecting', 'connected', 'lost', 'failed']),
  five: yes,
  text,
});

const counters = v.object({
  total: count,
  kept: count,
  dropped: count,
  folded: count,
  perSecond: v.number(),
});

const news = { speakers: v.array(speaker), topics: texts, counters };

const draft = {
  topic: text,
  payload: text,
  encoding: v.picklist(['text', 'json', 'hex', 'base64']),
  qos,
  retain: flag,
  properties: v.optional(
    v.object({
      userProperties: v.optional(v.record(text, text)),
      contentType: maybe,
      responseTopic: maybe,
      messageExpiryInterval: v.optional(count),
    }),
  ),
};

const topicRow = v.object({
  topic: text,
  name: text,
  count,
  perSecond: v.number(),
  at: time,
  retain: flag,
  text,
  fields: texts,
});

const repeat = v.object({
  id: count,
  topic: text,
  every: v.number(),
  said: count,
  problem: maybe,
});

export const toView = v.variant('type', [
  v.object({
    type: v.literal('state'),
    ...news,
    entries,
    more: flag,
    found: count,
    problem: maybe,
    broker,
    replies: v.optional(v.record(text, text)),
  }),
  v.object({ type: v.literal('append'), ...news, entries, firstId: count }),
  v.object({ type: v.literal('older'), entries, more: flag }),
  v.object({ type: v.literal('changed'), entries }),
  v.object({ type: v.literal('status'), counters, broker, waiting: count }),
  v.object({
    type: v.literal('topics'),
    rows: v.array(topicRow),
    all: flag,
    size: count,
    forgotten: count,
  }),
  v.object({
    type: v.literal('points'),
    series: v.object({ topic: text, path: text }),
    at: v.array(time),
    value: v.array(v.number()),
    all: flag,
  }),
  v.object({
    type: v.literal('picture'),
    id: count,
    mime: v.optional(v.picklist(['image/png', 'image/jpeg'])),
    base64: v.optional(v.pipe(text, v.regex(/^[A-Za-z0-9+/]*={0,2}$/))),
    problem: maybe,
  }),
  v.object({ type: v.literal('why'), id: count, sentences: texts, code: maybe }),
  v.object({ type: v.literal('repeats'), repeats: v.array(repeat) }),
  v.object({
    type: v.literal('templates'),
    templates: v.array(v.object({ ...draft, name: text })),
  }),
  v.object({ type: v.literal('published'), number: count, error: maybe }),
]);
