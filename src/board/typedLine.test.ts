import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retype, typedLine } from './typedLine';

test('a line is what was typed, edited as the board edits it', () => {
  assert.deepEqual(typedLine('x\r\n>>> import o'), { text: 'import o', back: 0 });
  assert.deepEqual(typedLine('>>> '), { text: '', back: 0 });
  // Backspace at the end.
  assert.deepEqual(typedLine('>>> abc\x08\x1b[K'), { text: 'ab', back: 0 });
  // Left twice, then an X: the rest is drawn again and the cursor goes back.
  assert.deepEqual(typedLine('>>> abc\x1b[1D\x1b[1D\x1b[KXbc\x1b[2D'), { text: 'aXbc', back: 2 });
  // History: back to the beginning, cleared, another line.
  assert.deepEqual(typedLine('>>> one\x1b[3D\x1b[Ktwo()'), { text: 'two()', back: 0 });
  assert.deepEqual(typedLine('>>> "\u017e"'), { text: '"\u017e"', back: 0 });
});

test('what is no prompt, or not understood, is left alone', () => {
  for (const tail of [
    '',
    'tick',
    '>>> x\r\n',
    '... if x:',
    '>>> a\x1b[2J',
    '>>> \x08\x08',
    '>>> a\tb',
  ]) {
    assert.equal(typedLine(tail), undefined, JSON.stringify(tail));
  }
});

test('it is typed again with the cursor where it was', () => {
  assert.equal(retype({ text: 'abc', back: 2 }), 'abc\x1b[D\x1b[D');
});
