import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Board } from '../board/board';
import { BoardError } from '../core/errors';
import type { PutFolderReport } from '../operations/putFolder';
import type { PutOutcome } from '../operations/putMany';
import { putSummary } from './putSummary';

const good = (name: string, sent = ['main.py']): PutOutcome => ({
  board: { name } as Board,
  report: { sent } as unknown as PutFolderReport,
});
const bad = (name: string, error: BoardError): PutOutcome => ({ board: { name } as Board, error });
const lost = new BoardError('port-lost', 'm');

test('all have it, or had it', () => {
  assert.match(putSummary([good('a'), good('b', [])]), /^2 boards have their files\. Reset them/);
  assert.equal(putSummary([good('a', []), good('b', [])]), '2 boards had every file already.');
});

test('each that failed is named with its cause; many are told shorter, cancelled ones together', () => {
  const text = putSummary([good('a'), bad('b', lost)]);
  assert.match(text, /^1 of 2 boards have their files\. b: the port went away.*plug it in again/);
  const many = putSummary([
    ...['a', 'b', 'c'].map((name) => bad(name, lost)),
    bad('d', new BoardError('cancelled', 'm')),
  ]);
  for (const name of ['a', 'b', 'c']) assert.match(many, new RegExp(`${name}: the port went away`));
  assert.doesNotMatch(many, /plug it in again/);
  assert.match(many, /nothing was put on: d\.$/);
});
