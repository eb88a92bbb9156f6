/**
 * The law of src/broker/broker.ts as tests: one suite for every implementation, spoken to by a
 * client that is not ours (the mqtt package) and, where a client must misbehave, by raw bytes.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, test } from 'node:test';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { Broker, BrokerClientEvent, BrokerMessage } from '../../src/broker/broker';
import { isBoardError } from '../../src/core/errors';
import type { Event } from '../../src/core/event';

export type StartBroker = (options: { hosts: readonly string[]; port: number }) => Promise<Broker>;

const HOST = '127.0.0.1';

/** The first value of `event` for which `wanted` holds; rejects after `ms`. */
function next<T>(event: Event<T>, wanted: (value: T) => boolean, ms = 5000): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it did not come in time')), ms);
    const subscription = event((value) => {
      if (!wanted(value)) return;
      clearTimeout(timer);
      subscription.dispose();
      resolve(value);
    });
  });
}

/** Waits for `holds`; a broker in another process tells a moment later. */
async function until(holds: () => boolean, ms = 5000): Promise<void> {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) assert.fail(`never so: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('close', resolve));
}

/** @param ca of a broker whose port speaks TLS alone: the authority that signed its certificate */
export function brokerContract(name: string, start: StartBroker, ca?: () => Promise<string>): void {
  describe(`the law of a broker: ${name}`, () => {
    const ends: (() => Promise<unknown> | void)[] = [];
    afterEach(async () => {
      for (const end of ends.splice(0).reverse()) await end();
    });

    async function broker(port = 0): Promise<Broker> {
      const made = await start({ hosts: [HOST], port });
      ends.push(() => made.stop());
      return made;
    }

    async function client(port: number, options: IClientOptions = {}): Promise<MqttClient> {
      const made = await mqtt.connectAsync({
        host: HOST,
        port,
        protocolVersion: 4,
        reconnectPeriod: 0,
        ...(ca ? { protocol: 'mqtts', ca: await ca() } : {}),
        ...options,
      });
      made.on('error', () => undefined);
      ends.push(() => void made.end(true));
      return made;
    }

    async function rawSocket(port: number): Promise<Socket> {
      const socket = ca
        ? connectTls({ host: HOST, port, ca: await ca() })
        : createConnection(port, HOST);
      socket.on('error', () => undefined);
      ends.push(() => void socket.destroy());
      await once(socket, ca ? 'secureConnect' : 'connect');
      return socket;
    }

    for (const qos of [0, 1, 2] as const) {
      test(`a message with QoS ${qos} arrives once and is told once, with who said it`, async () => {
        const b = await broker();
        const listener = await client(b.port, { clientId: 'listener' });
        const speaker = await client(b.port, { clientId: 'speaker' });
        await listener.subscribeAsync('hello', { qos });
        const told: BrokerMessage[] = [];
        b.onMessage((m) => void told.push(m));
        const heard: string[] = [];
        listener.on('message', (_topic, payload) => void heard.push(payload.toString()));
        const before = Date.now();
        for (const text of ['one', 'two', 'three']) {
          await speaker.publishAsync('hello', text, { qos });
        }
        const end = next(b.onMessage, (m) => m.topic === 'end');
        await listener.publishAsync('end', '', { qos: 1 });
        await end;
        // What the listener was sent before the acknowledgement of its own message has come too.
        await listener.publishAsync('end', '', { qos: 1 });
        assert.deepEqual(heard, ['one', 'two', 'three']);
        const hellos = told.filter((m) => m.topic === 'hello');
        assert.deepEqual(
          hellos.map((m) => Buffer.from(m.payload).toString()),
          ['one', 'two', 'three'],
        );
        for (const message of hellos) {
          assert.equal(message.clientId, 'speaker');
          assert.equal(message.qos, qos);
          assert.equal(message.retain, false);
          assert.equal(message.receivers, 1);
          assert.ok(message.at >= before && message.at <= Date.now());
        }
        const last = told.find((m) => m.topic === 'end');
        assert.equal(last?.payload.length, 0);
        assert.equal(last?.receivers, 0);
      });
    }

    test('nobody gets a message with more QoS than was granted (MQTT 3.1.1 section 3.8.4)', async () => {
      const b = await broker();
      const listener = await client(b.port);
      const speaker = await client(b.port);
      await listener.subscribeAsync('hello/#', { qos: 1 });
      const heard = new Promise<number>((resolve) =>
        listener.once('message', (_topic, _payload, packet) => resolve(packet.qos)),
      );
      await speaker.publishAsync('hello/2', 'x', { qos: 2 });
      assert.equal(await heard, 1);
    });

    test('a payload of any bytes arrives as it was', async () => {
      const b = await broker();
      const speaker = await client(b.port);
      const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256);
      const told = next(b.onMessage, () => true);
      await speaker.publishAsync('bytes', Buffer.from(bytes), { qos: 1 });
      assert.deepEqual((await told).payload, bytes);
    });

    test('a retained message meets whoever comes later, and is told once', async () => {
      const b = await broker();
      const speaker = await client(b.port);
      let told = 0;
      b.onMessage((m) => {
        if (m.topic === 'state') told++;
        if (m.topic === 'state') assert.equal(m.retain, true);
      });
      await speaker.publishAsync('state', 'ready', { qos: 1, retain: true });
      const late = await client(b.port);
      const heard = new Promise<[string, Buffer, { retain: boolean }]>((resolve) =>
        late.once('message', (...said) => resolve(said)),
      );
      await late.subscribeAsync('state');
      const [, payload, packet] = await heard;
      assert.equal(payload.toString(), 'ready');
      assert.equal(packet.retain, true);
      const end = next(b.onMessage, (m) => m.topic === 'end');
      await speaker.publishAsync('end', '', { qos: 1 });
      await end;
      assert.equal(told, 1);
    });

    test('who comes, who leaves and who is lost is told, and the list follows', async () => {
      const b = await broker();
      const events: BrokerClientEvent[] = [];
      b.onClient((e) => void events.push(e));
      const polite = await client(b.port, { clientId: 'polite' });
      const rude = await client(b.port, { clientId: 'rude' });
      await until(() => String(b.clients) === 'polite,rude');
      const left = next(b.onClient, (e) => e.what === 'left');
      await polite.endAsync();
      await left;
      const lost = next(b.onClient, (e) => e.what === 'lost');
      rude.stream.destroy();
      await lost;
      await until(() => events.length === 4);
      assert.deepEqual(
        events.map((e) => `${e.clientId} ${e.what}`),
        ['polite connected', 'rude connected', 'polite left', 'rude lost'],
      );
      assert.ok(events.every((e) => e.remoteAddress === HOST));
      await until(() => b.clients.length === 0);
    });

    test("a lost client's will is published in its name; a polite one's is not", async () => {
      const b = await broker();
      const will = { topic: 'will', payload: Buffer.from('gone'), qos: 0 as const, retain: false };
      const polite = await client(b.port, { clientId: 'polite', will });
      const rude = await client(b.port, { clientId: 'rude', will });
      const wills: (string | undefined)[] = [];
      b.onMessage((m) => void wills.push(m.clientId));
      const left = next(b.onClient, (e) => e.what === 'left');
      await polite.endAsync();
      await left;
      const told = next(b.onMessage, (m) => m.topic === 'will');
      rude.stream.destroy();
      await told;
      assert.deepEqual(wills, ['rude']);
      assert.equal((await told).will, true);
    });

    test('a second client with the same id: the first is told to go', async () => {
      const b = await broker();
      const first = await client(b.port, { clientId: 'twin' });
      const gone = closed(first);
      const lost = next(b.onClient, (e) => e.what === 'lost');
      const second = await client(b.port, { clientId: 'twin' });
      await gone;
      assert.equal((await lost).replaced, true);
      await until(() => String(b.clients) === 'twin');
      const told = next(b.onMessage, (m) => m.topic === 'alive');
      await second.publishAsync('alive', 'yes', { qos: 1 });
      assert.equal((await told).clientId, 'twin');
    });

    test('subscribers are counted: wildcards once a client, the observer not, the gone not', async () => {
      const b = await broker();
      const a = await client(b.port, { clientId: 'a' });
      const observer = await client(b.port, { clientId: 'parley-observer' });
      const listeners = (): number | undefined => b.listenersOf('hello')?.length;
      await observer.subscribeAsync('#');
      assert.equal(listeners(), 0);
      await a.subscribeAsync(['hello', '+', '#']);
      await until(() => listeners() === 1);
      await observer.subscribeAsync('hello');
      await a.unsubscribeAsync(['hello', '+', '#']);
      // Only Parley itself hears it now, and that is nobody.
      await until(() => listeners() === 0);
      const told = next(b.onMessage, (m) => m.topic === 'hello');
      await a.publishAsync('hello', 'anyone?', { qos: 1 });
      assert.equal((await told).receivers, 0);
      assert.deepEqual((await told).to ?? [], []);
      const left = next(b.onClient, (e) => e.what === 'left');
      await observer.endAsync();
      await left;
      await until(() => listeners() === 0);
    });

    for (const qos of [1, 2] as const) {
      test(`who got a message with QoS ${qos}, and who acknowledged it`, async () => {
        const b = await broker();
        const [one, two, speaker] = [
          await client(b.port, { clientId: 'one' }),
          await client(b.port, { clientId: 'two' }),
          await client(b.port, { clientId: 'speaker' }),
        ];
        await one.subscribeAsync('hello', { qos });
        await two.subscribeAsync('+', { qos });
        await until(() => b.listenersOf('hello')?.length === 2);
        const told: BrokerMessage[] = [];
        b.onMessage((m) => void told.push(m));
        const acknowledged: string[] = [];
        b.onDelivery((d) => void acknowledged.push(`${d.seq} ${d.clientId}`));
        await speaker.publishAsync('hello', '1', { qos });
        await speaker.publishAsync('hello', '2', { qos });
        await until(() => acknowledged.length === 4);
        assert.equal(told.length, 2);
        for (const message of told)
          assert.deepEqual([...(message.to ?? [])].sort(), ['one', 'two']);
        const wanted = told.flatMap((m) => [`${m.seq} one`, `${m.seq} two`]);
        assert.deepEqual(acknowledged.sort(), wanted.sort());
      });
    }

    test('what everyone listens to, Parley’s own ear left out', async () => {
      const b = await broker();
      const a = await client(b.port, { clientId: 'a' });
      await a.subscribeAsync(['hello', 'x/#']);
      await until(() => String(b.subscriptions.get('a')) === 'hello,x/#');
      await a.unsubscribeAsync('hello');
      await until(() => String(b.subscriptions.get('a')) === 'x/#');
    });

    test('a session that is kept is counted again when its client returns', async () => {
      const b = await broker();
      const first = await client(b.port, { clientId: 'keeper', clean: false });
      const listeners = (): number | undefined => b.listenersOf('hello')?.length;
      await first.subscribeAsync('hello', { qos: 1 });
      const left = next(b.onClient, (e) => e.what === 'left');
      await first.endAsync();
      await left;
      await until(() => listeners() === 0);
      await client(b.port, { clientId: 'keeper', clean: false });
      await until(() => listeners() === 1);
    });

    test('what is no MQTT, or not 3.1 or 3.1.1, is shown the door and harms nobody', async () => {
      const b = await broker();
      const good = await client(b.port, { clientId: 'good' });
      const events: BrokerClientEvent[] = [];
      await until(() => String(b.clients) === 'good');
      b.onClient((e) => void events.push(e));
      for (const bytes of [
        Buffer.from('GET / HTTP/1.1\r\n\r\n'),
        Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff]),
        Buffer.from([0x30, 5, 0, 1, 0x61, 0x62, 0x63]),
        Buffer.from([0x10, 13, 0, 4, 77, 81, 84, 84, 9, 2, 0, 60, 0, 1, 97]),
      ]) {
        const socket = await rawSocket(b.port);
        // `once` would reject for the reset that some brokers show the door with.
        const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
        socket.resume();
        socket.write(bytes);
        await ended;
      }
      const told = next(b.onMessage, (m) => m.topic === 'still');
      await good.publishAsync('still', 'here', { qos: 1 });
      await told;
      assert.deepEqual(
        events.filter((e) => e.clientId !== 'good'),
        [],
      );
    });

    test('MQTT 3.1 (MQIsdp) is spoken too', async () => {
      const b = await broker();
      const old = await client(b.port, { protocolId: 'MQIsdp', protocolVersion: 3 });
      const told = next(b.onMessage, (m) => m.topic === 'old');
      await old.publishAsync('old', 'style', { qos: 1 });
      await told;
    });

    test('$SYS is nobody’s message', async () => {
      const b = await broker();
      const told: string[] = [];
      b.onMessage((m) => void told.push(m.topic));
      const c = await client(b.port);
      await c.subscribeAsync('hello');
      await c.publishAsync('hello', 'x', { qos: 1 });
      await until(() => told.length > 0);
      assert.deepEqual(told, ['hello']);
    });

    test('$SYS: clients and messages are counted, for whoever asks', async () => {
      const b = await broker();
      const speaker = await client(b.port, { clientId: 'speaker' });
      await speaker.publishAsync('hello', 'x', { qos: 1 });
      const reader = await client(b.port, { clientId: 'reader' });
      const found = new Map<string, string>();
      reader.on('message', (topic, payload) => void found.set(topic, payload.toString()));
      await reader.subscribeAsync('$SYS/broker/#');
      await until(
        () =>
          found.has('$SYS/broker/version') &&
          /^\d+ seconds$/.test(found.get('$SYS/broker/uptime') ?? '') &&
          Number(found.get('$SYS/broker/clients/connected')) >= 2 &&
          Number(found.get('$SYS/broker/publish/messages/received')) >= 1,
        30_000,
      );
    });

    test('half-open: a client that is gone without a word is lost when its keepalive is over', async () => {
      const b = await broker();
      const socket = await rawSocket(b.port);
      // CONNECT with a keepalive of one second, and then silence: the broker waits one and a half
      // (MQTT 3.1.1 section 3.1.2.10), and no FIN ever comes.
      socket.write(
        Buffer.from([0x10, 16, 0, 4, 77, 81, 84, 84, 4, 2, 0, 1, 0, 4, ...Buffer.from('dead')]),
      );
      await once(socket, 'data');
      await until(() => String(b.clients) === 'dead');
      const lost = await next(b.onClient, (e) => e.what === 'lost', 10_000);
      assert.equal(lost.clientId, 'dead');
      await until(() => b.clients.length === 0);
    });

    test('a clock that jumps does not lose or reorder messages', async () => {
      const b = await broker();
      const told: string[] = [];
      b.onMessage((m) => void told.push(m.topic));
      const c = await client(b.port, { clientId: 'c' });
      const real = Date.now;
      try {
        for (const [topic, hours] of [
          ['now', 0],
          ['tomorrow', 24],
          ['yesterday', -24],
        ] as const) {
          Date.now = () => real() + hours * 3_600_000;
          await c.publishAsync(topic, 'x', { qos: 1 });
          await until(() => told.includes(topic));
        }
      } finally {
        Date.now = real;
      }
      assert.deepEqual(told, ['now', 'tomorrow', 'yesterday']);
      assert.deepEqual(b.clients, ['c']);
    });

    test('stop sends everyone away, frees the port at once, and a new one starts there', async () => {
      const b = await broker();
      const { port } = b;
      const guest = await client(port);
      const halfOpen = await rawSocket(port);
      const guestGone = closed(guest);
      const halfGone = new Promise((resolve) => halfOpen.once('close', resolve));
      halfOpen.resume();
      const closes: unknown[] = [];
      b.onClose((error) => void closes.push(error));
      await Promise.all([b.stop(), b.stop()]);
      await Promise.all([guestGone, halfGone]);
      assert.deepEqual(closes, [undefined]);
      const again = await broker(port);
      assert.equal(again.port, port);
      const c = await client(port);
      const told = next(again.onMessage, () => true);
      await c.publishAsync('hello', 'again', { qos: 1 });
      await told;
      await b.stop();
      assert.deepEqual(closes, [undefined]);
    });

    test('a port that is taken: by a broker, or by something else', async () => {
      const b = await broker();
      await assert.rejects(broker(b.port), (error) => {
        assert.ok(isBoardError(error, 'broker-port-taken'));
        assert.equal(error.details.port, b.port);
        assert.equal(error.details.host, HOST);
        // The look for a broker behind it knows no TLS.
        assert.equal(error.details.mqtt, ca ? 'no' : 'yes');
        if (process.platform === 'linux') assert.equal(typeof error.details.ownerPid, 'number');
        return true;
      });
      const other = createServer((socket) => socket.end('hello?'));
      other.listen(0, HOST);
      await once(other, 'listening');
      ends.push(() => void other.close());
      const { port } = other.address() as AddressInfo;
      await assert.rejects(broker(port), (error) => {
        assert.ok(isBoardError(error, 'broker-port-taken'));
        assert.equal(error.details.mqtt, 'no');
        return true;
      });
    });

    test('an address this computer does not have', async () => {
      // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
      const asked = start({ hosts: [HOST, '192.0.2.1'], port: 0 });
      await assert.rejects(asked, (error) => {
        assert.ok(isBoardError(error, 'broker-address'));
        assert.equal(error.details.host, '192.0.2.1');
        return true;
      });
    });

    test('one port on several addresses', async () => {
      const b = await start({ hosts: [HOST, '127.0.0.2', HOST], port: 0 });
      ends.push(() => b.stop());
      assert.deepEqual(b.addresses, [HOST, '127.0.0.2']);
      const told = next(b.onMessage, () => true);
      const c = await client(b.port, { host: '127.0.0.2' });
      await c.publishAsync('hello', 'x');
      await told;
    });

    test('a flood to nobody, and its end in the middle: every message is counted, nothing breaks', async () => {
      const b = await broker();
      const { port } = b;
      let [told, folded] = [0, 0];
      b.onMessage((m) => void (m.topic === 'flood' && told++));
      b.onFolded((count) => void (folded += count));
      const socket = await rawSocket(port);
      socket.write(Buffer.from([0x10, 13, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 1, 97]));
      await once(socket, 'data');
      const one = Buffer.from([0x30, 8, 0, 5, ...Buffer.from('flood'), 120]);
      const [burst, bursts] = [500, 40];
      for (let i = 0; i < bursts; i++) socket.write(Buffer.concat(Array<Buffer>(burst).fill(one)));
      // Half a message, and gone.
      await new Promise<void>((resolve) => socket.write(one.subarray(0, 5), () => resolve()));
      await until(() => told + folded >= burst * bursts, 30_000);
      socket.destroy();
      const after = await client(port);
      const still = next(b.onMessage, (m) => m.topic === 'still', 10_000);
      await after.publishAsync('still', 'here', { qos: 1 });
      await still;
      assert.equal(told + folded, burst * bursts);
    });

    test('a flood to a listener that does not read, and both gone in the middle: it goes on', async () => {
      const b = await broker();
      const { port } = b;
      const connect = (id: string): Buffer =>
        Buffer.from([0x10, 13, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 1, ...Buffer.from(id)]);
      const deaf = await rawSocket(port);
      deaf.write(connect('d'));
      await once(deaf, 'data');
      deaf.write(Buffer.from([0x82, 10, 0, 1, 0, 5, ...Buffer.from('flood'), 0]));
      await once(deaf, 'data');
      deaf.pause();
      const speaker = await rawSocket(port);
      speaker.write(connect('s'));
      await once(speaker, 'data');
      const one = Buffer.from([0x30, 8, 0, 5, ...Buffer.from('flood'), 120]);
      for (let i = 0; i < 100; i++) speaker.write(Buffer.concat(Array<Buffer>(5000).fill(one)));
      let told = 0;
      b.onMessage(() => void told++);
      await until(() => told > 1000, 60_000);
      speaker.destroy();
      deaf.destroy();
      const after = await client(port);
      // Half a million stand before it: on a busy computer that takes its time.
      const still = next(b.onMessage, (m) => m.topic === 'still', 120_000);
      await after.publishAsync('still', 'here', { qos: 1 });
      await still;
    });

    test('a listener that throws does not stop the broker', async () => {
      const b = await broker();
      b.onMessage(() => {
        throw new Error('a bug above');
      });
      const c = await client(b.port);
      await c.publishAsync('hello', '1', { qos: 1 });
      const told = next(b.onMessage, (m) => m.topic === 'hello');
      await c.publishAsync('hello', '2', { qos: 1 });
      await told;
    });
  });
}
