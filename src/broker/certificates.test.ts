import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { connect, createServer } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { before, describe, test } from 'node:test';
import { derOf, fingerprintOf, issueFor, makeAuthority, type Identity } from './certificates';

describe('certificates of an authority of our own', () => {
  let authority: Identity;
  let server: Identity;
  before(async () => {
    authority = await makeAuthority('Parley of a test');
    server = await issueFor(authority, ['127.0.0.1', '192.168.1.5', 'broker.test']);
  });

  test('it signs the broker, and the broker may sign nobody', () => {
    const ca = new X509Certificate(authority.cert);
    const leaf = new X509Certificate(server.cert);
    assert.ok(ca.ca && ca.checkIssued(ca) && ca.verify(ca.publicKey));
    assert.ok(!leaf.ca && leaf.checkIssued(ca) && leaf.verify(ca.publicKey));
    assert.equal(leaf.checkIP('192.168.1.5'), '192.168.1.5');
    assert.equal(leaf.checkIP('192.168.1.6'), undefined);
    assert.equal(leaf.checkHost('broker.test'), 'broker.test');
    assert.notEqual(ca.serialNumber, leaf.serialNumber);
  });

  test('valid for a board whose clock was never set, and for long', () => {
    for (const { cert } of [authority, server]) {
      const { validFrom, validTo } = new X509Certificate(cert);
      assert.ok(Date.parse(validFrom) < Date.UTC(2000, 0, 1));
      assert.ok(Date.parse(validTo) > Date.UTC(2045, 0, 1));
    }
  });

  test('what a board is given, and what a person compares', () => {
    const der = derOf(authority.cert);
    assert.equal(der[0], 0x30);
    assert.equal(fingerprintOf(der), fingerprintOf(authority.cert));
    assert.match(fingerprintOf(der), /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    assert.throws(() => derOf('no certificate'));
  });

  for (const [who, trusted] of [
    ['whoever trusts the authority connects', true],
    ['another authority’s friends do not', false],
  ] as const) {
    test(who, async () => {
      const listening = createServer({ key: server.key, cert: server.cert }, (s) => s.end());
      listening.on('tlsClientError', () => undefined);
      listening.listen(0, '127.0.0.1');
      await once(listening, 'listening');
      const { port } = listening.address() as AddressInfo;
      const ca = trusted ? authority.cert : (await makeAuthority('Another')).cert;
      const socket = connect({ host: '127.0.0.1', port, ca });
      const outcome = await new Promise<string | undefined>((resolve) => {
        socket.once('secureConnect', () => resolve('connected'));
        socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      socket.destroy();
      listening.close();
      assert.equal(outcome === 'connected', trusted, String(outcome));
    });
  }
});
