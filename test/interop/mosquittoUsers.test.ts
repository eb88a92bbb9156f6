/** Mosquitto that Parley starts asks for the passwords that Parley's own broker would. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, test } from 'node:test';
import mqtt, { type IClientOptions } from 'mqtt';
import { findMosquitto } from '../../src/broker/findProgram';
import { startMosquitto } from '../../src/broker/mosquitto';
import { connectClient } from '../../src/conversation/client';
import { silentLog } from '../../src/core/log';

const folder = mkdtempSync(path.join(tmpdir(), 'parley mosquitto-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const env = { PATH: [process.env['PATH'], '/usr/sbin'].join(path.delimiter) };
const skip = spawnSync('mosquitto', ['-h'], { env }).error ? 'mosquitto is not installed' : false;

test('users, their rights, who is refused, and no password on the disk', { skip }, async () => {
  const own = { name: 'parley-user', password: 'planted-own' };
  const broker = await startMosquitto({
    hosts: ['127.0.0.1'],
    port: 0,
    folder,
    program: await findMosquitto(''),
    users: [
      { name: 'machine1', password: 'planted-one', publish: ['hello'], subscribe: ['answer'] },
      own,
    ],
    observe: (host, port, clientId) =>
      connectClient({ host, port, clientId, username: own.name, password: own.password }),
    log: silentLog,
  });
  const client = (options: IClientOptions): Promise<mqtt.MqttClient> =>
    mqtt.connectAsync({ host: '127.0.0.1', port: broker.port, reconnectPeriod: 0, ...options });
  const open: mqtt.MqttClient[] = [];
  try {
    const refused: (string | undefined)[] = [];
    broker.onRefused(({ remoteAddress }) => void refused.push(remoteAddress));
    await assert.rejects(client({}), /authori[sz]ed/i);
    await assert.rejects(client({ username: 'machine1', password: 'planted' }), /authori[sz]ed/i);

    const said: string[] = [];
    const heard = new Promise<void>((resolve) =>
      broker.onMessage(({ topic }) => {
        said.push(topic);
        if (topic === 'hello') resolve();
      }),
    );
    const one = await client({ username: 'machine1', password: 'planted-one', clientId: 'one' });
    open.push(one);
    await one.publishAsync('secret', 'not allowed', { qos: 1 });
    await one.publishAsync('hello', 'allowed', { qos: 1 });
    await heard;
    assert.deepEqual(said, ['hello']);
    assert.deepEqual(refused, ['127.0.0.1', '127.0.0.1']);

    for (const name of ['mosquitto.conf', 'passwords', 'rights']) {
      assert.doesNotMatch(readFileSync(path.join(folder, name), 'utf8'), /planted/, name);
    }
    if (process.platform !== 'win32') {
      assert.equal(statSync(path.join(folder, 'passwords')).mode & 0o777, 0o600);
    }
  } finally {
    for (const one of open) one.end(true);
    await broker.stop();
  }
});
