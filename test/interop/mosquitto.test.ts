/** The embedded broker and Mosquitto's own clients, which share no code with it. */
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Broker, BrokerMessage } from '../../src/broker/broker';
import { startEmbeddedBroker } from '../../src/broker/embedded';
import { silentLog } from '../../src/core/log';

const missing = ['mosquitto_sub', 'mosquitto_pub'].find(
  (program) => spawnSync(program, ['--help']).error !== undefined,
);
const run = promisify(execFile);

describe("Mosquitto's clients", { skip: missing ? `${missing} is not installed` : false }, () => {
  let broker: Broker | undefined;
  afterEach(() => broker?.stop());

  async function start(): Promise<{ port: number; told: BrokerMessage[]; at: string[] }> {
    broker = await startEmbeddedBroker({ hosts: ['127.0.0.1'], port: 0, log: silentLog });
    const told: BrokerMessage[] = [];
    broker.onMessage((message) => void told.push(message));
    return { port: broker.port, told, at: ['-h', '127.0.0.1', '-p', String(broker.port)] };
  }

  for (const version of ['mqttv31', 'mqttv311']) {
    test(`mosquitto_sub (${version}) sees what mosquitto_pub says, and so do we`, async () => {
      const { told, at } = await start();
      const sub = spawn('mosquitto_sub', [
        ...at,
        ...['-V', version, '-t', 'hello/#', '-q', '1', '-v', '-C', '3', '-W', '20'],
      ]);
      let stdout = '';
      sub.stdout.on('data', (chunk: Buffer) => void (stdout += chunk.toString()));
      const ended = once(sub, 'close');
      // Its own "Subscribed" sits in a buffer until it ends: ask the broker instead.
      while (broker?.listenersOf('hello/0')?.length === 0) {
        assert.equal(sub.exitCode, null, 'mosquitto_sub ended early');
        await setTimeout(10);
      }
      for (const qos of ['0', '1', '2']) {
        const say = [
          '-V',
          version,
          '-i',
          'machine1',
          '-q',
          qos,
          '-t',
          `hello/${qos}`,
          '-m',
          'grüße',
        ];
        await run('mosquitto_pub', [...at, ...say], { timeout: 20_000 });
      }
      assert.deepEqual(await ended, [0, null]);
      assert.deepEqual(stdout.trim().split('\n'), [
        'hello/0 grüße',
        'hello/1 grüße',
        'hello/2 grüße',
      ]);
      assert.deepEqual(
        told.map((m) => [m.topic, m.qos, m.clientId, m.receivers]),
        [0, 1, 2].map((qos) => [`hello/${qos}`, qos, 'machine1', 1]),
      );
    });
  }

  test('a retained message reaches a mosquitto_sub that comes later', async () => {
    const { at } = await start();
    await run('mosquitto_pub', [...at, '-r', '-q', '1', '-t', 'state', '-m', 'ready']);
    const sub = await run('mosquitto_sub', [...at, '-t', 'state', '-C', '1', '-W', '20']);
    assert.equal(sub.stdout, 'ready\n');
  });
});
