import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventSentence, initials, newLines, perSecond, size, timeOfDay } from './words';

describe('the words of the view', () => {
  test('short names tell two boards apart', () => {
    for (const [name, short] of [
      ['machine1', 'M1'],
      ['machine2', 'M2'],
      ['kitchen', 'Ki'],
      ['You', 'Yo'],
      ['7', '7'],
      ['äußerer Sensor 12', 'Ä2'],
      ['', '?'],
      ['<>', '?'],
    ] as const) {
      assert.equal(initials(name), short);
    }
  });

  test('sizes, rates, times, counts', () => {
    assert.deepEqual([0, 1, 1023, 1024, 20_000, 3_500_000].map(size), [
      '0 bytes',
      '1 byte',
      '1023 bytes',
      '1.0 KB',
      '20 KB',
      '3.3 MB',
    ]);
    assert.deepEqual([0, 0.2, 9.96, 31.4].map(perSecond), ['', '0.2/s', '10.0/s', '31/s']);
    assert.equal(timeOfDay(new Date(2026, 0, 2, 9, 4, 5).getTime()), '09:04:05');
    assert.equal(newLines(1234), '1,234 new');
  });

  test('every quiet line is a sentence with the name', () => {
    const say = (what: 'joined' | 'left' | 'lost' | 'replaced'): string =>
      eventSentence({ id: 1, kind: 'event', at: 0, what }, 'machine1');
    const all = (['joined', 'left', 'lost', 'replaced'] as const).map(say);
    assert.equal(new Set(all).size, 4);
    for (const sentence of all) assert.match(sentence, /^machine1 /);
  });
});
