import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { describe, test } from 'node:test';
import { connectClient } from '../../src/conversation/client';
import { findMosquitto } from '../../src/broker/findProgram';
import { startMosquitto } from '../../src/broker/mosquitto';
import type { Broker } from '../../src/broker/broker';
import { issueFor, makeAuthority, type Identity } from '../../src/broker/certificates';
import { startEmbeddedBroker, type TlsListener } from '../../src/broker/embedded';
import { startHostedBroker } from '../../src/broker/hosted';
import { silentLog } from '../../src/core/log';
import { brokerContract } from './broker';

brokerContract('embedded', (options) => startEmbeddedBroker({ ...options, log: silentLog }));

/** The same broker as the far side of its TLS port sees it: that one is the port of the law then. */
function byTls(broker: Broker): Broker {
  return new Proxy(broker, {
    get(target, name) {
      if (name === 'port') return target.secure?.port;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

let made: Promise<{ ca: string; identity: Identity }> | undefined;
const certificates = (): NonNullable<typeof made> =>
  (made ??= makeAuthority('Parley of a test').then(async (authority) => ({
    ca: authority.cert,
    identity: await issueFor(authority, ['127.0.0.1', '127.0.0.2']),
  })));
const ca = async (): Promise<string> => (await certificates()).ca;
const tlsOn = async (hosts: readonly string[], port: number): Promise<TlsListener> => ({
  hosts,
  port,
  ...(await certificates()).identity,
});

const program = ['--import', 'tsx', 'src/broker/serverMain.ts'];
brokerContract('embedded, in a process of its own', (options) =>
  startHostedBroker({ ...options, program, log: silentLog }),
);

brokerContract(
  'embedded, in a process of its own, with TLS',
  async ({ hosts, port }) =>
    byTls(
      await startHostedBroker({
        hosts,
        port: 0,
        tls: await tlsOn(hosts, port),
        program,
        log: silentLog,
      }),
    ),
  ca,
);

const folder = mkdtempSync(path.join(tmpdir(), 'parley-mosquitto-'));
const mosquitto = [process.env['PATH'], '/usr/sbin'].join(path.delimiter);
const there = spawnSync('mosquitto', ['-h'], { env: { PATH: mosquitto } }).error === undefined;
if (there) {
  brokerContract('Mosquitto', async (options) =>
    startMosquitto({
      ...options,
      folder,
      program: await findMosquitto(''),
      observe: (host, port, clientId) => connectClient({ host, port, clientId }),
      log: silentLog,
    }),
  );
  brokerContract(
    'Mosquitto with TLS',
    async ({ hosts, port }) =>
      byTls(
        await startMosquitto({
          hosts,
          port: 0,
          tls: await tlsOn(hosts, port),
          folder,
          program: await findMosquitto(''),
          observe: (host, at, clientId) => connectClient({ host, port: at, clientId }),
          log: silentLog,
        }),
      ),
    ca,
  );
} else {
  describe('the law of a broker: Mosquitto', () => {
    test('all of it', { skip: 'mosquitto is not installed' }, () => undefined);
  });
}
