/** The embedded broker's own process: it outlives a window that wants it, and lets only known users in. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { PAYLOAD_LIMIT, type BrokerMessage, type BrokerRefusal } from '../../src/broker/broker';
import { findHostedBroker, startHostedBroker, type HostedBroker } from '../../src/broker/hosted';
import { ownerOfPort, speaksMqtt } from '../../src/broker/portOwner';
import { isBoardError } from '../../src/core/errors';
import { silentLog } from '../../src/core/log';

const HOST = '127.0.0.1';
const program = ['--import', 'tsx', 'src/broker/serverMain.ts'];

describe("the embedded broker's process", () => {
  const ends: (() => Promise<unknown> | void)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function start(
    more: Partial<Parameters<typeof startHostedBroker>[0]> = {},
  ): Promise<HostedBroker> {
    const broker = await startHostedBroker({
      hosts: [HOST],
      port: 0,
      program,
      log: silentLog,
      ...more,
    });
    ends.push(() => broker.stop());
    return broker;
  }
  /** A socket that has said CONNECT and was let in. */
  async function rawClient(port: number, id: string): Promise<Socket> {
    const socket = createConnection(port, HOST);
    socket.on('error', () => undefined);
    ends.push(() => void socket.destroy());
    const connect = [0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 60, 0, id.length, ...Buffer.from(id)];
    socket.write(Uint8Array.of(0x10, connect.length, ...connect));
    await once(socket, 'data');
    return socket;
  }
  async function client(port: number, options: IClientOptions = {}): Promise<MqttClient> {
    const made = await mqtt.connectAsync({ host: HOST, port, reconnectPeriod: 0, ...options });
    made.on('error', () => undefined);
    ends.push(() => void made.end(true));
    return made;
  }

  test('left running, it carries messages, and the next window finds it with all it knows', async () => {
    const first = await start({ outliveMs: 60_000 });
    const board = await client(first.port, { clientId: 'machine1' });
    await board.subscribeAsync('hello');
    first.leave();
    await board.publishAsync('hello', 'nobody looks', { qos: 1 });
    const second = await findHostedBroker(first.handle, silentLog);
    assert.ok(second, 'it is gone');
    ends.push(() => second.stop());
    assert.equal(second.port, first.port);
    assert.deepEqual(second.clients, ['machine1']);
    assert.deepEqual(second.listenersOf('hello'), ['machine1']);
    assert.equal(second.missed, 1);
    const told: BrokerMessage[] = [];
    second.onMessage((message) => void told.push(message));
    await board.publishAsync('hello', 'somebody does', { qos: 1 });
    await until(() => told.length === 1);
    assert.equal(told[0]?.clientId, 'machine1');
  });

  test('not told to outlive its window, it ends with it and frees the port', async () => {
    const broker = await start();
    broker.leave();
    await until(async () => !(await speaksMqtt(HOST, broker.port, 200)));
    assert.equal(await findHostedBroker(broker.handle, silentLog), undefined);
    const again = await start({ port: broker.port });
    assert.equal(again.port, broker.port);
  });

  test('256 MB: its subscriber gets all of it, the window its beginning and how much it was', async () => {
    const broker = await start();
    const told: BrokerMessage[] = [];
    broker.onMessage((message) => void told.push(message));
    const listener = await rawClient(broker.port, 'listener');
    let got = 0;
    listener.on('data', (bytes: Buffer) => (got += bytes.length));
    listener.write(Uint8Array.of(0x82, 8, 0, 1, 0, 3, ...Buffer.from('big'), 0));
    await until(() => broker.listenersOf('big')?.length === 1);
    // The longest that MQTT knows: a remaining length of four bytes, all bits set (3.1.1, 2.2.3).
    const most = 268_435_455;
    const size = most - 5;
    const speaker = await rawClient(broker.port, 'speaker');
    const before = process.memoryUsage().rss;
    let rss = 0;
    speaker.write(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f, 0, 3, ...Buffer.from('big')));
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    for (let left = size; left > 0; left -= chunk.length) {
      const some = chunk.subarray(0, Math.min(left, chunk.length));
      if (!speaker.write(some)) await once(speaker, 'drain');
      rss = Math.max(rss, process.memoryUsage().rss);
    }
    await until(() => told.length === 1 && got >= size, 60_000);
    assert.equal(told[0]?.payload.length, PAYLOAD_LIMIT);
    assert.equal(told[0]?.bytes, size);
    assert.equal(told[0]?.clientId, 'speaker');
    rss = Math.max(rss, process.memoryUsage().rss);
    // This process is the window's part: it holds the beginning, not the whole.
    assert.ok(rss - before < 128 * 1024 * 1024, `${(rss - before) / 1e6} MB more`);
    const after = await client(broker.port);
    await after.publishAsync('hello', 'still here', { qos: 1 });
    await until(() => told.length === 2);
  });

  test('whoever does not know the token learns nothing', async () => {
    const broker = await start();
    const guess = { ...broker.handle, token: 'a guess that is long enough' };
    assert.equal(await findHostedBroker(guess, silentLog), undefined);
    const socket = createConnection(broker.handle.socket);
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    socket.write(Buffer.from([255, 255, 255, 255, 1, 2, 3]));
    await closed;
    assert.ok(await client(broker.port));
  });

  test(
    'killed, it is told as an error',
    { skip: process.platform === 'linux' ? false : 'reads /proc' },
    async () => {
      const broker = await start();
      const closes: unknown[] = [];
      broker.onClose((error) => void closes.push(error));
      const owner = await ownerOfPort(broker.port);
      process.kill(owner?.pid ?? assert.fail('nobody has the port'), 'SIGKILL');
      await until(() => closes.length === 1);
      assert.ok(isBoardError(closes[0], 'broker-program'));
    },
  );

  test('users: wrong ones stay outside, right ones do what their rules say', async () => {
    const broker = await start({
      users: [
        { name: 'machine1', password: 'one', publish: ['hello'], subscribe: ['notification'] },
        { name: 'all', password: 'two' },
      ],
    });
    const refused: BrokerRefusal[] = [];
    broker.onRefused((refusal) => void refused.push(refusal));
    for (const wrong of [{}, { username: 'machine1', password: 'two' }, { username: 'nobody' }]) {
      const options = { ...wrong, clientId: `stranger ${wrong.username ?? ''}` };
      await assert.rejects(client(broker.port, options), /user ?name or password|authorized/i);
    }
    // Who it was, and whether it knew that it is asked.
    await until(() => refused.length === 3);
    assert.deepEqual(
      refused.map(({ clientId, named }) => [clientId, named]),
      [
        ['stranger ', false],
        ['stranger machine1', true],
        ['stranger nobody', true],
      ],
    );
    assert.match(refused[0]?.remoteAddress ?? '', /127\.0\.0\.1$/);
    const machine = await client(broker.port, { username: 'machine1', password: 'one' });
    const all = await client(broker.port, { username: 'all', password: 'two' });
    const heard: string[] = [];
    all.on('message', (topic) => void heard.push(topic));
    await all.subscribeAsync('#', { qos: 1 });
    await assert.rejects(machine.subscribeAsync('#'));
    await machine.subscribeAsync('notification');
    await machine.publishAsync('hello', 'x', { qos: 1 });
    await until(() => heard.includes('hello'));
    // What a rule forbids reaches nobody; aedes ends the connection (MQTT 3.1.1 section 3.3.5).
    const gone = new Promise<void>((resolve) => machine.once('close', () => resolve()));
    machine.publish('secret', 'x');
    await gone;
    await all.publishAsync('end', '', { qos: 1 });
    await until(() => heard.includes('end'));
    assert.deepEqual(heard, ['hello', 'end']);
  });
});

async function until(holds: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`never so: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
