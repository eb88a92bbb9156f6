import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenersOf, usersOf } from './brokerDoor';
import { UsageError } from './usage';

const env = { PARLEY_BROKER_PASSWORD: 'long enough' };

test('on this computer everyone may come in', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', 'localhost', '::1']) {
    assert.equal(usersOf({ host }, {}), undefined);
  }
});

test('beyond it a flag has to say who, and the refusal names it', () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.5', '127.0.0.1.example.org']) {
    assert.throws(
      () => usersOf({ host }, env),
      (error) => error instanceof UsageError && /--user NAME.*--open/.test(error.message),
      host,
    );
  }
  assert.equal(usersOf({ host: '0.0.0.0', open: true }, {}), undefined);
});

test('a user has a password, or there is no broker', () => {
  assert.throws(() => usersOf({ host: '0.0.0.0', user: 'boards' }, {}), /PARLEY_BROKER_PASSWORD/);
  assert.throws(
    () => usersOf({ host: '0.0.0.0', user: 'boards', open: true }, env),
    /give one of them/,
  );
  const [user] = usersOf({ host: '0.0.0.0', user: 'boards' }, env) ?? [];
  assert.ok(user?.accepts('boards', Buffer.from('long enough')));
  assert.ok(!user?.accepts('boards', Buffer.from('')));
});

test('with a certificate the network is let in over TLS alone', async () => {
  const files = { tlsCert: 'test/tls/server.pem', tlsKey: 'test/tls/server.key' };
  const { hosts, tls } = await listenersOf({ host: '0.0.0.0', ...files });
  assert.deepEqual(hosts, ['127.0.0.1']);
  assert.deepEqual([tls?.hosts, tls?.port], [['0.0.0.0'], 8883]);
  assert.match(tls?.cert ?? '', /BEGIN CERTIFICATE/);
  assert.deepEqual(await listenersOf({ host: '127.0.0.1' }), { hosts: ['127.0.0.1'] });
  const wrong: [object, RegExp][] = [
    [{ tlsCert: files.tlsCert }, /both --tls-cert and --tls-key/],
    [{ ...files, tlsKey: 'test/tls/client.key' }, /no certificate with its key/],
    [{ ...files, tlsKey: 'test/tls/nothing.key' }, /nothing\.key cannot be read \(ENOENT\)/],
  ];
  for (const [options, said] of wrong) {
    await assert.rejects(
      listenersOf({ host: '0.0.0.0', ...options }),
      (error) => error instanceof UsageError && said.test(error.message),
    );
  }
});
