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
    for (let i = 4; i <= 6; i++) {
      assert.deepEqual(other.told, ['hello b']);
      other.hear('hello', `word ${i}`, i * 5000);
      other.print('b', `received: word ${i}\n`, i * 5000 + 10);
    }
    for (let i = 7; i <= 12; i++) {
      other.print('b', `received: word ${i}\n`, i * 5000);
      other.hear('hello', `word ${i}`, i * 5000 + 10);
    }
    assert.deepEqual(other.told, ['hello b', 'hello nobody']);
  });

  test('an answer, which comes later than a line can be late, takes it back at once', () => {
    const { told, print, hear } = setUp();
    for (let i = 1; i <= 3; i++) {
      print('b', `word ${i}\n`, i * 5000 - 1);
      hear('hello', `word ${i}`, i * 5000);
    }
    hear('hello', 'word 4', 20_000);
    print('b', 'word 4\n', 20_600);
    assert.deepEqual(told, ['hello b', 'hello nobody']);
  });

  test('a speaker whose line comes late now and then stays one, and becomes one', () => {
    const { told, print, hear } = setUp();
    let at = 0;
    /** One message; its line comes so much after it. */
    const say = (i: number, late: number): void => {
      at += 5000;
      if (late < 0) print('a', `hello #${i}\r\n`, at + late);
      hear('hello', `hello #${i}`, at);
      if (late >= 0) print('a', `hello #${i}\r\n`, at + late);
    };
    // The first line of all is late, and so is the one that would have finished the proof.
    [300, -2, -2, 80, -2, -2].forEach((late, i) => say(i + 1, late));
    assert.deepEqual(told, []);
    say(7, -2);
    assert.deepEqual(told, ['hello a']);
    for (let i = 8; i < 200; i++) say(i, i % 3 === 0 ? -2 : (i * 37) % 500);
    assert.deepEqual(told, ['hello a']);
  });

  test('a listener that is before now and then, by the computer’s haste, is none', () => {
    const { told, print, hear } = setUp();
    for (let i = 1; i <= 100; i++) {
      const early = i % 7 < 2;
      if (early) print('b', `received hello #${i}\r\n`, i * 5000 - 1);
      hear('hello', `hello #${i}`, i * 5000);
      if (!early) print('b', `received hello #${i}\r\n`, i * 5000 + 40);
    }
    assert.deepEqual(told, []);
  });

  test('said before and after, as in “sending” and “sent”: that is no listener', () => {
    const { told, print, hear } = setUp();
    for (let i = 1; i <= 9; i++) {
      print('a', `sending hello #${i}\n`, i * 5000 - 3);
      hear('hello', `hello #${i}`, i * 5000);
      print('a', `sent hello #${i}\n`, i * 5000 + 700);
    }
    assert.deepEqual(told, ['hello a']);
  });

  test('two that speak on one topic in turn: the topic tells of neither', () => {
    const { told, print, hear } = setUp();
    for (let i = 1; i <= 20; i++) {
      print(i < 5 || i % 2 ? 'a' : 'b', `hello #${i}\n`, i * 5000 - 3);
      hear('hello', `hello #${i}`, i * 5000);
    }
    assert.deepEqual(told, ['hello a', 'hello nobody']);
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
