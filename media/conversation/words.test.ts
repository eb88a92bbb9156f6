import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  countsLine,
  countsTitle,
  eventSentence,
  goneLine,
  howSentence,
  howTag,
  initials,
  newLines,
  perSecond,
  size,
  timeOfDay,
} from './words';

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

  test('counts say what was received, shown, only counted and gone', () => {
    const counters = { total: 1234, kept: 1000, dropped: 200, folded: 34, perSecond: 0 };
    assert.equal(countsLine(counters), '1,234 received · 34 only counted · 200 gone');
    assert.equal(countsLine(counters, 56), '56 shown of 1,234 · 34 only counted · 200 gone');
    assert.equal(countsLine({ ...counters, total: 0, dropped: 0, folded: 0 }), '');
    assert.match(countsTitle(counters), /1,000 are kept.*\n34 .*counted\n200 old/);
    assert.deepEqual([1, 2].map(goneLine), [
      '1 older message is gone',
      '2 older messages are gone',
    ]);
  });

  test('how a speaker is known: each kind has its own sentence, and a guess is told as one', () => {
    const kinds = ['client id', 'log', 'property', 'topic', 'learned', 'self', 'unknown'] as const;
    const rest = { key: 'k', name: 'machine1', seat: 0, connected: true, messages: 1 };
    const all = kinds.map((how) => howSentence({ ...rest, how, clientId: 'abc' }));
    assert.equal(new Set(all).size, kinds.length);
    assert.match(howSentence({ ...rest, how: 'learned' }), /^Probably machine1/);
    assert.match(howSentence({ ...rest, how: 'unknown' }), /^It is not known/);
    const tags = kinds.map((how) => howTag({ ...rest, how }));
    assert.deepEqual(tags.map(Boolean), [false, false, true, true, true, false, true]);
    // A client id is a fact, also where nobody knows whose.
    assert.equal(howTag({ ...rest, how: 'unknown', clientId: 'abc' }), '');
  });

  test('every quiet line is a sentence with the name', () => {
    const say = (what: 'joined' | 'back' | 'left' | 'lost' | 'replaced'): string =>
      eventSentence({ id: 1, kind: 'event', at: 0, what }, 'machine1');
    const all = (['joined', 'back', 'left', 'lost', 'replaced'] as const).map(say);
    assert.equal(new Set(all).size, 5);
    for (const sentence of all) assert.match(sentence, /^machine1 /);
  });
});
