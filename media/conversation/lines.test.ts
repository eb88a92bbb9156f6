import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Entry, MessageEntry, SpeakerView } from '../../src/conversation/protocol';
import { Lines } from './lines';

const said = (id: number, speaker: string, more: Partial<MessageEntry> = {}): MessageEntry => ({
  id,
  kind: 'message',
  at: id * 1000,
  topic: 'hello',
  text: `hello #${id}`,
  payload: 'text',
  bytes: 8,
  cut: false,
  qos: 0,
  retain: false,
  speaker,
  ...more,
});
const joined = (id: number, speaker: string): Entry => ({
  id,
  kind: 'event',
  at: id * 1000,
  what: 'joined',
  speaker,
});
const person = (key: string, name: string, boardId?: string): SpeakerView => ({
  key,
  name,
  boardId,
  how: boardId ? 'client id' : 'unknown',
  seat: 0,
  connected: true,
  messages: 1,
});
const ids = (lines: Lines): number[] => lines.shown.map((entry) => entry.id);

function four(): Lines {
  const lines = new Lines();
  lines.setSpeakers([person('a', 'machine1', 'A'), person('b', 'machine2', 'B')]);
  lines.reset([
    joined(1, 'a'),
    said(2, 'a'),
    said(3, 'b', { topic: 'notification' }),
    said(4, 'a'),
  ]);
  return lines;
}

describe('the lines of a view', () => {
  test('what comes and what goes', () => {
    const lines = four();
    assert.deepEqual(lines.append([said(5, 'b'), said(6, 'a')], 3), { gone: 2, added: 2 });
    assert.deepEqual(ids(lines), [3, 4, 5, 6]);
    assert.deepEqual(lines.append([said(9, 'a')], 100), { gone: 4, added: 0 });
    assert.deepEqual(ids(lines), []);
  });

  test('more than may be held: the oldest go, and can be asked for', () => {
    const lines = four();
    assert.equal(lines.more, false);
    assert.deepEqual(lines.append([said(5, 'b')], 1, 3), { gone: 2, added: 1 });
    assert.deepEqual([ids(lines), lines.more], [[3, 4, 5], true]);
    assert.equal(lines.prepend([said(1, 'a'), said(2, 'a'), said(3, 'a')], false), 2);
    assert.deepEqual([ids(lines), lines.more], [[1, 2, 3, 4, 5], false]);
  });

  test('a line that changed takes the place of the one it was', () => {
    const lines = four();
    assert.deepEqual(lines.change([said(3, 'b', { acked: ['a'] }), said(77, 'b')]), [2]);
    const entry = lines.shown[2];
    assert.deepEqual(entry?.kind === 'message' && entry.acked, ['a']);
  });

  test('a new day is marked', () => {
    const lines = new Lines();
    const day = 24 * 3600 * 1000;
    lines.reset([said(1, 'a'), said(2, 'a'), said(3, 'a', { at: 3 * day })]);
    assert.deepEqual(
      lines.shown.map((_, index) => lines.startsDay(index)),
      [false, false, true],
    );
  });

  test('runs: one speaker, one board, no long pause, nothing between', () => {
    const lines = new Lines();
    lines.setSpeakers([
      person('a', 'machine1', 'A'),
      person('a2', 'machine1', 'A'),
      person('b', 'machine2', 'B'),
    ]);
    const late = said(6, 'b', { at: 200_000 });
    lines.reset([said(1, 'a'), said(2, 'a2'), said(3, 'b'), joined(4, 'b'), said(5, 'b'), late]);
    assert.deepEqual(
      lines.shown.map((_, index) => lines.startsRun(index)),
      [true, false, true, true, true, true],
    );
  });

  test('that nobody listens is said once a run and topic', () => {
    const lines = new Lines();
    const nobody = { receivers: 0 };
    lines.reset([
      said(1, 'a', nobody),
      said(2, 'a', nobody),
      said(3, 'a', { ...nobody, topic: 'other' }),
      said(4, 'b', nobody),
      said(5, 'b', { receivers: 1 }),
    ]);
    assert.deepEqual(
      lines.shown.map((_, index) => lines.repeatsUnheard(index)),
      [false, true, false, false, false],
    );
  });

  test('a new name is a change, presence is none; a forgotten speaker keeps its id', () => {
    const lines = four();
    const present = { ...person('a', 'machine1', 'A'), connected: false, messages: 9 };
    assert.equal(lines.setSpeakers([present]), false);
    assert.equal(lines.setSpeakers([person('a', 'kitchen', 'A')]), true);
    assert.equal(lines.speaker('a').name, 'kitchen');
    assert.equal(lines.speaker('mosq-1').name, 'mosq-1');
    assert.equal(lines.speaker('?').name, 'Someone');
  });
});
