import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { History } from './history';
import { numbersIn } from './numbers';
import { pointsOf, thin } from './series';

const found = (text: string): [string, number][] => [...numbersIn(Buffer.from(text))];

describe('numbers in a payload', () => {
  for (const [text, numbers] of [
    ['21.5', [['', 21.5]]],
    [' -3e2 ', [['', -300]]],
    ['21.5 °C', [['', 21.5]]],
    ['40%', [['', 40]]],
    ['on', [['', 1]]],
    ['off', [['', 0]]],
    ['hello #1', []],
    ['', []],
    ['0x10', []],
    ['12:30', []],
    ['1.2.3', []],
    ['Infinity', []],
    [
      '{"t":21,"ok":true,"s":"x"}',
      [
        ['t', 21],
        ['ok', 1],
      ],
    ],
    [
      '{"room":{"t":1,"l":[5,{"v":6}]}}',
      [
        ['room.t', 1],
        ['room.l[0]', 5],
        ['room.l[1].v', 6],
      ],
    ],
    [
      '[1,2]',
      [
        ['[0]', 1],
        ['[1]', 2],
      ],
    ],
    ['{"t":', []],
    ['"21"', []],
  ] as const) {
    test('what is not finite is no number to draw', () => {
      assert.deepEqual([...numbersIn(Buffer.from('{"a":1e999,"b":-1e999,"c":1}'))], [['c', 1]]);
      assert.deepEqual([...numbersIn(Buffer.from('1e999'))], []);
    });

    test(JSON.stringify(text), () => assert.deepEqual(found(text), numbers));
  }

  test('hostile: deep, wide and long end soon', () => {
    assert.deepEqual(found('['.repeat(5000) + ']'.repeat(5000)), []);
    assert.equal(found(JSON.stringify(Array.from({ length: 1000 }, (_, i) => i))).length, 24);
    assert.deepEqual(found('1'.repeat(100_000)), []);
    assert.deepEqual(found('{"__proto__":{"x":1}}'), [['__proto__.x', 1]]);
    assert.equal(({} as { x?: number }).x, undefined);
  });
});

describe('points of a chart', () => {
  const history = new History({ lines: 10_000, bytes: 1e7 });
  for (let i = 0; i < 3000; i++) {
    const topic = i % 2 ? 'room' : 'other';
    history.add({
      at: i,
      what: 'message',
      topic,
      payload: Buffer.from(`{"t":${i}}`),
      speaker: 'a',
    });
  }

  test('what the history holds, and only what is new after that', () => {
    const series = [
      { topic: 'room', path: 't' },
      { topic: 'room', path: 'none' },
    ];
    const [all, none] = pointsOf(history, series, 1);
    assert.equal(all?.at.length, 1500);
    assert.deepEqual([all?.value[0], all?.value.at(-1)], [1, 2999]);
    assert.deepEqual(none, { at: [], value: [] });
    const [rest] = pointsOf(history, series, 2999);
    assert.deepEqual(rest, { at: [2999], value: [2999] });
  });

  test('thinned out, every peak stays', () => {
    const value = Array.from({ length: 10_000 }, (_, i) =>
      i === 5003 ? 99 : i === 777 ? -99 : i % 3,
    );
    const thinned = thin({ at: value.map((_, i) => i), value }, 500);
    assert.ok(thinned.at.length <= 500);
    assert.ok(thinned.value.includes(99) && thinned.value.includes(-99));
    assert.deepEqual(
      thinned.at,
      [...thinned.at].sort((a, b) => a - b),
    );
  });
});
