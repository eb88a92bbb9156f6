import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBoardError } from '../core/errors';
import { readOptions } from './options';

const given = ['--name', 'a', '--state', '/s'];

test('a virtual board listens on addresses of this computer alone', () => {
  assert.equal(readOptions(given).host, '127.0.0.1');
  for (const host of ['127.0.0.1', '127.0.1.9', '::1', 'localhost']) {
    assert.equal(readOptions([...given, '--host', host]).host, host);
  }
  for (const host of ['0.0.0.0', '::', '', '192.168.1.5', 'example.org', '127.0.0.1.example.org']) {
    assert.throws(
      () => readOptions([...given, '--host', host]),
      (e) => isBoardError(e, 'virtual-failed') && /everyone on the network/.test(e.message),
      host,
    );
  }
});
