import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { BoardError } from '../core/errors';
import { Emitter } from '../core/event';
import { createConversation } from './model';
import type { BrokerView, ToView } from './protocol';
import { createSpeakers } from './speakers';
import { createViewFeed, parseFromView } from './viewFeed';

const publishing = { type: 'publish', number: 1, topic: 'hello', payload: 'x', qos: 0 as const };

function setUp() {
  const clock = new ManualClock();
  const model = createConversation({ speakers: createSpeakers(), clock, limit: 100 });
  const brokers = new Emitter<BrokerView>();
  const source = {
    model,
    broker: { state: 'off', text: 'Broker off' } as BrokerView,
    onBroker: brokers.event,
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
        asked.push(`${topic} ${payload} ${options.qos} ${options.retain}`);
        if (failure) throw failure;
      },
      run: (command) => void asked.push(command),
    },
  });
  const say = (): void =>
    model.heard({
      topic: 'hello',
      payload: new Uint8Array(),
      qos: 0,
      retain: false,
      clientId: 'a',
      at: 1,
    });
  const fail = (error: Error): void => void (failure = error);
  return { clock, model, source, brokers, posted, asked, feed, say, fail };
}

describe('what the view is sent', () => {
  test('nothing before it is ready; then all there is, in one message', async () => {
    const { clock, feed, posted, say } = setUp();
    say();
    await clock.advance(5000);
    assert.equal(posted.length, 0);
    feed.receive({ type: 'ready' });
    assert.deepEqual(
      posted.map((m) => m.type === 'state' && m.entries.length),
      [1],
    );
  });

  test('a flood comes in at most twenty batches a second, complete and in order', async () => {
    const { clock, feed, posted, say } = setUp();
    feed.receive({ type: 'ready' });
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
    feed.receive({ type: 'ready' });
    for (let i = 0; i < 30_000; i++) say();
    await clock.advance(50);
    const [batch] = posted.flatMap((m) => (m.type === 'append' ? [m] : []));
    assert.equal(batch?.entries.length, 100);
    assert.equal(batch?.entries[0]?.id, 29_901);
  });

  test('the rate is told while it changes, and then no more', async () => {
    const { clock, feed, posted, say } = setUp();
    feed.receive({ type: 'ready' });
    say();
    await clock.advance(20_000);
    const rates = posted.flatMap((m) => (m.type === 'status' ? [m.counters.perSecond] : []));
    assert.deepEqual(rates, [0.2, 0]);
  });

  test('the broker’s state is told at once', () => {
    const { feed, posted, source, brokers } = setUp();
    feed.receive({ type: 'ready' });
    source.broker = { state: 'running', text: 'Broker on 127.0.0.1:1883' };
    brokers.fire(source.broker);
    const last = posted.at(-1);
    assert.equal(last?.type === 'status' && last.broker.state, 'running');
  });

  test('hidden: silence; back: everything again', async () => {
    const { clock, feed, posted, say } = setUp();
    feed.receive({ type: 'ready' });
    say();
    feed.pause();
    say();
    await clock.advance(5000);
    assert.equal(posted.length, 1);
    feed.receive({ type: 'ready' });
    const last = posted.at(-1);
    assert.equal(last?.type === 'state' && last.entries.length, 2);
  });

  test('cleared by the view', () => {
    const { feed, posted, say } = setUp();
    feed.receive({ type: 'ready' });
    say();
    feed.receive({ type: 'clear' });
    const last = posted.at(-1);
    assert.deepEqual(last?.type === 'state' && last.entries, []);
  });

  test('disposed of: nothing more', async () => {
    const { clock, feed, posted, say } = setUp();
    feed.receive({ type: 'ready' });
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
    feed.receive({ type: 'ready' });
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

  test('commands it knows, and what it has drawn', () => {
    const { feed, asked } = setUp();
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
    { type: 'run' },
    { type: 'run', command: 'toString' },
    { type: 'rendered', lines: -1, drawn: 0 },
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
