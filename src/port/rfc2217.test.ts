import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isBoardError } from '../core/errors';
import { Rfc2217Provider, formatAddress, parseRfc2217Url } from './rfc2217';

describe('RFC 2217 addresses', () => {
  test('host names, IPv4, IPv6 and what pyserial adds', () => {
    assert.deepEqual(parseRfc2217Url('rfc2217://192.168.1.7:4000'), {
      host: '192.168.1.7',
      port: 4000,
    });
    assert.deepEqual(parseRfc2217Url(' RFC2217://pi.local:2217/?ign_set_control '), {
      host: 'pi.local',
      port: 2217,
    });
    assert.deepEqual(parseRfc2217Url('rfc2217://[::1]:7'), { host: '::1', port: 7 });
    assert.equal(formatAddress({ host: '::1', port: 7 }), '[::1]:7');
  });

  const faults: [string, RegExp][] = [
    ['/dev/ttyUSB0', /must start with rfc2217/],
    ['socket://host:1', /another kind of address/],
    ['rfc2217://host', /port number is missing/],
    ['rfc2217://host:0', /1 to 65535/],
    ['rfc2217://host:70000', /1 to 65535/],
    ['rfc2217://host:1:2', /write rfc2217/],
    ['rfc2217://', /write rfc2217/],
  ];
  for (const [url, fault] of faults) {
    test(`"${url}" is refused with the reason`, () => {
      assert.throws(
        () => parseRfc2217Url(url),
        (error) => isBoardError(error, 'port-not-found') && fault.test(error.message),
      );
    });
  }
});

describe('the list of remote ports', () => {
  test('add, rename, remove; each change is told once', async () => {
    const provider = new Rfc2217Provider();
    let changes = 0;
    provider.onDidChange(() => changes++);
    provider.add('rfc2217://127.0.0.1:4000', 'machine1');
    provider.add('127.0.0.1:4000', 'machine1');
    provider.add('127.0.0.1:4001');
    assert.equal(changes, 2);
    assert.deepEqual(await provider.list(), [
      { scheme: 'rfc2217', address: '127.0.0.1:4000', label: 'machine1' },
      { scheme: 'rfc2217', address: '127.0.0.1:4001', label: '127.0.0.1:4001' },
    ]);
    provider.add('127.0.0.1:4000', 'kitchen');
    provider.remove('127.0.0.1:4001');
    provider.remove('127.0.0.1:4001');
    assert.equal(changes, 4);
    assert.deepEqual(
      (await provider.list()).map((info) => info.label),
      ['kitchen'],
    );
  });
});
