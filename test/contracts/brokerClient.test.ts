/** Parley's own MQTT client, against the embedded broker and against peers that misbehave. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import type { Broker } from '../../src/broker/broker';
import { startEmbeddedBroker } from '../../src/broker/embedded';
import { OBSERVER_PREFIX } from '../../src/broker/roster';
import {
  connectClient,
  selfCheck,
  type ClientState,
  type MqttConnection,
} from '../../src/conversation/client';
import type { HeardMessage } from '../../src/conversation/model';
import { OWN_CLIENT_PREFIX } from '../../src/conversation/speakers';
import { isBoardError } from '../../src/core/errors';
import { silentLog } from '../../src/core/log';
import { Gate } from '../faults/board';

const host = '127.0.0.1';

describe("Parley's own client", () => {
  const ends: (() => Promise<unknown> | void)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function broker(port = 0): Promise<Broker> {
    const made = await startEmbeddedBroker({ hosts: [host], port, log: silentLog });
    ends.push(() => made.stop());
    return made;
  }
  async function connect(port: number, clientId = 'parley-test'): Promise<MqttConnection> {
    const made = await connectClient({ host, port, clientId });
    ends.push(() => made.end());
    return made;
  }
  /** A server that does with every connection as told. */
  async function peer(reply?: Uint8Array): Promise<number> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => reply && socket.end(reply));
      ends.push(() => void socket.destroy());
    });
    server.listen(0, host);
    await once(server, 'listening');
    ends.push(() => void server.close());
    return (server.address() as AddressInfo).port;
  }
  const refusedWith =
    (code: 'broker-unreachable' | 'broker-refused' | 'cancelled', reason?: RegExp) =>
    (error: unknown): true => {
      assert.ok(isBoardError(error, code), String(error));
      if (reason) assert.match(String(error.details['reason']), reason);
      return true;
    };

  test('broker and client agree on how an observer is called', () => {
    assert.equal(OBSERVER_PREFIX, OWN_CLIENT_PREFIX);
  });

  test('hears everything, and knows its own words again', async () => {
    const b = await broker();
    const [own, other] = [await connect(b.port), await connect(b.port, 'parley-other')];
    await own.subscribe('#');
    const heard: HeardMessage[] = [];
    const all = new Promise<void>((resolve) => {
      own.onMessage((message) => void (heard.push(message) === 3 && resolve()));
    });
    await other.publish('hello', 'from another', { qos: 1 });
    await own.publish('hello', Uint8Array.of(0, 255), { qos: 1, retain: true });
    await other.publish('hello', Uint8Array.of(0, 255), { qos: 1 });
    await all;
    assert.deepEqual(
      heard.map((m) => m.clientId),
      [undefined, 'parley-test', undefined],
    );
    assert.deepEqual(heard[1]?.payload, Uint8Array.of(0, 255));
  });

  test('the self-check sees "on" on esp32/output, and leaves nothing behind', async () => {
    const b = await broker();
    const client = await connect(b.port);
    const told: string[] = [];
    b.onMessage((m) => void told.push(`${m.topic} ${Buffer.from(m.payload).toString()}`));
    const ms = await selfCheck(client);
    assert.ok(ms >= 0 && ms < 5000);
    assert.deepEqual(told, ['esp32/output on']);
    assert.equal(b.listenersOf('esp32/output')?.length, 0);
    await selfCheck(client);
  });

  test('the self-check against a broker that drops messages fails in time', async () => {
    // CONNACK, SUBACK, PUBACK, UNSUBACK as they are due, and never a message.
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        const type = bytes[0]! >> 4;
        const idAt = type === 3 ? 2 + 2 + 'esp32/output'.length : 2;
        const id = [bytes[idAt]!, bytes[idAt + 1]!];
        if (type === 1) socket.write(Uint8Array.of(0x20, 2, 0, 0));
        if (type === 8) socket.write(Uint8Array.of(0x90, 3, ...id, 1));
        if (type === 3) socket.write(Uint8Array.of(0x40, 2, ...id));
        if (type === 10) socket.write(Uint8Array.of(0xb0, 2, ...id));
      });
      ends.push(() => void socket.destroy());
    });
    server.listen(0, host);
    await once(server, 'listening');
    ends.push(() => void server.close());
    const client = await connect((server.address() as AddressInfo).port);
    await assert.rejects(selfCheck(client, { timeoutMs: 100 }), refusedWith('broker-refused'));
  });

  test('nobody there', async () => {
    const b = await broker();
    await b.stop();
    const asked = connectClient({ host, port: b.port, clientId: 'parley-x' });
    await assert.rejects(asked, (error) => {
      refusedWith('broker-unreachable', /ECONNREFUSED/)(error);
      assert.ok(isBoardError(error) && error.details['port'] === b.port);
      return true;
    });
  });

  test('a peer that never answers: bounded', async () => {
    const port = await peer();
    const asked = connectClient({ host, port, clientId: 'parley-x', timeoutMs: 100 });
    await assert.rejects(asked, refusedWith('broker-unreachable'));
  });

  test('a peer that is no broker', async () => {
    const port = await peer(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const asked = connectClient({ host, port, clientId: 'parley-x' });
    await assert.rejects(asked, refusedWith('broker-unreachable'));
  });

  test('a broker that says no, and why', async () => {
    const port = await peer(Uint8Array.of(0x20, 2, 0, 5));
    const secrets = { username: 'us-er', password: 'se-cret' };
    const asked = connectClient({ host, port, clientId: 'parley-x', ...secrets });
    await assert.rejects(asked, (error) => {
      refusedWith('broker-refused', /not authorized/)(error);
      assert.doesNotMatch(JSON.stringify(error), /se-cret/);
      return true;
    });
  });

  test('cancelled before and while', async () => {
    const port = await peer();
    const control = new AbortController();
    const asked = connectClient({ host, port, clientId: 'parley-x', signal: control.signal });
    control.abort();
    await assert.rejects(asked, refusedWith('cancelled'));
    const late = connectClient({ host, port, clientId: 'parley-x', signal: control.signal });
    await assert.rejects(late, refusedWith('cancelled'));
  });

  test('of several addresses the first that answers; the next when it goes, and round again', async () => {
    const [gone, first, second] = [await broker(), await broker(), await broker()];
    await gone.stop();
    const client = await connectClient({
      host,
      port: gone.port,
      others: [first, second].map(({ port }) => ({ host, port })),
      clientId: 'parley-test',
    });
    ends.push(() => client.end());
    await client.subscribe('#');
    assert.equal(client.server.port, first.port);
    const heard = async (text: string): Promise<void> => {
      const here = new Promise<void>((resolve) => {
        const listening = client.onMessage(({ payload }) => {
          if (Buffer.from(payload).toString() !== text) return;
          listening.dispose();
          resolve();
        });
      });
      // The subscription comes back by itself, a moment after the connection.
      await client.subscribe('#');
      await client.publish('hello', text, { qos: 1 });
      await here;
    };
    const connected = (): Promise<void> =>
      new Promise((resolve) => {
        const listening = client.onState((now) => {
          if (now !== 'connected') return;
          listening.dispose();
          resolve();
        });
      });
    await heard('at the first');
    let again = connected();
    await first.stop();
    await again;
    assert.equal(client.server.port, second.port);
    await heard('at the second');
    await broker(first.port);
    again = connected();
    await second.stop();
    await again;
    assert.equal(client.server.port, first.port);
    await heard('at the first again');
  });

  test('several addresses, nobody at any: all are named', async () => {
    const [one, two] = [await broker(), await broker()];
    await one.stop();
    await two.stop();
    const others = [{ host, port: two.port }];
    const asked = connectClient({ host, port: one.port, others, clientId: 'parley-x' });
    await assert.rejects(asked, (error) => {
      refusedWith('broker-unreachable', /ECONNREFUSED.*ECONNREFUSED/)(error);
      assert.ok(isBoardError(error));
      const { host: named, port } = error.details;
      assert.equal(`${named}:${port}`, `${host}:${one.port}, ${host}:${two.port}`);
      return true;
    });
  });

  test('a broker that goes and comes back', async () => {
    const first = await broker();
    const client = await connect(first.port);
    await client.subscribe('#');
    const reached = (state: ClientState): Promise<void> =>
      new Promise((resolve) => {
        const subscription = client.onState((now) => {
          if (now !== state) return;
          subscription.dispose();
          resolve();
        });
      });
    const lost = reached('lost');
    await first.stop();
    await lost;
    await assert.rejects(client.publish('hello', 'x'), refusedWith('broker-unreachable'));
    const connected = reached('connected');
    const second = await broker(first.port);
    await connected;
    const heard = new Promise<HeardMessage>((resolve) => client.onMessage(resolve));
    // The subscription comes back by itself, a moment after the connection.
    await client.subscribe('#');
    await client.publish('hello', 'again', { qos: 1 });
    assert.equal(Buffer.from((await heard).payload).toString(), 'again');
    await second.stop();
  });

  test('a connection that is reset, as a router does it, is sought again and brings what comes', async () => {
    const b = await broker();
    const gate = await Gate.open(() => `${host}:${b.port}`);
    ends.push(() => gate.close());
    const client = await connect(Number(gate.address.split(':')[1]));
    await client.subscribe('to/me', 1);
    const back = new Promise<void>((resolve) =>
      client.onState((state) => state === 'connected' && resolve()),
    );
    gate.cut();
    await back;
    await client.subscribe('to/me', 1);
    const heard = new Promise<HeardMessage>((resolve) => client.onMessage(resolve));
    await client.publish('to/me', 'again', { qos: 1 });
    assert.equal(Buffer.from((await heard).payload).toString(), 'again');
  });

  test('what is said while a session comes back does not overtake what was kept for it', async () => {
    const b = await broker();
    const gate = await Gate.open(() => `${host}:${b.port}`);
    ends.push(() => gate.close());
    const port = Number(gate.address.split(':')[1]);
    const listener = await connectClient({ host, port, clientId: 'board', clean: false });
    ends.push(() => listener.end());
    await listener.subscribe('to/board', 1);
    const speaker = await connect(b.port, 'parley-speaker');
    const heard: string[] = [];
    const all = new Promise<void>((resolve) =>
      listener.onMessage(({ payload }) => {
        // At least once: what comes again is not counted.
        const text = Buffer.from(payload).toString();
        if (!heard.includes(text)) heard.push(text);
        if (text === '305') resolve();
      }),
    );
    const say = (from: number, to: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: to - from }, (_, n) =>
          speaker.publish('to/board', `${from + n}`, { qos: 1 }),
        ),
      );
    const lost = new Promise<void>((resolve) =>
      b.onClient(({ clientId, what }) => clientId === 'board' && what === 'lost' && resolve()),
    );
    // The moment in which the session is back and what was kept is still on its way.
    b.onClient(({ clientId, what }) => {
      if (clientId === 'board' && what === 'connected') void say(300, 306);
    });
    gate.cut();
    await lost;
    await say(0, 300);
    await all;
    assert.deepEqual(
      heard,
      Array.from({ length: 306 }, (_, n) => `${n}`),
    );
  });

  for (const topic of ['', 'a/#', '+/b', 'a\0b']) {
    test(`not a topic to publish on: ${JSON.stringify(topic)}`, async () => {
      const client = await connect((await broker()).port);
      await assert.rejects(client.publish(topic, 'x'), refusedWith('broker-refused'));
      assert.equal(client.state, 'connected');
    });
  }

  test('ended twice, and after the broker went', async () => {
    const b = await broker();
    const client = await connect(b.port);
    await b.stop();
    await Promise.all([client.end(), client.end()]);
  });
});
