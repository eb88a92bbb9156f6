import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { BoardError } from '../core/errors';
import { Emitter } from '../core/event';
import { createConversation, type HeardMessage } from './model';
import type { BrokerView, ToView } from './protocol';
import { createSpeakers } from './speakers';
import { parseFromView } from './fromView';
import { createViewFeed } from './viewFeed';

const publishing = {
  type: 'publish',
  number: 1,
  topic: 'hello',
  payload: 'x',
  encoding: 'text',
  qos: 0 as const,
};
const all = { text: '', regex: false, topic: '' };
const ready = { type: 'ready', filter: all };

function setUp() {
  const clock = new ManualClock();
  const model = createConversation({
    speakers: createSpeakers(),
    clock,
    limits: { lines: 100, bytes: 1e6 },
  });
  const brokers = new Emitter<BrokerView>();
  const source = {
    model,
    broker: { state: 'off', text: 'Broker off' } as BrokerView,
    onBroker: brokers.event,
    address: '127.0.0.1:1883',
    subscriptions: new Map([['b', ['notifications']]]),
  };
  const posted: ToView[] = [];
  const asked: string[] = [];
  let failure: Error | undefined;
  const feed = createViewFeed({
    source,
    clock,
    post: (message) => void posted.push(message),
    actions: {
      publish: async (topic, payload, options) => {
        const text = Buffer.from(payload).toString();
        asked.push(`${topic} ${text} ${options.qos} ${options.retain}`);
        if (failure) throw failure;
      },
      run: (command) => void asked.push(command),
      copy: (text) => void asked.push(`copied ${text}`),
      open: (text, language) => void asked.push(`opened ${language} ${text}`),
      tell: (sentence) => void asked.push(sentence),
      failed: (error) => void asked.push(String(error)),
    },
  });
  const say = (text = '', more: Partial<HeardMessage> = {}): void =>
    model.heard({
      topic: 'hello',
      payload: Buffer.from(text),
      qos: 0,
      retain: false,
      clientId: 'a',
      at: 1,
      ...more,
    });
  /** What the view was told of, line by line. */
  const texts = (): string[] =>
    posted.flatMap((m) =>
      m.type === 'append' || m.type === 'state' || m.type === 'older'
        ? m.entries.map((e) => e.text ?? '')
        : [],
    );
  const fail = (error: Error): void => void (failure = error);
  return { clock, model, source, brokers, posted, asked, feed, say, fail, texts };
}

