import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { topicFilterProblem, topicMatches } from './topics';

describe('topic filters', () => {
  // The examples of MQTT 3.1.1 section 4.7 first.
  const cases: [filter: string, topic: string, matches: boolean][] = [
    ['sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['sport/#', 'sport', true],
    ['#', 'hello', true],
    ['sport/tennis/+', 'sport/tennis/player1', true],
    ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+/+', '/finance', true],
    ['/+', '/finance', true],
    ['+', '/finance', false],
    ['#', '$SYS/broker', false],
    ['+/monitor', '$SYS/monitor', false],
    ['$SYS/#', '$SYS/broker', true],
    ['hello', 'hello', true],
    ['hello', 'Hello', false],
    ['hello', 'hello/ack', false],
    ['hello/ack', 'hello', false],
  ];
  for (const [filter, topic, matches] of cases) {
    test(`${filter} ${matches ? 'matches' : 'does not match'} ${topic}`, () => {
      assert.equal(topicMatches(filter, topic), matches);
    });
  }
});

test('a filter that is none is told apart', () => {
  for (const good of ['a', '#', '+', 'a/#', '+/b/#', '/', 'a//b', '$SYS/#']) {
    assert.equal(topicFilterProblem(good), undefined, good);
  }
  for (const bad of ['a#', '#/a', 'a/#/b', 'a+', '+a/b']) {
    assert.ok(topicFilterProblem(bad), bad);
  }
});
