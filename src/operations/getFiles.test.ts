import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBoardError } from '../core/errors';
import type { BoardFiles } from './boardFiles';
import { planGet } from './getFiles';

test('a get writes nothing outside of its folder, whatever the files are called', async () => {
  const files = (path: string): BoardFiles =>
    ({ filesUnder: () => Promise.resolve([{ path, size: 1 }]) }) as unknown as BoardFiles;
  const plan = (path: string) =>
    planGet(files(path), { paths: ['/'], from: '/', into: '/home/ada/got' });
  for (const path of ['/../x', '/lib/../../x', '/a//b', '/./x', '/..']) {
    await assert.rejects(plan(path), (e) => isBoardError(e, 'file-not-written'), path);
  }
  assert.equal((await plan('/lib/..x'))[0]?.local, '/home/ada/got/lib/..x');
});
