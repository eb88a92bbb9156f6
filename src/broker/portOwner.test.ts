import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { describe, test } from 'node:test';
import { listeningInodes, ownerOfPort, speaksMqtt } from './portOwner';

/** A server that answers the first bytes it gets with `reply`. */
async function serverThatSays(reply: Uint8Array | undefined): Promise<[Server, number]> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => reply && socket.write(reply));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return [server, (server.address() as AddressInfo).port];
}

describe('who has the port', () => {
  test('inodes of listening sockets on that port alone', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:075B 00000000:0000 0A 00000000:00000000 00:00000000 00000000   110        0 4711 1',
      '   1: 0100007F:075B 0100007F:C350 01 00000000:00000000 00:00000000 00000000   110        0 4712 1',
      '   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1',
    ].join('\n');
    assert.deepEqual(listeningInodes(table, 1883), ['4711']);
    assert.deepEqual(listeningInodes(table, 22), ['4713']);
    assert.deepEqual(listeningInodes('', 22), []);
  });

  test(
    'finds the program of a port of this process',
    { skip: process.platform === 'linux' ? false : 'reads /proc' },
    async () => {
      const [server, port] = await serverThatSays(undefined);
      assert.equal((await ownerOfPort(port))?.pid, process.pid);
      server.close();
      await once(server, 'close');
      assert.equal(await ownerOfPort(port), undefined);
    },
  );

  test('tells MQTT from HTTP, silence and nobody', async () => {
    const [mqtt, mqttPort] = await serverThatSays(Buffer.from([0x20, 2, 0, 5]));
    const [http, httpPort] = await serverThatSays(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const [silent, silentPort] = await serverThatSays(undefined);
    assert.equal(await speaksMqtt('127.0.0.1', mqttPort), true);
    assert.equal(await speaksMqtt('127.0.0.1', httpPort), false);
    assert.equal(await speaksMqtt('127.0.0.1', silentPort, 50), false);
    for (const server of [mqtt, http, silent]) server.close();
    await once(http, 'close');
    assert.equal(await speaksMqtt('127.0.0.1', httpPort), false);
  });
});