describe('what the view is sent', () => {
  test('nothing before it is ready; then all there is, in one message', async () => {
    const { clock, feed, posted, say } = setUp();
    say();
    await clock.advance(5000);
    assert.equal(posted.length, 0);
    feed.receive(ready);
    assert.deepEqual(
      posted.map((m) => m.type === 'state' && m.entries.length),
      [1],
    );
  });

  test('a flood comes in at most twenty batches a second, complete and in order', async () => {
    const { clock, feed, posted, say } = setUp();
    feed.receive(ready);
    for (let ms = 0; ms < 1000; ms += 5) {
      say();
      await clock.advance(5);
    }
    const batches = posted.flatMap((m) => (m.type === 'append' ? [m] : []));
    assert.ok(batches.length <= 20 && batches.length >= 15, String(batches.length));
    await clock.advance(50);
    const ids = posted.flatMap((m) => (m.type === 'append' ? m.entries.map((e) => e.id) : []));
    assert.deepEqual(
      ids,
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
    const last = posted.filter((m) => m.type === 'append').at(-1);
    assert.equal(last?.type === 'append' && last.firstId, 101);
  });

  test('what was dropped before the batch left does not travel', async () => {
    const { clock, feed, posted, say } = setUp();
    feed.receive(ready);
    for (let i = 0; i < 30_000; i++) say();
    await clock.advance(50);
    const batch = posted.filter((m) => m.type === 'append' || m.type === 'state').at(-1);
    assert.ok(batch?.type === 'append' || batch?.type === 'state');
    assert.equal(batch?.entries.length, 100);
    assert.equal(batch?.entries[0]?.id, 29_901);
  });

  test('the rate is told while it changes, and then no more', async () => {
    const { clock, feed, posted, say } = setUp();
    feed.receive(ready);
    say();
    await clock.advance(20_000);
    const rates = posted.flatMap((m) => (m.type === 'status' ? [m.counters.perSecond] : []));
    assert.deepEqual(rates, [0.2, 0]);
  });

  test('the broker’s state is told at once', () => {
    const { feed, posted, source, brokers } = setUp();
    feed.receive(ready);
    source.broker = { state: 'running', text: 'Broker on 127.0.0.1:1883' };
    brokers.fire(source.broker);
    const last = posted.at(-1);
    assert.equal(last?.type === 'status' && last.broker.state, 'running');
  });

  test('hidden: silence; back: everything again', async () => {
    const { clock, feed, posted, say } = setUp();
    feed.receive(ready);
    say();
    feed.pause();
    say();
    await clock.advance(5000);
    assert.equal(posted.length, 1);
    feed.receive(ready);
    const last = posted.at(-1);
    assert.equal(last?.type === 'state' && last.entries.length, 2);
  });

  test('cleared by the view', () => {
    const { feed, posted, say } = setUp();
    feed.receive(ready);
    say();
    feed.receive({ type: 'clear' });
    const last = posted.at(-1);
    assert.deepEqual(last?.type === 'state' && last.entries, []);
  });

  test('filtered: only what passes travels, and how many there are is told', async () => {
    const { clock, feed, posted, say, texts } = setUp();
    for (let i = 0; i < 30; i++) say(`#${i}`, { topic: i % 2 ? 'odd/x' : 'even/x' });
    feed.receive({ type: 'ready', filter: { ...all, text: '#1', topic: 'odd/#' } });
    assert.deepEqual(texts(), ['#1', '#11', '#13', '#15', '#17', '#19']);
    const [state] = posted;
    assert.ok(state?.type === 'state' && state.found === 6 && !state.more);
    say('#1 again', { topic: 'odd/y' });
    say('#1 elsewhere');
    await clock.advance(50);
    assert.equal(texts().at(-1), '#1 again');
    feed.receive({ type: 'filter', filter: { ...all, text: '(', regex: true } });
    const last = posted.at(-1);
    assert.ok(last?.type === 'state' && last.problem && last.entries.length === 0);
  });

  test('held: nothing comes but the count; then it goes on', async () => {
    const { clock, feed, posted, say } = setUp();
    feed.receive(ready);
    feed.receive({ type: 'hold', on: true });
    for (let i = 0; i < 7; i++) say(`#${i}`);
    await clock.advance(3000);
    assert.ok(!posted.some((m) => m.type === 'append'));
    const status = posted.filter((m) => m.type === 'status').at(-1);
    assert.equal(status?.type === 'status' && status.waiting, 7);
    feed.receive({ type: 'hold', on: false });
    const last = posted.at(-1);
    assert.equal(last?.type === 'state' && last.entries.length, 7);
    say('more');
    await clock.advance(50);
    assert.equal(posted.at(-1)?.type, 'append');
  });

  test('older lines are there to be asked for', () => {
    const { clock: _, feed, model, posted, say } = setUp();
    model.limit({ lines: 5000, bytes: 1e6 });
    for (let i = 0; i < 2200; i++) say(`#${i}`);
    feed.receive(ready);
    const [state] = posted;
    assert.ok(state?.type === 'state' && state.more && state.found === 2200);
    feed.receive({ type: 'older', before: state.entries[0]?.id });
    const older = posted.at(-1);
    assert.ok(older?.type === 'older' && older.more);
    assert.deepEqual(
      [older.entries.length, older.entries[0]?.text, older.entries.at(-1)?.text],
      [500, '#700', '#1199'],
    );
    feed.receive({ type: 'older', before: 101 });
    const oldest = posted.at(-1);
    assert.ok(oldest?.type === 'older' && !oldest.more && oldest.entries.length === 100);
  });

  test('an acknowledgement changes the line that stands', async () => {
    const { clock, feed, model, posted, say } = setUp();
    feed.receive(ready);
    say('on', { qos: 1, seq: 3, to: ['b'], receivers: 1 });
    await clock.advance(50);
    model.delivered({ seq: 3, clientId: 'b' });
    await clock.advance(50);
    const told = posted.find((m) => m.type === 'changed');
    const [entry] = told?.type === 'changed' ? told.entries : [];
    assert.deepEqual(entry?.kind === 'message' && entry.acked, ['b']);
  });

  test('disposed of: nothing more', async () => {
    const { clock, feed, posted, say } = setUp();
    feed.receive(ready);
    say();
    feed.dispose();
    say();
    await clock.advance(5000);
    assert.equal(posted.length, 1);
  });
});

describe('what the view asks for', () => {
  test('publishing, and how it ended', async () => {
    const { clock, feed, posted, asked, fail } = setUp();
    feed.receive(ready);
    feed.receive({ ...publishing, qos: 2, retain: true });
    await clock.advance(0);
    assert.deepEqual(asked, ['hello x 2 true']);
    assert.deepEqual(posted.at(-1), { type: 'published', number: 1 });
    fail(new BoardError('broker-unreachable', 'gone', { details: { host: 'h', port: 1 } }));
    feed.receive({ ...publishing, number: 2, retain: false });
    await clock.advance(0);
    const last = posted.at(-1);
    assert.ok(last?.type === 'published' && last.number === 2 && last.error);
  });

  test('what stands for no bytes is not sent, and says why', async () => {
    const { clock, feed, posted, asked } = setUp();
    feed.receive(ready);
    feed.receive({ ...publishing, payload: '0f 1', encoding: 'hex', retain: false });
    await clock.advance(0);
    const last = posted.at(-1);
    assert.ok(last?.type === 'published' && last.error);
    assert.deepEqual(asked, []);
  });

  test('with one message: copy, say again, see whole, clear what is retained', async () => {
    const { clock, feed, asked, say } = setUp();
    feed.receive(ready);
    say('{"t":21}', { qos: 1, retain: true, topic: 'room/t' });
    say('', { bytes: 3_000_000 });
    const actions = ['copyText', 'copyTopic', 'copyCommand', 'sendAgain', 'open', 'clearRetained'];
    for (const action of actions) feed.receive({ type: 'do', action, id: 1 });
    feed.receive({ type: 'do', action: 'sendAgain', id: 2 });
    feed.receive({ type: 'do', action: 'copyText', id: 77 });
    await clock.advance(0);
    assert.deepEqual(asked.slice(0, 6), [
      'copied {"t":21}',
      'copied room/t',
      `copied mosquitto_pub -h 127.0.0.1 -p 1883 -t room/t -q 1 -r -m '{"t":21}'`,
      'room/t {"t":21} 1 true',
      'opened json {\n  "t": 21\n}',
      'room/t  0 true',
    ]);
    assert.match(asked[6] ?? '', /only the beginning/);
    assert.match(asked[7] ?? '', /is gone/);
    assert.match(asked[8] ?? '', /keeps no message for room\/t/);
  });

  test('a bookmark set while the view is held shows at once', async () => {
    const { feed, say, posted, clock } = setUp();
    feed.receive(ready);
    say('one');
    await clock.advance(100);
    feed.receive({ type: 'hold', on: true });
    say('two');
    posted.length = 0;
    feed.receive({ type: 'bookmark', id: 1, on: true });
    await clock.advance(100);
    const changed = posted.filter((message) => message.type === 'changed');
    assert.deepEqual(
      changed.flatMap((message) => message.entries.map((e) => [e.id, 'bookmarked' in e])),
      [[1, true]],
    );
    assert.equal(posted.filter((message) => message.type === 'append').length, 0);
  });

  test('commands it knows, and what it has drawn', () => {
    const { feed, asked } = setUp();
    feed.receive(ready);
    feed.receive({ type: 'run', command: 'startBroker' });
    feed.receive({ type: 'run', command: 'workbench.action.quit' });
    assert.deepEqual(asked, ['startBroker']);
    feed.receive({ type: 'rendered', lines: 12, drawn: 7 });
    assert.deepEqual(feed.rendered, { lines: 12, drawn: 7 });
  });

  for (const bad of [
    undefined,
    null,
    'ready',
    7,
    {},
    { type: 'other' },
    { type: 'ready' },
    { type: 'toString' },
    { type: 'filter', filter: { ...all, text: 5 } },
    { type: 'filter', filter: { ...all, topic: 'x'.repeat(2000) } },
    { type: 'hold', on: 1 },
    { type: 'older', before: -1 },
    { type: 'do', action: 'format', id: 1 },
    { type: 'do', action: 'open', id: 1.5 },
    { ...publishing, retain: false, encoding: 'exe' },
    { type: 'run' },
    { type: 'run', command: 'toString' },
    { type: 'rendered', lines: -1, drawn: 0 },
    { ...publishing, retain: false, every: 0.01 },
    { ...publishing, retain: false, every: '5' },
    { ...publishing, retain: false, every: NaN },
    { ...publishing, retain: false, properties: { userProperties: { a: 1 } } },
    { ...publishing, retain: false, properties: { contentType: 7 } },
    { ...publishing, retain: false, properties: { messageExpiryInterval: -1 } },
    { type: 'saveTemplate', topic: 'x' },
    { type: 'deleteTemplate', name: 7 },
    { type: 'stopRepeat', id: 'x' },
    { type: 'bookmark', id: 1, on: 'yes' },
    { type: 'rendered', lines: '1', drawn: 0 },
    { ...publishing },
    { ...publishing, retain: 'yes' },
    { ...publishing, retain: false, qos: 3 },
    { ...publishing, retain: false, topic: '' },
    { ...publishing, retain: false, topic: 5 },
    { ...publishing, retain: false, payload: { length: 1 } },
    { ...publishing, retain: false, payload: 'x'.repeat(300_000) },
    { ...publishing, retain: false, number: 1.5 },
  ]) {
    test(`not a message: ${JSON.stringify(bad)?.slice(0, 90)}`, () => {
      assert.equal(parseFromView(bad), undefined);
    });
  }
});
