/** The modules ssl and tls of a virtual board, against this computer's own TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createPlain, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { connect, createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import { TestBoard } from './runtimeTesting';

const pem = (name: string): string => readFileSync(`test/tls/${name}`, 'utf8');
const JOIN =
  'import network\nw=network.WLAN(network.STA_IF)\nw.active(True)\nw.connect("Parley","secret")\nwhile not w.isconnected(): pass\n';
const CA = `ca = ${JSON.stringify(pem('ca.pem'))}\n`;

let boards: TestBoard[] = [];
let closers: (() => void)[] = [];
afterEach(async () => {
  await Promise.all(boards.map((board) => board.stop()));
  for (const close of closers) close();
  boards = [];
  closers = [];
});

async function board(): Promise<TestBoard> {
  const started = await TestBoard.raw();
  boards.push(started);
  return started;
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createPlain();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** A server that sends back what it hears. */
function echo(options: TlsOptions = {}, on: (socket: TLSSocket) => void = () => undefined) {
  const server = createServer(
    { cert: pem('server.pem'), key: pem('server.key'), ...options },
    (socket) => {
      socket.on('error', () => undefined);
      on(socket);
      socket.pipe(socket);
    },
  );
  server.on('tlsClientError', () => undefined);
  return listen(server);
}

/** A program that connects to `port` and defines `t()`, which tries to wrap the socket. */
const dial = (port: number): string => `${JOIN}${CA}
import socket, ssl
def dial():
  s = socket.socket(); s.connect(('127.0.0.1', ${port})); return s
def t(**more):
  try: return ssl.wrap_socket(dial(), **more)
  except (OSError, ValueError) as e: print(type(e).__name__, e)
`;

