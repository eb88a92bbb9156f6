import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MessageEntry } from '../../src/conversation/protocol';
import { isPair, questionOf } from './replies';

const said = (id: number, topic: string, speaker: string, at = id * 1000): MessageEntry => ({
  id,
  kind: 'message',
  at,
  topic,
  text: `${id}`,
  payload: 'text',
  bytes: 1,
  cut: false,
  qos: 0,
  retain: false,
  speaker,
});
const pairs = { hello: 'notification' };
const find = (lines: readonly MessageEntry[]): number | undefined =>
  questionOf(lines, lines.length - 1, pairs, (a, b) => a === b)?.id;

describe('which message answers which', () => {
  test('pairs of the settings, and ends that everybody uses', () => {
    assert.ok(isPair('hello', 'notification', pairs));
    assert.ok(!isPair('notification', 'hello', pairs));
    assert.ok(isPair('lamp/set', 'lamp/state', {}));
    assert.ok(isPair('a/request', 'a/response', {}));
    assert.ok(!isPair('lamp/set', 'door/state', {}));
    assert.ok(!isPair('toString', 'x', {}));
  });
  test('the newest of somebody else on the topic that asks', () => {
    const lines = [said(1, 'hello', 'a'), said(2, 'hello', 'a'), said(3, 'other', 'a')];
    assert.equal(find([...lines, said(4, 'notification', 'b')]), 2);
    assert.equal(find([...lines, said(4, 'notification', 'a')]), undefined);
    assert.equal(find([...lines, said(4, 'other', 'b')]), undefined);
  });
  test('not after a minute, and not far up', () => {
    assert.equal(find([said(1, 'hello', 'a'), said(2, 'notification', 'b', 90_000)]), undefined);
    const far = Array.from({ length: 50 }, (_, i) => said(i + 2, 'noise', 'c', 1000));
    const answer = said(99, 'notification', 'b', 1500);
    assert.equal(find([said(1, 'hello', 'a', 1000), ...far, answer]), undefined);
  });
});
