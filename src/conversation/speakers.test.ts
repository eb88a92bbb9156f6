import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSpeakers } from './speakers';

function two(): ReturnType<typeof createSpeakers> {
  const speakers = createSpeakers();
  speakers.learn({ boardId: 'a', name: 'machine1', uniqueIdHex: '240AC4A1B2C3' });
  speakers.learn({ boardId: 'b', name: 'machine2', uniqueIdHex: '24:0a:c4:d4:e5:f6' });
  return speakers;
}

describe('whose client id is that', () => {
  for (const [clientId, name] of [
    ['240ac4a1b2c3', 'machine1'],
    ['240AC4A1B2C3', 'machine1'],
    ['24:0A:C4:A1:B2:C3', 'machine1'],
    ['24-0a-c4-d4-e5-f6', 'machine2'],
    ['umqtt-240ac4d4e5f6-1', 'machine2'],
    ['esp/24:0a:c4:d4:e5:f6', 'machine2'],
  ] as const) {
    test(`${clientId} is ${name}`, () => {
      const said = two().speakerOf(clientId);
      assert.equal(said.name, name);
      assert.equal(said.how, 'client id');
      assert.equal(said.boardId, name === 'machine1' ? 'a' : 'b');
    });
  }

  test('a stranger keeps its client id, made visible', () => {
    assert.deepEqual(two().speakerOf('mosq-77'), { name: 'mosq-77', how: 'unknown' });
    assert.equal(two().speakerOf('a\u001b[2J').name, 'a\\x1b[2J');
    assert.equal(two().speakerOf('').name, 'Someone');
  });

  test('Parley itself is you', () => {
    assert.deepEqual(two().speakerOf('parley-window-1'), { name: 'You', how: 'self' });
  });

  test('without a client id only a topic of its own tells', () => {
    const speakers = two();
    assert.equal(speakers.speakerOf(undefined, { topic: 'hello' }).how, 'unknown');
    const hex = '240ac4a1b2c3';
    speakers.learn({ boardId: 'a', name: 'machine1', uniqueIdHex: hex, topics: ['hello'] });
    assert.deepEqual(speakers.speakerOf(undefined, { topic: 'hello' }), {
      name: 'machine1',
      boardId: 'a',
      how: 'topic',
    });
    assert.equal(speakers.speakerOf('mosq-77', { topic: 'hello' }).how, 'unknown');
  });

  test('topic roles take wildcards, and two that claim the same topic tell nothing', () => {
    const speakers = two();
    const a = { boardId: 'a', name: 'machine1', uniqueIdHex: '240ac4a1b2c3' };
    speakers.learn({ ...a, topics: ['kitchen/#'] });
    assert.equal(speakers.speakerOf(undefined, { topic: 'kitchen/t' }).name, 'machine1');
    const b = { boardId: 'b', name: 'machine2', uniqueIdHex: '24:0a:c4:d4:e5:f6' };
    speakers.learn({ ...b, topics: ['+/t'] });
    assert.equal(speakers.speakerOf(undefined, { topic: 'kitchen/t' }).how, 'unknown');
    assert.equal(speakers.speakerOf(undefined, { topic: 'kitchen/h' }).name, 'machine1');
  });

  test('what a message says of itself is told as that: by name, by id, or as it stands', () => {
    const speakers = two();
    const claimed = (claim: string) => speakers.speakerOf(undefined, { topic: 'hello', claim });
    assert.deepEqual(claimed('Machine2'), { name: 'machine2', boardId: 'b', how: 'property' });
    assert.equal(claimed('24:0A:C4:A1:B2:C3').name, 'machine1');
    assert.deepEqual(claimed('<b>'), { name: '<b>', how: 'property' });
    // The broker's word counts more than the message's.
    const told = speakers.speakerOf('240ac4a1b2c3', { claim: 'machine2' });
    assert.deepEqual([told.name, told.how], ['machine1', 'client id']);
  });

  test('what was learned is told as that, gives way to a role, and can be taken back', () => {
    const speakers = two();
    speakers.coincide('hello', 'b');
    const said = (): string => {
      const { name, how } = speakers.speakerOf(undefined, { topic: 'hello' });
      return `${name} ${how}`;
    };
    assert.equal(said(), 'machine2 learned');
    const a = { boardId: 'a', name: 'machine1', uniqueIdHex: '240ac4a1b2c3' };
    speakers.learn({ ...a, topics: ['hello'] });
    assert.equal(said(), 'machine1 topic');
    speakers.learn(a);
    speakers.coincide('hello', undefined);
    assert.equal(said(), 'Someone unknown');
  });

  test('a short or empty id is not found inside others by accident', () => {
    const speakers = createSpeakers();
    speakers.learn({ boardId: 'x', name: 'odd', uniqueIdHex: '' });
    speakers.learn({ boardId: 'y', name: 'short', uniqueIdHex: 'ab' });
    assert.equal(speakers.speakerOf('cable').how, 'unknown');
    assert.equal(speakers.speakerOf('ab').name, 'short');
  });

  test('says so when a name changes, and only then', () => {
    const speakers = two();
    let changes = 0;
    speakers.onChange(() => void changes++);
    speakers.learn({ boardId: 'a', name: 'machine1', uniqueIdHex: '240ac4a1b2c3' });
    assert.equal(changes, 0);
    speakers.learn({ boardId: 'a', name: 'kitchen', uniqueIdHex: '240ac4a1b2c3' });
    assert.equal(changes, 1);
    assert.equal(speakers.speakerOf('240ac4a1b2c3').name, 'kitchen');
    speakers.forget('a');
    speakers.forget('a');
    assert.equal(changes, 2);
    assert.equal(speakers.speakerOf('240ac4a1b2c3').how, 'unknown');
  });
});
