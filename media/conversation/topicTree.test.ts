import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TopicRow } from '../../src/conversation/protocol';
import { TopicTree } from './topicTree';

const row = (topic: string, count = 1, text = 'x'): TopicRow => ({
  topic,
  name: topic,
  count,
  perSecond: 0,
  at: 0,
  retain: false,
  text,
  fields: [],
});
const paths = (tree: TopicTree): string[] => tree.rows.map((node) => node.path);

describe('the topic tree', () => {
  test('levels in order, numbers as numbers, sums on each', () => {
    const tree = new TopicTree();
    tree.take([row('room10/t', 5), row('room2/t', 3), row('room2/h', 1), row('hello')], true);
    assert.deepEqual(paths(tree), ['hello', 'room2', 'room2/h', 'room2/t', 'room10', 'room10/t']);
    tree.take([row('room2/t', 10)], false);
    const room = tree.rows.find((node) => node.path === 'room2');
    assert.deepEqual([room?.count, room?.topics, tree.root.count], [11, 2, 17]);
  });

  test('a level can be a topic and lead to others; empty levels are levels', () => {
    const tree = new TopicTree();
    tree.take([row('a'), row('a/b'), row('/x'), row('a//b')], true);
    assert.deepEqual(paths(tree), ['', '/x', 'a', 'a/', 'a//b', 'a/b']);
    assert.equal(tree.rows.find((node) => node.path === 'a')?.row?.topic, 'a');
  });

  test('open and closed stay so when all is told anew; what is gone goes', () => {
    const tree = new TopicTree();
    tree.take([row('a/1'), row('b/1')], true);
    tree.toggle(
      tree.rows.find((node) => node.path === 'a')!,
      false,
    );
    assert.deepEqual(paths(tree), ['a', 'b', 'b/1']);
    tree.take([row('a/1'), row('a/2'), row('b/1')], true);
    assert.deepEqual(paths(tree), ['a', 'b', 'b/1']);
    tree.take([row('b/1')], true);
    assert.deepEqual(paths(tree), ['b', 'b/1']);
  });

  test('filtered: topics in full, by name or value', () => {
    const tree = new TopicTree();
    tree.take([row('a/temperature', 1, '21'), row('b/x', 1, 'Temperature'), row('c')], true);
    tree.setFilter('TEMP');
    assert.deepEqual(paths(tree), ['a/temperature', 'b/x']);
  });

  test('twenty thousand topics: closed at first, all counted', () => {
    const tree = new TopicTree();
    tree.take(
      Array.from({ length: 20_000 }, (_, i) => row(`n${i % 100}/s${i}`)),
      true,
    );
    assert.equal(tree.rows.length, 100);
    assert.equal(tree.root.topics, 20_000);
    tree.toggle(tree.rows[0]!);
    assert.equal(tree.rows.length, 300);
  });
});
