/**
 * The part of the law of a broker that is left for one that is there already: it tells no more than
 * MQTT does. Below: a connection of ours and a client that is not ours. Above: Mosquitto over TCP, TLS
 * and WebSockets (brokerExisting.test.ts), RabbitMQ and NATS (test/interop/cluster.test.ts).
 */
import assert from 'node:assert/strict';
import type { MqttClient } from 'mqtt';
import type { Broker, BrokerMessage } from '../../src/broker/broker';

/** Waits for `holds`. */
async function until(what: string, holds: () => boolean, ms = 20_000): Promise<void> {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) assert.fail(`never so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * What is said is heard once, in its order and byte for byte, and nobody is guessed.
 * @param speaker connected to the same broker
 * @param levels of QoS that it knows
 */
export async function lawOfExisting(
  broker: Broker,
  speaker: MqttClient,
  levels: readonly (0 | 1 | 2)[] = [0, 1, 2],
): Promise<void> {
  assert.equal(broker.kind, 'existing');
  assert.equal(broker.knowsClients, false);
  assert.deepEqual(broker.clients, []);
  assert.equal(broker.listenersOf('hello'), undefined);
  const told: BrokerMessage[] = [];
  const listening = broker.onMessage((message) => void told.push(message));
  const wanted: string[] = [];
  const say = async (topic: string, payload: Buffer, qos: 0 | 1 | 2): Promise<void> => {
    wanted.push(`${topic} ${payload.toString('hex')}`);
    await speaker.publishAsync(topic, payload, { qos });
  };
  for (const qos of levels) await say('hello', Buffer.from(`q${qos}`), qos);
  await say('any/bytes', Buffer.from([0, 3, 4, 0x1b, 0xff, 0xc3, 0x28]), 1);
  await say('empty', Buffer.alloc(0), 1);
  await say('end', Buffer.from('x'), 1);
  await until('the last is heard', () => told.some(({ topic }) => topic === 'end'));
  assert.deepEqual(
    told.map(({ topic, payload }) => `${topic} ${Buffer.from(payload).toString('hex')}`),
    wanted,
  );
  for (const message of told) {
    assert.equal(message.clientId, undefined);
    assert.equal(message.receivers, undefined);
    assert.equal(message.retain, false);
  }
  listening.dispose();
}
