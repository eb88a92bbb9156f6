import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseConnection, parseKind, parseRoles, parseTls, parseUsers } from './brokerSettings';

describe('settings of the broker', () => {
  test('anything that is no kind is the embedded one', () => {
    assert.deepEqual(['mosquitto', 'existing', 'embedded', 'hivemq', 7, null].map(parseKind), [
      'mosquitto',
      'existing',
      'embedded',
      'embedded',
      'embedded',
      'embedded',
    ]);
  });

  test('a connection without settings is MQTT 3.1.1, clean, and hears everything', () => {
    for (const nothing of [undefined, null, 7, [], {}]) {
      const { protocolVersion, clean, listen, keepalive, will } = parseConnection(nothing);
      assert.deepEqual(
        { protocolVersion, clean, listen, keepalive, will },
        { protocolVersion: 4, clean: true, listen: ['#'], keepalive: 30, will: undefined },
      );
    }
  });

  test('what is given is taken, what is nonsense is not', () => {
    const settings = parseConnection({
      protocolVersion: 5,
      ca: ' ca.pem ',
      alpn: ['mqtt', 7],
      keepalive: -1,
      clean: false,
      sessionExpiry: 3600,
      listen: ['home/#'],
      will: { topic: 'gone', payload: 'x', qos: 9, retain: true },
    });
    assert.equal(settings.protocolVersion, 5);
    assert.equal(settings.ca, 'ca.pem');
    assert.deepEqual(settings.alpn, ['mqtt']);
    assert.equal(settings.keepalive, 30);
    assert.equal(settings.clean, false);
    assert.equal(settings.sessionExpiry, 3600);
    assert.deepEqual(settings.listen, ['home/#']);
    assert.deepEqual(settings.will, { topic: 'gone', payload: 'x', qos: 0, retain: true });
  });

  test('users: a rule that is no list gives no right', () => {
    assert.deepEqual(
      parseUsers({ machine1: { publish: ['hello'], subscribe: 'hello' }, all: {}, '': {} }),
      [{ name: 'machine1', publish: ['hello'], subscribe: [] }, { name: 'all' }],
    );
    assert.deepEqual(parseUsers([1]), []);
  });

  test('topic roles: what is no topic filter, and no list, tells nothing', () => {
    const given = { machine1: ['hello', 'a/#', 'a#', '', 7], machine2: 'hello', '': null };
    assert.deepEqual(parseRoles(given), { machine1: ['hello', 'a/#'], machine2: [], '': [] });
    assert.deepEqual(parseRoles([1]), {});
  });
});

test('TLS: the usual port, and paths that are texts', () => {
  assert.deepEqual(parseTls(undefined), { port: 8883, cert: '', key: '', ca: '' });
  const given = { port: 8884, cert: ' broker.pem ', key: 1, ca: ['x'], more: true };
  assert.deepEqual(parseTls(given), { port: 8884, cert: 'broker.pem', key: '', ca: '' });
  for (const port of [0, 65_536, 1.5, '8884']) assert.equal(parseTls({ port }).port, 8883);
});
