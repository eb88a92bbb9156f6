import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { TopicTable } from './topicTable';

function setUp(most?: number) {
  const clock = new ManualClock();
  const table = new TopicTable(clock, most);
  const say = (topic: string, text: string, retain = false): void => {
    const payload = Buffer.from(text);
    table.heard(topic, payload, payload.length, retain, 7);
  };
  return { clock, table, say };
}

describe('the topics', () => {
  test('last value, count, fields; retained until an empty one takes it away', () => {
    const { table, say } = setUp();
    say('room', '{"t":1}', true);
    say('room', '{"t":2}');
    assert.deepEqual(table.all(), [
      {
        topic: 'room',
        name: 'room',
        count: 2,
        perSecond: 0.4,
        at: 7,
        retain: true,
        text: '{"t":2}',
        fields: ['t'],
      },
    ]);
    say('room', '', true);
    const [row] = table.changes(10);
    assert.deepEqual([row?.retain, row?.text, row?.count], [false, 'empty', 3]);
  });

  test('only what changed is told; a rate that fades is a change', async () => {
    const { clock, table, say } = setUp();
    for (let i = 0; i < 10; i++) say('a', 'x');
    say('b', 'x');
    assert.equal(table.all().length, 2);
    assert.deepEqual(table.changes(10), []);
    await clock.advance(5000);
    assert.deepEqual(
      table.changes(10).map((row) => [row.topic, row.perSecond]),
      [
        ['a', 2],
        ['b', 0.2],
      ],
    );
    await clock.advance(10_000);
    assert.deepEqual(
      table.changes(10).map((row) => row.perSecond),
      [0, 0],
    );
    await clock.advance(10_000);
    assert.deepEqual(table.changes(10), []);
  });

  test('more changes than can be told at once come with the next', () => {
    const { table, say } = setUp();
    for (let i = 0; i < 25; i++) say(`t${i}`, 'x');
    assert.deepEqual(
      [table.changes(10), table.changes(10), table.changes(10)].map((r) => r.length),
      [10, 10, 5],
    );
  });

  test('a storm of topics: those silent for longest are forgotten, and counted', () => {
    const { table, say } = setUp(100);
    say('steady', 'x');
    for (let i = 0; i < 1000; i++) {
      say(`random/${i}`, 'x');
      say('steady', 'x');
    }
    assert.equal(table.size, 100);
    assert.equal(table.forgotten, 901);
    assert.ok(table.all().some((row) => row.topic === 'steady' && row.count === 1001));
  });

  test('a hostile topic is made visible, and can be asked for as it is', () => {
    const { table, say } = setUp();
    say('a\u001b[31m', '\u001b[0m');
    const [row] = table.all();
    assert.deepEqual([row?.topic, row?.name, row?.text], ['a\u001b[31m', 'a\\x1b[31m', '\\x1b[0m']);
  });
});
