/**
 * Virtual boards that converse over mqtts through Mosquitto, whose TLS shares no code with Node's.
 * Below: the runtime of a board, test/tls. Above: nothing.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { findMosquitto } from '../../src/broker/findProgram';
import { TestBoard } from '../../src/virtual/runtimeTesting';

const pem = (name: string): string => JSON.stringify(readFileSync(`test/tls/${name}`, 'utf8'));
const missing = spawnSync('mosquitto', ['-h']).error !== undefined;

const JOIN =
  'import network\nw=network.WLAN(network.STA_IF)\nw.active(True)\nw.connect("Parley","secret")\nwhile not w.isconnected(): pass\n';

describe('mqtts', { skip: missing ? 'mosquitto is not installed' : false, timeout: 60_000 }, () => {
  let folder: string;
  let port: number;
  let server: ChildProcess;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parley-mqtts-'));
    chmodSync(folder, 0o755);
    for (const name of ['ca.pem', 'server.pem', 'server.key']) {
      copyFileSync(`test/tls/${name}`, join(folder, name));
      // Started by root, Mosquitto becomes a user of its own and reads it as that one.
      chmodSync(join(folder, name), 0o644);
    }
    port = await freePort();
    writeFileSync(
      join(folder, 'conf'),
      `persistence false\nallow_anonymous true\nlistener ${port} 127.0.0.1\n` +
        `cafile ${join(folder, 'ca.pem')}\ncertfile ${join(folder, 'server.pem')}\nkeyfile ${join(folder, 'server.key')}\n`,
    );
    server = spawn(await findMosquitto(''), ['-c', join(folder, 'conf')], { stdio: 'ignore' });
    while (!(await reachable(port))) await setTimeout(20);
  });
  after(async () => {
    const gone = once(server, 'exit');
    server.kill();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });

  /** What board `me` does: hears on its topic, answers on the other's, says when it has heard three. */
  const talk = (me: string, other: string, client: string): string => `${JOIN}
import ssl
ca = ${pem('ca.pem')}
${client}
heard = 0
def on(topic, msg):
  global heard
  heard += 1
  print(topic, msg)
  if heard < 4: c.publish('to/${other}', msg + b'+')
c.set_callback(on); c.connect(); c.subscribe('to/${me}')
print('ready')
`;

  test('two boards: umqtt.simple with a context, and the library of the tutorial', async () => {
    const lib = readFileSync('firmware/lib/umqttsimple.py', 'utf8');
    const one = await TestBoard.raw();
    const two = await TestBoard.raw({ files: { 'umqttsimple.py': lib } });
    try {
      await one.run(
        talk(
          'one',
          'two',
          `context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(cadata=ca.encode()); context.verify_mode = ssl.CERT_REQUIRED
from umqtt.simple import MQTTClient
c = MQTTClient('one', '127.0.0.1', port=${port}, ssl=context)`,
        ),
      );
      const how = `{'cadata': ca.encode(), 'cert_reqs': ssl.CERT_REQUIRED, 'server_hostname': 'broker.test'}`;
      await two.run(
        talk(
          'two',
          'one',
          `from umqttsimple import MQTTClient
c = MQTTClient('two', '127.0.0.1', port=${port}, ssl=True, ssl_params=${how})`,
        ),
      );
      await one.launch('while heard < 3: c.check_msg()');
      await two.run("c.publish('to/one', b'hi')\nwhile heard < 3: c.wait_msg()");
      const { out, error } = await one.result();
      assert.equal(error, '');
      assert.match(out, /b'to\/one' b'hi\+\+\+\+'/);
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
  });

  test('a broker whose certificate is not to be trusted is not spoken to', async () => {
    const board = await TestBoard.raw();
    try {
      const error = await board.raises(
        talk(
          'one',
          'two',
          `from umqtt.simple import MQTTClient
c = MQTTClient('one', '127.0.0.1', port=${port}, ssl=True, ssl_params={'cadata': ca, 'cert_reqs': ssl.CERT_REQUIRED, 'server_hostname': 'elsewhere.test'})`,
        ),
      );
      assert.match(error, /ValueError: \s+The certificate Common Name \(CN\) does not match/);
    } finally {
      await board.stop();
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function reachable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
