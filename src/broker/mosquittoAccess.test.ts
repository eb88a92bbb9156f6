import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitsMosquitto, passwordFile, rightsFile } from './mosquittoAccess';

const users = [
  { name: 'machine1', password: 'planted', publish: ['hello'], subscribe: [] },
  { name: 'boards', password: 'planted' },
  { name: 'two\nuser root', password: 'planted' },
  { name: 'a:b', password: 'planted' },
];

test('the password itself is in no file, and a name cannot break out of its line', () => {
  const text = passwordFile(users);
  assert.ok(!text.includes('planted') && !text.includes(Buffer.from('planted').toString('base64')));
  assert.match(text, /^machine1:\$7\$\d+\$[^\n$]+\$[^\n$]+\nboards:\$7\$[^\n]+\n$/);
  assert.ok(!fitsMosquitto(' x') && !fitsMosquitto(''));
});

test('rights: left out is all, an empty list nothing, a filter cannot break out of its line', () => {
  assert.equal(
    rightsFile([...users, { name: 'x', publish: ['a\ntopic read #', 'b/+'], subscribe: ['c'] }]),
    [
      'user machine1\ntopic write hello\n',
      'user boards\ntopic write #\ntopic read #\ntopic read $SYS/#\n',
      'user x\ntopic write b/+\ntopic read c\n',
    ].join('\n'),
  );
});
