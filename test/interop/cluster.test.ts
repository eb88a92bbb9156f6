/**
 * A conversation over a cluster of brokers whose one node is killed in the middle: the boards go on,
 * and Parley, which listens at the other node, goes on reading. RabbitMQ and NATS from Debian.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import mqtt, { type MqttClient } from 'mqtt';
import type { BrokerMessage } from '../../src/broker/broker';
import { useExistingBroker } from '../../src/broker/existing';
import { connectClient } from '../../src/conversation/client';
import { silentLog } from '../../src/core/log';
import { lawOfExisting } from '../contracts/existing';
import { noNats, noRabbit, startNats, startRabbit, type Cluster } from './clusters';

const HOST = '127.0.0.1';

async function until(what: string, holds: () => boolean, ms = 60_000, every = 100): Promise<void> {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) assert.fail(`never so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** A board's program that knows all nodes and goes to the next when one is gone. */
async function board(id: string, ports: readonly number[]): Promise<MqttClient> {
  const client = await mqtt.connectAsync({
    servers: ports.map((port) => ({ host: HOST, port, protocol: 'mqtt' as const })),
    clientId: id,
    clean: true,
    protocolVersion: 4,
    reconnectPeriod: 300,
    connectTimeout: 5000,
  });
  client.on('error', () => undefined);
  return client;
}

async function conversationGoesOn(start: () => Promise<Cluster>): Promise<void> {
  const cluster = await start();
  const ends: (() => Promise<unknown> | void)[] = [() => cluster.stop()];
  try {
    const [first = 0, second = 0] = cluster.ports;
    const parley = await useExistingBroker({
      host: HOST,
      port: second,
      observe: () =>
        connectClient({ host: HOST, port: second, clientId: 'parley-test', timeoutMs: 20_000 }),
      log: silentLog,
    });
    ends.push(() => parley.stop());
    const stranger = await board('stranger', [second]);
    await lawOfExisting(parley, stranger, [0, 1]);
    await stranger.endAsync(true);
    // Another window names both nodes, and is at the one that is killed.
    const roaming = await useExistingBroker({
      host: HOST,
      port: first,
      observe: () =>
        connectClient({
          host: HOST,
          port: first,
          others: [{ host: HOST, port: second }],
          clientId: 'parley-roaming',
          timeoutMs: 20_000,
        }),
      log: silentLog,
    });
    ends.push(() => roaming.stop());
    assert.equal(roaming.port, first);
    const reached: boolean[] = [];
    roaming.onReach((here) => void reached.push(here));
    const heardRoaming = new Set<string>();
    roaming.onMessage((message) => {
      heardRoaming.add(`${message.topic} ${Buffer.from(message.payload).toString()}`);
    });
    const heard: string[] = [];
    parley.onMessage((message: BrokerMessage) => {
      heard.push(`${message.topic} ${Buffer.from(message.payload).toString()}`);
    });
    // One board at the node that is killed, the other at the one that stays.
    const one = await board('machine1', [first, second]);
    const two = await board('machine2', [second]);
    ends.push(
      () => void one.end(true),
      () => void two.end(true),
    );
    two.on('message', (_topic, payload) => {
      two.publish('notification', `received ${payload.toString()}`, { qos: 1 });
    });
    let answers = 0;
    one.on('message', () => answers++);
    await two.subscribeAsync('hello', { qos: 1 });
    // QoS 0, as umqtt subscribes: RabbitMQ 3.10 keeps what waits for QoS 1 on the node that is gone,
    // and turns a subscription to it away until that node is back.
    await one.subscribeAsync('notification', { qos: 0 });
    // Nodes tell each other who listens a moment later: until then nothing is counted.
    while (answers === 0 || !heard.includes('notification received ready')) {
      await one.publishAsync('hello', 'ready', { qos: 1 });
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await until(
      'nothing is on the way',
      () => {
        const quiet = heard.length === 0;
        heard.length = answers = 0;
        return quiet;
      },
      60_000,
      1000,
    );
    let said = 0;
    const say = async (): Promise<void> => {
      const text = `#${++said}`;
      await one.publishAsync('hello', text, { qos: 1 });
    };
    for (let i = 0; i < 5; i++) await say();
    await until('five answers', () => answers === 5);
    await until('Parley heard both sides', () => heard.length === 10);
    await until('so did the other window', () => heardRoaming.has('notification received #5'));

    let away = 0;
    one.on('close', () => away++);
    await cluster.kill(0);
    // Said into the gap: QoS 1 is sent again to the node that is left.
    const gap = say();
    await until('the board went to the other node', () => away > 0 && one.connected);
    await gap;
    // Its subscription is made anew there; what was answered until then, clean sessions do not keep.
    await until('the board gets answers again', () => {
      if (answers === 5) void say().catch(() => undefined);
      return answers > 5;
    });
    await until('the window at the node that is gone went to the other', () => {
      return reached.length > 0 && reached.at(-1) === true;
    });
    assert.deepEqual(reached, [false, true]);
    assert.deepEqual([roaming.addresses, roaming.port], [[HOST], second]);
    // Nodes tell each other who listens a moment later.
    await until(
      'it hears again',
      () => {
        void say().catch(() => undefined);
        return heardRoaming.has(`hello #${said - 1}`);
      },
      60_000,
      500,
    );
    const before = answers;
    const beforeSaid = said;
    for (let i = 0; i < 5; i++) await say();
    await until('five more answers', () => answers >= before + 5);
    await until('Parley heard what was said after it', () => heard.includes(`hello #${said}`));
    await until('and its answer', () => heard.includes(`notification received #${said}`));
    await until('so did the window that moved', () => {
      return heardRoaming.has(`notification received #${said}`);
    });
    for (let i = beforeSaid + 1; i <= said; i++) {
      assert.ok(heardRoaming.has(`hello #${i}`), `the window that moved lost hello #${i}`);
    }
    for (let i = 1; i <= said; i++) {
      assert.ok(heard.includes(`hello #${i}`), `hello #${i} was lost`);
      assert.ok(heard.includes(`notification received #${i}`), `the answer to #${i} was lost`);
    }
  } finally {
    for (const one of ends.reverse()) await one();
  }
}

describe('a cluster whose one node is killed', () => {
  test('two nodes of RabbitMQ', { skip: noRabbit, timeout: 240_000 }, () =>
    conversationGoesOn(startRabbit),
  );
  test('three nodes of NATS', { skip: noNats, timeout: 120_000 }, () =>
    conversationGoesOn(startNats),
  );
});
