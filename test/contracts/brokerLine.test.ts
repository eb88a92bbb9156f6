/**
 * An existing broker at the end of a bad line, and what is agreed on with it: a connection that is cut,
 * one that is half open, the will, the kept session, ALPN and SNI. Below: Mosquitto behind a relay that
 * does as told. Above: npm test -- contracts.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import {
  createConnection,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import mqtt, { type MqttClient } from 'mqtt';
import { useExistingBroker } from '../../src/broker/existing';
import { findMosquitto } from '../../src/broker/findProgram';
import { startMosquitto, type MosquittoBroker } from '../../src/broker/mosquitto';
import {
  connectClient,
  type ConnectOptions,
  type MqttConnection,
} from '../../src/conversation/client';
import { silentLog } from '../../src/core/log';
import { makeCertificates } from './certificates';

const HOST = '127.0.0.1';
const environment = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };
const missing = ['mosquitto', 'openssl'].find(
  (program) => spawnSync(program, ['version'], { env: environment }).error !== undefined,
);

describe('an existing broker', { skip: missing && `${missing} is not installed` }, () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function mosquitto(): Promise<MosquittoBroker> {
    const folder = mkdtempSync(path.join(tmpdir(), 'parley-line-'));
    ends.push(() => rmSync(folder, { recursive: true, force: true }));
    const broker = await startMosquitto({
      hosts: [HOST],
      port: 0,
      folder,
      program: await findMosquitto(''),
      observe: (host, port, clientId) => connectClient({ host, port, clientId }),
      log: silentLog,
    });
    ends.push(() => broker.stop());
    return broker;
  }
  async function listen(server: Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    ends.push(() => void server.close());
    return (server.address() as AddressInfo).port;
  }
  function join(here: Socket, there: Socket): void {
    for (const [one, other] of [
      [here, there],
      [there, here],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
    ends.push(() => {
      here.destroy();
      there.destroy();
    });
  }
  /** Hands everything on, until it is told otherwise. */
  async function relay(to: number) {
    const pairs = new Set<[Socket, Socket]>();
    const server = createServer((here) => {
      const there = createConnection(to, HOST);
      join(here, there);
      const pair: [Socket, Socket] = [here, there];
      pairs.add(pair);
      here.on('close', () => pairs.delete(pair));
    });
    const port = await listen(server);
    return {
      port,
      /** Ends what there is, without a word of MQTT, and lets nobody in. */
      cut: () => {
        server.close();
        for (const [here] of pairs) here.destroy();
      },
      mend: () => new Promise<void>((resolve) => server.listen(port, HOST, resolve)),
      /** Nothing goes through any more, and nobody is told: the cable is out. */
      silence: () => {
        for (const [here, there] of pairs) {
          here.unpipe(there);
          there.unpipe(here);
          there.removeAllListeners('close');
          here.resume();
          there.resume();
        }
        pairs.clear();
      },
    };
  }
  async function connect(
    options: Omit<ConnectOptions, 'host' | 'clientId'> & { clientId?: string },
  ): Promise<MqttConnection> {
    const made = await connectClient({ host: HOST, clientId: 'parley-line', ...options });
    ends.push(() => made.end());
    return made;
  }
  async function foreign(port: number): Promise<MqttClient> {
    const made = await mqtt.connectAsync({ host: HOST, port, reconnectPeriod: 0 });
    made.on('error', () => undefined);
    ends.push(() => void made.end(true));
    return made;
  }
  const hears = (client: MqttConnection): string[] => {
    const heard: string[] = [];
    client.onMessage(({ topic, payload }) => {
      heard.push(`${topic} ${Buffer.from(payload).toString()}`);
    });
    return heard;
  };

  test('the will: said when the connection is cut, retained as asked, and not when it is left', async () => {
    const { port } = await mosquitto();
    const line = await relay(port);
    const other = await foreign(port);
    const heard: string[] = [];
    other.on('message', (topic, payload) => void heard.push(`${topic} ${payload.toString()}`));
    await other.subscribeAsync('#', { qos: 1 });
    const will = { topic: 'parley/gone', payload: 'bye', qos: 1 as const, retain: true };
    const polite = await connect({ port: line.port, will, clientId: 'parley-polite' });
    await polite.end();
    await other.publishAsync('end', 'of the polite one', { qos: 1 });
    await until('the polite one has left', () => heard.length > 0);
    assert.deepEqual(heard, ['end of the polite one']);
    await connect({ port: line.port, will });
    line.cut();
    await until('the will', () => heard.length === 2);
    assert.equal(heard[1], 'parley/gone bye');
    const later = await foreign(port);
    const retained = new Promise<boolean>((resolve) =>
      later.on('message', (_topic, _payload, packet) => resolve(packet.retain)),
    );
    await later.subscribeAsync('parley/gone');
    assert.equal(await retained, true);
  });

  test('a kept session brings what was missed; a clean one does not, and neither an expired one', async () => {
    const { port } = await mosquitto();
    const line = await relay(port);
    const at = { port: line.port, protocolVersion: 5 as const };
    const kept = await connect({ ...at, clientId: 'parley-kept', clean: false, sessionExpiry: 60 });
    const clean = await connect({ ...at, clientId: 'parley-clean' });
    const expired = await connect({ ...at, clientId: 'parley-0', clean: false, sessionExpiry: 0 });
    const all = [kept, clean, expired];
    for (const one of all) await one.subscribe('#', 1);
    const [byKept, byClean, byExpired] = all.map(hears) as [string[], string[], string[]];
    const back = all.map(
      (one) =>
        new Promise<void>((resolve) => one.onState((state) => state === 'connected' && resolve())),
    );
    line.cut();
    await until('all lost it', () => all.every((one) => one.state !== 'connected'));
    const other = await foreign(port);
    await other.publishAsync('hello', 'missed', { qos: 1 });
    await line.mend();
    await Promise.all(back);
    await until('all hear again', () => {
      void other.publishAsync('hello', 'after', { qos: 1 }).catch(() => undefined);
      return [byKept, byClean, byExpired].every((heard) => heard.includes('hello after'));
    });
    const missed = [byKept, byClean, byExpired].map((heard) => heard.includes('hello missed'));
    assert.deepEqual(missed, [true, false, false]);
  });

  test('away for longer than it takes to look for it again, it is found all the same', async () => {
    const { port } = await mosquitto();
    const line = await relay(port);
    const client = await connect({ port: line.port });
    const heard = hears(client);
    await client.subscribe('#');
    line.cut();
    let tries = 0;
    client.onState((state) => state === 'connecting' && tries++);
    await until('it looked in vain', () => tries === 2);
    await line.mend();
    await until('it is there again', () => client.state === 'connected');
    const other = await foreign(port);
    await until('it is heard again', () => {
      void other.publishAsync('hello', 'again', { qos: 1 }).catch(() => undefined);
      return heard.length > 0;
    });
  });

  test('half open: a line that says nothing is given up after the keepalive, and sought anew', async () => {
    const { port } = await mosquitto();
    const line = await relay(port);
    const broker = await useExistingBroker({
      host: HOST,
      port: line.port,
      observe: () => connect({ port: line.port, keepalive: 1 }),
      log: silentLog,
    });
    ends.push(() => broker.stop());
    const reach: boolean[] = [];
    broker.onReach((here) => void reach.push(here));
    let heard = 0;
    broker.onMessage(() => heard++);
    line.silence();
    await until('it is told, and told to be there again', () => reach.length === 2);
    assert.deepEqual(reach, [false, true]);
    const other = await foreign(port);
    await until('it is heard again', () => {
      void other.publishAsync('hello', 'again', { qos: 1 }).catch(() => undefined);
      return heard > 0;
    });
  });

  test('ALPN and SNI are in the handshake, and the conversation goes through it', async () => {
    const { port } = await mosquitto();
    const folder = mkdtempSync(path.join(tmpdir(), 'parley-alpn-'));
    ends.push(() => rmSync(folder, { recursive: true, force: true }));
    makeCertificates(folder);
    const pem = (name: string): Buffer => readFileSync(path.join(folder, name));
    const seen: unknown[] = [];
    const server = createTlsServer(
      {
        cert: pem('server.pem'),
        key: pem('server.key'),
        ALPNProtocols: ['x-amzn-mqtt-ca', 'mqtt'],
      },
      (socket) => {
        // Only in the types it is not there.
        seen.push([socket.alpnProtocol, (socket as { servername?: string }).servername]);
        join(socket, createConnection(port, HOST));
      },
    );
    const at = { protocol: 'mqtts' as const, port: await listen(server) };
    const tls = { ca: pem('ca.pem'), servername: 'broker.test', alpn: ['mqtt'] };
    const client = await connect({ ...at, tls });
    const heard = hears(client);
    await client.subscribe('#');
    await client.publish('hello', 'through TLS', { qos: 1 });
    await until('it is heard', () => heard.length === 1);
    assert.deepEqual(seen, [['mqtt', 'broker.test']]);
  });

  test('Mosquitto’s configuration is there to be read, and its log comes line by line', async () => {
    const broker = await mosquitto();
    const lines: string[] = [];
    broker.onLine((line) => void lines.push(line));
    const conf = readFileSync(broker.configuration, 'utf8').split('\n');
    const wanted = ['persistence false', `listener ${broker.port} ${HOST}`, 'protocol mqtt'];
    for (const line of [...wanted, 'allow_anonymous true']) assert.ok(conf.includes(line), line);
    assert.ok(statSync(broker.configuration).isFile());
    const other = await foreign(broker.port);
    await other.publishAsync('hello', 'x', { qos: 1 });
    await until('the log tells of it', () =>
      lines.some((line) => /Received PUBLISH.*hello/.test(line)),
    );
  });
});

async function until(what: string, holds: () => boolean, ms = 30_000): Promise<void> {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) assert.fail(`never so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
