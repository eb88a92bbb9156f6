/**
 * The law of a broker for one that is there already: Debian's Mosquitto with TLS, passwords and
 * WebSockets. It tells no more than MQTT does, so its suite is the part of the law that is left.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import mqtt, { type MqttClient } from 'mqtt';
import type { Broker, BrokerMessage } from '../../src/broker/broker';
import { useExistingBroker } from '../../src/broker/existing';
import { findMosquitto } from '../../src/broker/findProgram';
import { connectClient, type ConnectOptions } from '../../src/conversation/client';
import { isBoardError, type BoardErrorCode } from '../../src/core/errors';
import { silentLog } from '../../src/core/log';
import { makeCertificates } from './certificates';
import { lawOfExisting } from './existing';

const HOST = '127.0.0.1';
const environment = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };
const missing = ['mosquitto', 'mosquitto_passwd', 'openssl'].find(
  (program) => spawnSync(program, ['version'], { env: environment }).error !== undefined,
);

interface Ports {
  readonly plain: number;
  readonly tls: number;
  readonly mutual: number;
  readonly ws: number;
  readonly wss: number;
}

describe(
  'the law of a broker: existing',
  { skip: missing && `${missing} is not installed` },
  () => {
    let folder: string;
    let ports: Ports;
    let server: ChildProcess | undefined;
    const ends: (() => Promise<unknown> | void)[] = [];
    const file = (name: string): string => path.join(folder, name);
    const pem = (name: string): Uint8Array => new Uint8Array(readFileSync(file(name)));

    before(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'parley-tls-'));
      chmodSync(folder, 0o755);
      makeCertificates(folder);
      execFileSync('mosquitto_passwd', ['-b', '-c', file('users'), 'machine1', 'right'], {
        env: environment,
      });
      chmodSync(file('users'), 0o644);
      const [plain, tls, mutual, ws, wss] = await freePorts(5);
      ports = { plain, tls, mutual, ws, wss } as Ports;
      const secure = `cafile ${file('ca.pem')}\ncertfile ${file('server.pem')}\nkeyfile ${file('server.key')}\n`;
      writeFileSync(
        file('mosquitto.conf'),
        `persistence false\nper_listener_settings true\n` +
          `listener ${plain} ${HOST}\npassword_file ${file('users')}\n` +
          `listener ${tls} ${HOST}\npassword_file ${file('users')}\n${secure}` +
          `listener ${mutual} ${HOST}\nallow_anonymous true\nrequire_certificate true\n${secure}` +
          `listener ${ws} ${HOST}\nprotocol websockets\nallow_anonymous true\n` +
          `listener ${wss} ${HOST}\nprotocol websockets\nallow_anonymous true\n${secure}`,
      );
      await startServer();
    });
    after(() => {
      server?.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });
    afterEach(async () => {
      for (const end of ends.splice(0).reverse()) await end();
    });

    async function startServer(): Promise<void> {
      const program = await findMosquitto('');
      server = spawn(program, ['-c', file('mosquitto.conf')], { stdio: 'ignore' });
      for (const port of Object.values(ports) as number[]) await reachable(port);
    }

    async function use(access: Omit<ConnectOptions, 'host' | 'clientId'>): Promise<Broker> {
      const clientId = `parley-test-${Math.random().toString(36).slice(2)}`;
      const broker = await useExistingBroker({
        host: HOST,
        port: access.port,
        observe: () => connectClient({ host: HOST, clientId, ...access }),
        log: silentLog,
      });
      ends.push(() => broker.stop());
      return broker;
    }

    const user = { username: 'machine1', password: 'right' };
    const tls = (): Omit<ConnectOptions, 'host' | 'clientId'> => ({
      protocol: 'mqtts',
      port: ports.tls,
      tls: { ca: pem('ca.pem') },
      ...user,
    });

    /** A client that is not ours. */
    async function foreign(options: mqtt.IClientOptions = {}): Promise<MqttClient> {
      const at = { host: HOST, port: ports.plain, reconnectPeriod: 0, ...user };
      const made = await mqtt.connectAsync({ ...at, ...options });
      made.on('error', () => undefined);
      ends.push(() => void made.end(true));
      return made;
    }

    const kinds: [string, () => Omit<ConnectOptions, 'host' | 'clientId'>][] = [
      ['mqtt, user and password', () => ({ port: ports.plain, ...user })],
      ['mqtts, MQTT 3.1.1', tls],
      ['mqtts, MQTT 5', () => ({ ...tls(), protocolVersion: 5 as const, sessionExpiry: 60 })],
      [
        'mqtts, client certificate',
        () => ({
          protocol: 'mqtts' as const,
          port: ports.mutual,
          tls: { ca: pem('ca.pem'), cert: pem('client.pem'), key: pem('client.key') },
        }),
      ],
      ['ws', () => ({ protocol: 'ws' as const, port: ports.ws, path: '/' })],
      [
        'wss, with another name and ALPN',
        () => ({
          protocol: 'wss' as const,
          port: ports.wss,
          path: '/',
          tls: { ca: pem('ca.pem'), servername: 'broker.test', alpn: ['http/1.1'] },
        }),
      ],
    ];
    for (const [name, access] of kinds) {
      test(`${name}: what is said is heard once, and nobody is guessed`, async () => {
        await lawOfExisting(await use(access()), await foreign());
      });
    }

    test('user properties of MQTT 5 are told', async () => {
      const broker = await use({ ...tls(), protocolVersion: 5 });
      const told: BrokerMessage[] = [];
      broker.onMessage((message) => void told.push(message));
      const speaker = await foreign({ protocolVersion: 5 });
      await speaker.publishAsync('hello', 'x', {
        qos: 1,
        properties: { userProperties: { 'client-id': 'machine1' } },
      });
      await until(() => told.length === 1);
      assert.deepEqual({ ...told[0]?.userProperties }, { 'client-id': 'machine1' });
    });

    const refusals: [
      string,
      BoardErrorCode,
      RegExp,
      () => Omit<ConnectOptions, 'host' | 'clientId'>,
    ][] = [
      [
        'a wrong password',
        'broker-refused',
        /not authorized|user name or password/,
        () => ({ ...tls(), password: 'wrong' }),
      ],
      [
        'a wrong password over MQTT 5',
        'broker-refused',
        /not authorized|user name or password/,
        () => ({ ...tls(), protocolVersion: 5 as const, password: 'wrong' }),
      ],
      [
        'a certificate nobody vouches for',
        'broker-certificate',
        /certificate/i,
        () => ({ ...tls(), tls: {} }),
      ],
      [
        'a certificate for another name',
        'broker-certificate',
        /altname|name/i,
        () => ({ ...tls(), tls: { ca: pem('ca.pem'), servername: 'elsewhere.test' } }),
      ],
      ['nobody at the port', 'broker-unreachable', /./, () => ({ port: 1, ...user })],
      [
        'TLS where there is none',
        'broker-certificate',
        /./,
        () => ({ ...tls(), port: ports.plain }),
      ],
    ];
    for (const [name, code, reason, access] of refusals) {
      test(`${name} is said as such`, async () => {
        await assert.rejects(use(access()), (error) => {
          assert.ok(isBoardError(error), String(error));
          // A server that does not speak TLS may just close: then nobody is there.
          const codes = name.startsWith('TLS') ? [code, 'broker-unreachable'] : [code];
          assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
          assert.match(String(error.details['reason']), reason);
          assert.ok(!JSON.stringify([error.message, error.details]).includes('wrong'), 'a secret');
          return true;
        });
      });
    }

    test('a broker that wants a certificate and gets none does not let us in', async () => {
      const access = { protocol: 'mqtts' as const, port: ports.mutual, tls: { ca: pem('ca.pem') } };
      await assert.rejects(use(access), (error) => {
        assert.ok(isBoardError(error), String(error));
        assert.ok(['broker-certificate', 'broker-unreachable'].includes(error.code), error.code);
        return true;
      });
    });

    test('killed and started again: it is told, and it is heard again', async () => {
      const broker = await use(tls());
      const reach: boolean[] = [];
      const told: BrokerMessage[] = [];
      broker.onReach((here) => void reach.push(here));
      broker.onMessage((message) => void told.push(message));
      server?.kill('SIGKILL');
      await until(() => reach.includes(false));
      await startServer();
      await until(() => reach.at(-1) === true, 30_000);
      // The subscription is made anew a moment after the connection: said until it is heard.
      const speaker = await foreign();
      for (let i = 0; told.length === 0 && i < 200; i++) {
        await speaker.publishAsync('again', 'here', { qos: 1 });
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.ok(told.length > 0);
      const closes: unknown[] = [];
      broker.onClose((error) => void closes.push(error));
      await Promise.all([broker.stop(), broker.stop()]);
      assert.deepEqual(closes, [undefined]);
    });
  },
);

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) =>
          server.listen(0, HOST, () => resolve((server.address() as AddressInfo).port)),
        ),
    ),
  );
  await Promise.all(servers.map((s) => new Promise<void>((resolve) => s.close(() => resolve()))));
  return ports;
}

async function reachable(port: number): Promise<void> {
  for (let i = 0; i < 400; i++) {
    const there = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ host: HOST, port });
      socket.on('connect', () => (socket.destroy(), resolve(true)));
      socket.on('error', () => resolve(false));
    });
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(`nobody listens on ${port}`);
}

async function until(holds: () => boolean, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) assert.fail(`never so: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
