import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BoardError, isBoardError } from '../core/errors';
import { noneAnswered, optionsOf, serverOf } from './servers';

describe('the nodes of a cluster', () => {
  const servers = [
    { host: 'a', port: 1 },
    { host: 'b', port: 2 },
  ] as const;

  test('are taken in turn, and each has its own path and name', () => {
    assert.deepEqual(
      [0, 1, 2, 3].map((turn) => serverOf(servers, turn).host),
      ['a', 'b', 'a', 'b'],
    );
    const wss = optionsOf({ host: 'b', port: 443, protocol: 'wss' }, undefined);
    assert.deepEqual([wss.hostname, wss.path, wss.servername], ['b', '/mqtt', undefined]);
    // Over the first one's in the same object: nothing of it is left.
    const options = { ...optionsOf(servers[0]!, undefined), servername: 'a', path: '/of-a' };
    Object.assign(options, wss);
    assert.deepEqual([options.host, options.servername, options.path], ['b', undefined, '/mqtt']);
  });

  test('when none answers, all are named, and what can be mended is the error', () => {
    const silent = (reason: string): BoardError =>
      new BoardError('broker-unreachable', reason, { details: { host: 'x', port: 1, reason } });
    const refused = new BoardError('broker-refused', 'no', {
      details: { reason: 'not authorized' },
    });
    const one = silent('ECONNREFUSED');
    assert.equal(noneAnswered([servers[0]!], [one]), one);
    const all = noneAnswered(servers, [one, silent('no answer')]);
    assert.ok(isBoardError(all, 'broker-unreachable'));
    assert.equal(`${all.details['host']}:${all.details['port']}`, 'a:1, b:2');
    assert.equal(all.details['reason'], 'a:1: ECONNREFUSED; b:2: no answer');
    assert.ok(isBoardError(noneAnswered(servers, [one, refused]), 'broker-refused'));
  });
});
