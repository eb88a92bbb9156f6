import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { TestBoard } from './runtimeTesting';

let board: TestBoard;
afterEach(() => board?.stop());

const JOIN =
  'import network, socket, time\nw=network.WLAN(network.STA_IF)\nw.active(True)\n' +
  'w.connect("Open", "")\nwhile not w.isconnected(): pass\n';

describe('a program in trouble', () => {
  test('Wi-Fi gone: no network, nothing sent, a connection outlives it', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    board = await TestBoard.raw();
    await board.run(`${JOIN}s=socket.socket()\ns.connect(("127.0.0.1", ${port}))`);
    board.setTrouble({ wifiGone: true, flashDelayMs: 0 });
    assert.equal(
      await board.run('print(w.isconnected(), w.status(), w.scan(), w.ifconfig()[0])'),
      'False 201 [] 0.0.0.0\r\n',
    );
    assert.match(await board.raises('s.send(b"x")'), /OSError: (\[Errno 118\] EHOSTUNREACH|118)/);
    assert.match(await board.raises(`socket.socket().connect(("127.0.0.1", ${port}))`), /OSError/);
    sockets[0]!.write('meanwhile');
    assert.match(await board.raises('s.settimeout(0.2)\ns.recv(9)'), /ETIMEDOUT|OSError: 116/);
    board.setTrouble({ wifiGone: false, flashDelayMs: 0 });
    assert.equal(
      await board.run(
        'while not w.isconnected(): pass\ns.settimeout(5)\nprint(s.recv(9), s.send(b"back"))',
      ),
      "b'meanwhile' 4\r\n",
    );
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test('slow flash: a file takes its time', async () => {
    board = await TestBoard.raw({ trouble: { wifiGone: false, flashDelayMs: 50 } });
    const out = await board.run(
      'import time\nt=time.ticks_ms()\nf=open("a","w")\nf.write("x"*8192)\nf.close()\n' +
        'print(time.ticks_diff(time.ticks_ms(), t) >= 150)',
    );
    assert.equal(out, 'True\r\n');
  });
});
