import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCoincidences } from './coincidence';

function setUp() {
  const all = createCoincidences();
  const told: string[] = [];
  all.onLearned(({ topic, boardId }) => void told.push(`${topic} ${boardId ?? 'nobody'}`));
  const bytes = (text: string): Uint8Array => Buffer.from(text);
  return {
    told,
    print: (board: string, text: string, at: number) => all.printed(board, bytes(text), at),
    hear: (topic: string, text: string, at: number) => all.heard(topic, bytes(text), at),
  };
}

describe('who prints what it says', () => {
  test('three different messages, each printed before: learned, once', () => {
    const { told, print, hear } = setUp();
    for (let i = 1; i <= 5; i++) {
      print('a', `sending hel`, i * 5000);
      print('a', `lo #${i}\r\n`, i * 5000 + 5);
      hear('hello', `hello #${i}`, i * 5000 + 30);
      if (i < 3) assert.deepEqual(told, []);
    }
    assert.deepEqual(told, ['hello a']);
  });

  test('a listener prints it after: not learned, and what was learned goes', () => {
    const { told, print, hear } = setUp();
    for (let i = 1; i <= 5; i++) {
      hear('hello', `hello #${i}`, i * 5000);
      print('b', `received hello #${i}\r\n`, i * 5000 + 40);
    }
    assert.deepEqual(told, []);
    const other = setUp();
    for (let i = 1; i <= 3; i++) {
      other.print('b', `received: word ${i}\n`, i * 5000 - 1);
      other.hear('hello', `word ${i}`, i * 5000);
    }
    assert.deepEqual(other.told, ['hello b']);
    other.hear('hello', 'word 4', 20_000);
    other.print('b', 'received: word 4\n', 20_010);
    other.print('b', 'received: word 5\n', 25_000);
    other.hear('hello', 'word 5', 25_010);
    assert.deepEqual(other.told, ['hello b', 'hello nobody']);
  });

  test('two boards that print the same prove nothing', () => {
    const { told, print, hear } = setUp();
    for (let i = 1; i <= 5; i++) {
      print('a', `value ${i}\n`, i * 5000);
      print('b', `value ${i}\n`, i * 5000);
      hear('hello', `value ${i}`, i * 5000 + 10);
    }
    assert.deepEqual(told, []);
  });

  test('the same words again and again, short words, old words and parts of words prove nothing', () => {
    const { told, print, hear } = setUp();
    for (let i = 1; i <= 9; i++) {
      const at = i * 5000;
      print('a', `alive on hello #${i}5\n`, at);
      hear('same', 'alive', at + 5);
      hear('short', 'on', at + 5);
      hear('part', `hello #${i}`, at + 5);
      hear('late', `hello #${i}5`, at + 3000);
    }
    assert.deepEqual(told, []);
  });

  test('a flood is not looked at, and bytes that are no text are none', () => {
    const { told, print, hear } = setUp();
    for (let i = 0; i < 20_000; i++) {
      print('a', `number ${i}\n`, 1000 + i / 100);
      hear(`t${i}`, `number ${i}`, 1000 + i / 100);
      hear('bytes', '\ufffd\ufffd\ufffd\ufffd', 1000 + i / 100);
    }
    assert.deepEqual(told, []);
  });
});
