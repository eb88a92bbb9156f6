import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { BoardNetwork, isLoopback } from './network';
import type { SocketEvent } from './vmProtocol';

let network: BoardNetwork;
let closeServer: (() => void) | undefined;

function start(allow: string[] = []): { next: (on: SocketEvent['on']) => Promise<SocketEvent> } {
  const events: SocketEvent[] = [];
  let changed: () => void = () => undefined;
  network = new BoardNetwork(allow, (event) => {
    events.push(event);
    changed();
  });
  return {
    next: async (on) => {
      for (;;) {
        const at = events.findIndex((event) => event.on === on);
        if (at >= 0) return events.splice(at, 1)[0]!;
        await new Promise<void>((resolve) => (changed = resolve));
      }
    },
  };
}

afterEach(() => {
  network.closeAll();
  closeServer?.();
  closeServer = undefined;
});

async function server(onSocket: (socket: Socket) => void): Promise<number> {
  const listening = createServer(onSocket).listen(0, '127.0.0.1');
  const sockets = new Set<Socket>();
  listening.on('connection', (socket) => sockets.add(socket));
  closeServer = () => {
    listening.close();
    for (const socket of sockets) socket.destroy();
  };
  await once(listening, 'listening');
  return (listening.address() as AddressInfo).port;
}

describe('the sockets of a board', () => {
  test('reach loopback, both ways, and hear the end', async () => {
    const port = await server((socket) => socket.on('data', (d) => socket.end(`got ${d}`)));
    const { next } = start();
    network.handle({ op: 'connect', id: 1, host: '127.0.0.1', port });
    await next('connected');
    network.handle({ op: 'send', id: 1, bytes: Buffer.from('hello') });
    assert.deepEqual(await next('sent'), { on: 'sent', id: 1, count: 5 });
    const data = await next('data');
    assert.equal(data.on === 'data' && Buffer.from(data.bytes).toString(), 'got hello');
    await next('end');
  });

  test('reach nobody else, under no name', async () => {
    const { next } = start();
    for (const host of [
      '10.0.0.1',
      '8.8.8.8',
      'example.org',
      '127.0.0.1.example.org',
      '0x7f.1',
      '',
    ]) {
      network.handle({ op: 'connect', id: 1, host, port: 80 });
      assert.deepEqual(await next('error'), { on: 'error', id: 1, errno: 113 }, host);
    }
    assert.ok(isLoopback('127.8.9.1'));
    assert.equal(network.allows('192.168.1.9'), false);
    assert.equal(new BoardNetwork(['192.168.1.9'], () => undefined).allows('192.168.1.9'), true);
  });

  test('say that nobody listens', async () => {
    const port = await server(() => undefined);
    closeServer?.();
    closeServer = undefined;
    const { next } = start();
    network.handle({ op: 'connect', id: 3, host: '127.0.0.1', port });
    assert.deepEqual(await next('error'), { on: 'error', id: 3, errno: 111 });
  });

  test('a program that does not read makes the sender wait', async () => {
    let sender: Socket | undefined;
    const port = await server((socket) => {
      sender = socket;
      socket.write(Buffer.alloc(32 * 1024 * 1024));
    });
    const { next } = start();
    network.handle({ op: 'connect', id: 1, host: '127.0.0.1', port });
    const first = await next('data');
    assert.ok(first.on === 'data' && first.bytes.length < 200_000);
    assert.ok(sender && sender.writableLength > 10_000_000, 'all was taken at once');
    network.handle({ op: 'consumed', id: 1, count: first.bytes.length });
    await next('data');
  });

  test('listen on loopback alone and hand over who came', async () => {
    const { next } = start();
    network.handle({ op: 'listen', id: 5, host: '0.0.0.0', port: 0 });
    const listening = await next('listening');
    assert.ok(listening.on === 'listening');
    const client = connect(listening.port, '127.0.0.1');
    const accepted = await next('accepted');
    assert.ok(accepted.on === 'accepted' && accepted.id === 5 && accepted.child % 2 === 0);
    client.write('hi');
    const data = await next('data');
    assert.equal(data.id, accepted.child);
    network.closeAll();
    await once(client, 'close');
  });

  test('datagrams come with who sent them', async () => {
    const { next } = start();
    network.handle({ op: 'bindUdp', id: 1, host: '0.0.0.0', port: 0 });
    const bound = await next('listening');
    assert.ok(bound.on === 'listening');
    const request = { op: 'sendTo', id: 1, bytes: Buffer.from('me'), host: '127.0.0.1' } as const;
    network.handle({ ...request, port: bound.port });
    const datagram = await next('datagram');
    assert.ok(datagram.on === 'datagram' && datagram.port === bound.port);
    assert.equal(Buffer.from(datagram.bytes).toString(), 'me');
  });
});