describe('TLS on a board', () => {
  test('talks both ways, tells what was agreed on, and hears the end', async () => {
    let name: string | false | null = null;
    const port = await echo({}, (socket) => {
      name = socket.servername;
      socket.on('data', (data) => data.includes('bye') && socket.end());
    });
    const b = await board();
    const out = await b.run(`${dial(port)}
s = t(server_hostname='broker.test', cert_reqs=ssl.CERT_REQUIRED, cadata=ca)
s.write(b'hello\\nagain'); print(s.readline(), s.read(5))
print(s.cipher()[1], s.cipher()[0].startswith('TLS-ECDHE-ECDSA-WITH-AES-'))
print(s.getpeercert(True)[:1])
data = bytes(range(256)) * 64
n = 0
view = memoryview(data)
for i in range(0, len(data), 2048):
  s.write(view[i:i+2048])
  n += s.read(2048) == view[i:i+2048]
print(n)
s.write(b'bye'); print(s.read(1))
s.close()
try: s.read(1)
except OSError as e: print(e.errno)`);
    assert.equal(out, "b'hello\\n' b'again'\r\nTLSv1.2 True\r\nb'0'\r\n8\r\nb''\r\n9\r\n");
    assert.equal(name, 'broker.test');
  });

  test('verifies what it is asked to, with the words of mbedTLS', async () => {
    const good = await echo();
    const old = await echo({ cert: pem('old.pem') });
    const b = await board();
    const out = await b.run(`${dial(good)}
print(t(cert_reqs=ssl.CERT_NONE))
print(t(cadata=ca, cert_reqs=ssl.CERT_OPTIONAL, server_hostname='other.test'))
print(t(cadata=ca, cert_reqs=ssl.CERT_REQUIRED, server_hostname='127.0.0.1'))
t(cadata=ca, cert_reqs=ssl.CERT_REQUIRED)
t(cert_reqs=ssl.CERT_REQUIRED, server_hostname='broker.test')
t(cadata=ca, cert_reqs=ssl.CERT_REQUIRED, server_hostname='other.test')
t(cadata=${JSON.stringify(pem('client.pem'))}, cert_reqs=ssl.CERT_REQUIRED, server_hostname='broker.test')
t(cadata='no certificate')
t(cert=ca.encode(), key=b'no key')
def dial():
  s = socket.socket(); s.connect(('127.0.0.1', ${old})); return s
t(cadata=ca, cert_reqs=ssl.CERT_REQUIRED, server_hostname='broker.test')`);
    assert.deepEqual(out.replaceAll('\r\n', '\n').split('\n'), [
      '<SSLSocket>',
      '<SSLSocket>',
      '<SSLSocket>',
      'ValueError CERT_REQUIRED requires server_hostname',
      "OSError (-30336, 'MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED')",
      'ValueError ',
      'The certificate Common Name (CN) does not match with the expected CN',
      '',
      'ValueError ',
      'The certificate is not correctly signed by the trusted CA',
      '',
      'ValueError invalid cert',
      'ValueError invalid key',
      'ValueError ',
      'The certificate validity has expired',
      '',
      '',
    ]);
  });

  test('shows a certificate of its own where the server wants one, and hears a refusal', async () => {
    const port = await echo({ requestCert: true, ca: pem('ca.pem') });
    const b = await board();
    const chain = `cert=b${JSON.stringify(pem('client.pem'))}, key=b${JSON.stringify(pem('client.key'))}`;
    const out = await b.run(`${dial(port)}
s = t(${chain}); s.write(b'me'); print(s.read(2))
t()`);
    assert.equal(out, "b'me'\r\nOSError (-30592, 'MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE')\r\n");
  });

  test('names what is at the other end when it is no TLS, and when it hangs up', async () => {
    const chatty = createPlain((socket) => socket.on('error', () => undefined).write('hello\n'));
    const port = await listen(chatty);
    const shy = await listen(createPlain((socket) => socket.once('data', () => socket.destroy())));
    const newer = await echo({ minVersion: 'TLSv1.3' });
    const b = await board();
    const out = await b.run(`${dial(port)}
t()
def dial():
  s = socket.socket(); s.connect(('127.0.0.1', ${shy})); return s
t()
def dial():
  s = socket.socket(); s.connect(('127.0.0.1', ${newer})); return s
t()`);
    assert.equal(
      out,
      "OSError (-29184, 'MBEDTLS_ERR_SSL_INVALID_RECORD')\r\n" +
        "OSError (-29312, 'MBEDTLS_ERR_SSL_CONN_EOF')\r\n" +
        "OSError (-30592, 'MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE')\r\n",
    );
  });

  test('serves: what the client said before the program wrapped the socket is not lost', async () => {
    const port = await freePort();
    const b = await board();
    await b.launch(`${JOIN}
import socket, ssl, time
door = socket.socket(); door.bind(('127.0.0.1', ${port})); door.listen(1)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(${JSON.stringify(pem('server.pem'))}.encode(), ${JSON.stringify(pem('server.key'))}.encode())
import select
print('open')
guest, _ = door.accept()
p = select.poll(); p.register(guest, select.POLLIN); p.poll()
s = context.wrap_socket(guest, server_side=True)
print(s.readline()); s.write(b'welcome'); s.close()`);
    await b.until('open');
    const client = connect({
      host: '127.0.0.1',
      port,
      ca: pem('ca.pem'),
      servername: 'broker.test',
    });
    closers.push(() => client.destroy());
    client.write('hello\n');
    const [said] = (await once(client, 'data')) as [Buffer];
    assert.equal(said.toString(), 'welcome');
    assert.match((await b.result()).out, /b'hello\\n'/);
  });

  test("asyncio's streams, in TLS at both ends", async () => {
    const b = await board();
    const port = await freePort();
    const out = await b.run(`${JOIN}${CA}
import asyncio, ssl
inner = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
inner.load_cert_chain(${JSON.stringify(pem('server.pem'))}.encode(), ${JSON.stringify(pem('server.key'))}.encode())
outer = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
outer.load_verify_locations(cadata=ca); outer.verify_mode = ssl.CERT_REQUIRED
async def serve(r, w):
  w.write(b'you said ' + await r.readline()); await w.drain(); w.close(); await w.wait_closed()
async def main():
  server = await asyncio.start_server(serve, '127.0.0.1', ${port}, ssl=inner)
  r, w = await asyncio.open_connection('127.0.0.1', ${port}, ssl=outer, server_hostname='broker.test')
  w.write(b'hello\\n'); await w.drain(); print(await r.readline()); w.close(); await w.wait_closed()
  r, w = await asyncio.open_connection('127.0.0.1', ${port}, ssl=True)
  w.write(b'again\\n'); await w.drain(); print(await r.readline()); w.close(); await w.wait_closed()
  r, w = await asyncio.open_connection('127.0.0.1', ${port}, ssl=outer, server_hostname='other.test')
  try: w.write(b'x\\n'); await w.drain(); print(await r.readline())
  except ValueError as e: print(e)
asyncio.run(main())`);
    assert.equal(
      out,
      "b'you said hello\\n'\r\nb'you said again\\n'\r\n\r\n" +
        'The certificate Common Name (CN) does not match with the expected CN\r\n\r\n',
    );
  });
});
