import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { createConversation, unheard, type ConversationChange, type HeardMessage } from './model';
import type { MessageEntry } from './protocol';
import { parseRecord, recordOf } from './recording';
import { createSpeakers } from './speakers';

function setUp(limit = 5000) {
  const clock = new ManualClock();
  const speakers = createSpeakers();
  const model = createConversation({ speakers, clock, limits: { lines: limit, bytes: 1e9 } });
  const changes: ConversationChange[] = [];
  model.onChange((change) => void changes.push(change));
  const say = (clientId: string | undefined, text: string, more: Partial<HeardMessage> = {}) =>
    model.heard({
      topic: 'hello',
      payload: new TextEncoder().encode(text),
      qos: 0,
      retain: false,
      at: 1000,
      ...(clientId === undefined ? {} : { clientId }),
      ...more,
    });
  return { clock, speakers, model, changes, say };
}

describe('the conversation', () => {
  test('a message becomes a line with all that is known of it', () => {
    const { model, say } = setUp();
    say('abc', 'hello #1', { qos: 1, retain: true, receivers: 0, at: 42 });
    const [entry] = model.snapshot().entries;
    assert.deepEqual(entry, {
      id: 1,
      kind: 'message',
      at: 42,
      topic: 'hello',
      text: 'hello #1',
      payload: 'text',
      bytes: 8,
      cut: false,
      qos: 1,
      retain: true,
      speaker: 'abc',
      receivers: 0,
    });
    assert.equal(unheard(entry as MessageEntry), true);
  });

  test('how it is known who spoke: each kind by itself, and kept over a reload', () => {
    const make = () => {
      const speakers = createSpeakers();
      const id = '240ac4a1b2c3';
      const topics = ['role/#'];
      speakers.learn({ boardId: 'a', name: 'machine1', uniqueIdHex: id, topics });
      speakers.coincide('learned', 'a');
      const senderProperty = (): string => 'sender';
      return createConversation({ speakers, clock: new ManualClock(), senderProperty });
    };
    const rest = { payload: Buffer.from('x'), qos: 0, retain: false, at: 1 } as const;
    const model = make();
    model.heard({ ...rest, topic: 't', clientId: '240ac4a1b2c3' }, 'broker');
    model.heard({ ...rest, topic: 't', clientId: 'stranger' }, 'broker');
    model.heard({ ...rest, topic: 'role/1' });
    model.heard({ ...rest, topic: 'learned' });
    model.heard({ ...rest, topic: 't', userProperties: { sender: ['machine1', 'x'] } });
    model.heard({ ...rest, topic: 't', userProperties: { sender: 'machine9' } });
    model.heard({ ...rest, topic: 't', userProperties: { other: 'machine9' } });
    model.heard({ ...rest, topic: 't', clientId: '?=machine1' });
    model.heard({ ...rest, topic: 't', clientId: 'parley-1' });
    const known = (m: typeof model): string[] =>
      m.snapshot().entries.map((entry) => {
        const { name, how, clientId } = m.speaker(entry.speaker ?? '');
        return [name, how, clientId ?? '-'].join(' | ');
      });
    const wanted = [
      'machine1 | client id | 240ac4a1b2c3',
      'stranger | unknown | stranger',
      'machine1 | topic | -',
      'machine1 | learned | -',
      'machine1 | property | -',
      'machine9 | property | -',
      'Someone | unknown | -',
      '?=machine1 | unknown | ?=machine1',
      'You | self | parley-1',
    ];
    assert.deepEqual(known(model), wanted);
    const again = make();
    const records = [...model.history.lines()].map((line) => parseRecord(recordOf(line)));
    again.restore(records.flatMap((record) => (record?.kind === 'line' ? [record.line] : [])));
    assert.deepEqual(known(again).slice(0, 7), wanted.slice(0, 7));
    model.heard({ ...rest, topic: 't', clientId: '240ac4a1b2c3' }, 'log');
    assert.match(known(model).at(-1) ?? '', /machine1 \| log/);
  });

  test('unknown receivers are not nobody', () => {
    const { model, say } = setUp();
    say('abc', 'x');
    say('abc', 'y', { receivers: 2 });
    assert.deepEqual(model.snapshot().entries.map(unheard), [false, false]);
  });

  test('a name learned later names the lines that stand already', () => {
    const { model, speakers, say, changes } = setUp();
    say('240ac4a1b2c3', 'who am I');
    assert.equal(model.speaker('240ac4a1b2c3').name, '240ac4a1b2c3');
    speakers.learn({ boardId: 'a', name: 'machine1', uniqueIdHex: '240ac4a1b2c3' });
    assert.equal(model.snapshot().speakers[0]?.name, 'machine1');
    assert.deepEqual(
      changes.map((c) => c.type),
      ['added', 'speakers'],
    );
  });

  test('each speaker has a seat of its own; a board keeps it; Parley has none', () => {
    const { model, speakers, say } = setUp();
    speakers.learn({ boardId: 'a', name: 'machine1', uniqueIdHex: '240ac4a1b2c3' });
    say('240ac4a1b2c3', '1');
    say('stranger', '2');
    say('parley-window', '3');
    say('again-240ac4a1b2c3', '4');
    assert.deepEqual(
      model.speakers.map((s) => [s.name, s.seat]),
      [
        ['machine1', 0],
        ['stranger', 1],
        ['You', -1],
        ['machine1', 0],
      ],
    );
  });

  test('coming, leaving, being lost and being replaced are lines; Parley’s own are not', () => {
    const { model } = setUp();
    model.client({ clientId: 'abc', what: 'connected', at: 1 });
    assert.equal(model.speaker('abc').connected, true);
    model.client({ clientId: 'abc', what: 'lost', at: 2, replaced: true });
    model.client({ clientId: 'abc', what: 'connected', at: 3 });
    model.client({ clientId: 'abc', what: 'left', at: 4 });
    model.client({ clientId: 'parley-window', what: 'connected', at: 5 });
    assert.deepEqual(
      model.snapshot().entries.map((e) => e.kind === 'event' && [e.what, e.speaker]),
      [
        ['joined', 'abc'],
        ['replaced', 'abc'],
        ['back', 'abc'],
        ['left', 'abc'],
      ],
    );
    assert.equal(model.speaker('abc').connected, false);
    assert.equal(model.counters.total, 0);
  });

  test('a note that resets: nobody is connected any more', () => {
    const { model } = setUp();
    model.client({ clientId: 'abc', what: 'connected', at: 1 });
    model.note('The broker stopped.', 2, { reset: true });
    assert.equal(model.speaker('abc').connected, false);
    const last = model.snapshot().entries.at(-1);
    assert.equal(last?.kind === 'event' && last.text, 'The broker stopped.');
  });

  test('the oldest go when the limit is reached, and are counted', () => {
    const { model, say, changes } = setUp(3);
    for (let i = 1; i <= 10; i++) say('abc', `#${i}`);
    const { entries, counters } = model.snapshot();
    assert.deepEqual(
      entries.map((e) => e.id),
      [8, 9, 10],
    );
    assert.deepEqual([counters.total, counters.dropped], [10, 7]);
    const last = changes.at(-1);
    assert.equal(last?.type === 'added' && last.firstId, 8);
    assert.equal(model.speaker('abc').messages, 10);
  });

  test('what was only counted is counted: all is kept, gone or folded', () => {
    const { model, say } = setUp(3);
    for (let i = 0; i < 5; i++) say('abc', 'x');
    model.client({ clientId: 'abc', what: 'connected', at: 1 });
    model.folded(100);
    const { perSecond: _, ...counts } = model.counters;
    assert.deepEqual(counts, { total: 105, kept: 2, dropped: 3, folded: 100 });
  });

  test('who got it and who acknowledged it, as it becomes known', () => {
    const { model, say, changes } = setUp();
    say('a', 'on', { qos: 1, seq: 7, to: ['b', 'c'], receivers: 2 });
    model.delivered({ seq: 7, clientId: 'b' });
    model.delivered({ seq: 8, clientId: 'b' });
    assert.deepEqual(changes.at(-1), { type: 'changed', id: 1 });
    const [entry] = model.snapshot().entries;
    assert.deepEqual(entry?.kind === 'message' && [entry.to, entry.acked], [['b', 'c'], ['b']]);
  });

  test('a will and a repeated message are marked', () => {
    const { model, say } = setUp();
    say('a', 'gone', { will: true, dup: true, bytes: 2_000_000 });
    const [entry] = model.snapshot().entries;
    assert.ok(entry?.kind === 'message' && entry.will && entry.dup && entry.cut);
    assert.equal(entry.bytes, 2_000_000);
  });

  test('messages a second, over the last five seconds', async () => {
    const { clock, model, say } = setUp();
    for (let i = 0; i < 20; i++) {
      await clock.advance(500);
      say('abc', 'x');
    }
    assert.equal(model.counters.perSecond, 2);
    await clock.advance(2500);
    assert.equal(model.counters.perSecond, 1);
    await clock.advance(10_000);
    assert.equal(model.counters.perSecond, 0);
  });

  test('topics are known, newest first, each once, and not without end', () => {
    const { model, say } = setUp();
    for (const topic of ['a', 'b', 'a']) say('abc', 'x', { topic });
    assert.deepEqual(model.topics, ['a', 'b']);
    for (let i = 0; i < 500; i++) say('abc', 'x', { topic: `t${i}` });
    assert.equal(model.topics.length, 100);
    assert.equal(model.topics[0], 't499');
  });

  test('ten thousand client ids do not stay', () => {
    const { model, say } = setUp(10);
    model.client({ clientId: 'steady', what: 'connected', at: 1 });
    for (let i = 0; i < 10_000; i++) say(`random-${i}`, 'x');
    assert.equal(model.speakers.length, 500);
    assert.ok(model.speakers.some((s) => s.key === 'steady'));
    assert.equal(model.speaker('random-3').name, 'random-3');
  });

  test('clear: no lines, counts from nothing, who is there stays, ids go on', () => {
    const { model, say } = setUp();
    model.client({ clientId: 'here', what: 'connected', at: 1 });
    say('here', 'x');
    say('gone', 'y');
    model.clear();
    const { entries, speakers, counters } = model.snapshot();
    assert.deepEqual(entries, []);
    assert.deepEqual(
      speakers.map((s) => [s.key, s.connected, s.messages]),
      [['here', true, 0]],
    );
    assert.deepEqual(counters, { total: 0, kept: 0, dropped: 0, folded: 0, perSecond: 0 });
    say('here', 'z');
    assert.equal(model.snapshot().entries[0]?.id, 4);
  });

  test('a hostile topic is made visible', () => {
    const { model, say } = setUp();
    say('abc', 'x', { topic: 'a\u001b[31m\nb' });
    const [entry] = model.snapshot().entries;
    assert.equal(entry?.kind === 'message' && entry.topic, 'a\\x1b[31m\\nb');
  });
});
