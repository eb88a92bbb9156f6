import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { BoardError } from './errors';
import { explain } from './explain';
import { t, useWords, wordsInUse } from './words';

afterEach(() => useWords({}));

test('without words a message is what it says, with its values', () => {
  assert.equal(t('{board}: {n} files', { board: 'machine1', n: 2 }), 'machine1: 2 files');
  assert.equal(t('a {b} and {"c": 1}', { c: 2 }), 'a {b} and {"c": 1}');
  assert.equal(t('toString'), 'toString');
});

test('with words it is the other language, and what is missing stays English', () => {
  useWords({ '{n} of {m}': '{m}: {n}' });
  assert.equal(t('{n} of {m}', { n: 1, m: 2 }), '2: 1');
  assert.equal(t('Nothing'), 'Nothing');
  assert.equal(wordsInUse()['{n} of {m}'], '{m}: {n}');
});

test('a value is never read as a placeholder', () => {
  assert.equal(t('{a} {b}', { a: '{b}', b: 'x' }), '{b} x');
});

test('a failure is explained in the language in use', () => {
  useWords({
    '{board} waits in its bootloader, where MicroPython does not run. Reset it (or press EN), then try again.':
      '{board} đang chờ.',
  });
  assert.equal(explain(new BoardError('in-loader', ''), 'machine1').sentence, 'machine1 đang chờ.');
});
