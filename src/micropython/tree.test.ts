import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quietJob } from '../core/job';

import { FakeBoard } from './fakeBoard';
import { RawRepl } from './rawRepl';
import { readTree } from './tree';

const job = quietJob();
const say = (value: unknown): string => `\x1e${JSON.stringify(value)}\r\n`;

test('names that would lead out of a folder, and what is no row, are left out', async () => {
  const rows = [
    '',
    ['boot.py', 10, 0],
    ['../../.bashrc', 10, 0],
    ['..', 10, 0],
    ['', 10, 0],
    ['a\0b', 10, 0],
    ['size.py', 'big', 0],
    ['minus.py', -1, 0],
    null,
    7,
    {},
    '/lib',
    ['x.py', 5, 0],
    '/../../etc',
    '//x',
    'relative',
    '/lib/..',
  ];
  const out = [...rows, [1000, 2000, 4096, '']].map(say).join('');
  const repl = await RawRepl.enter(new FakeBoard({ run: () => ({ out }) }), {}, job);
  const tree = await readTree(repl, job);
  assert.deepEqual(
    tree.entries.map(({ path }) => path),
    ['/boot.py', '/lib', '/lib/x.py'],
  );
  assert.equal(tree.freeBytes, 1000);
});
