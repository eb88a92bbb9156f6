import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { MemoryFlash } from './flash';
import { TestBoard } from './runtimeTesting';

let boards: TestBoard[] = [];
let closers: (() => void)[] = [];
afterEach(async () => {
  await Promise.all(boards.map((board) => board.stop()));
  for (const close of closers) close();
  boards = [];
  closers = [];
});

async function board(options?: Parameters<typeof TestBoard.raw>[0]): Promise<TestBoard> {
  const started = await TestBoard.raw(options);
  boards.push(started);
  return started;
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A broker just good enough for these tests: QoS 0, exact topics (MQTT 3.1.1, clauses 3.1 to 3.12). */
async function tinyBroker(): Promise<{ port: number; drop: () => void }> {
  const subscriptions = new Map<Socket, Set<string>>();
  const port = await listen((socket) => {
    let buffer = Buffer.alloc(0);
    subscriptions.set(socket, new Set());
    socket.on('close', () => subscriptions.delete(socket));
    socket.on('data', (data) => {
      buffer = Buffer.concat([buffer, data]);
      while (buffer.length >= 2 && buffer.length >= 2 + buffer[1]!) {
        const packet = buffer.subarray(0, 2 + buffer[1]!);
        buffer = buffer.subarray(packet.length);
        const kind = packet[0]! >> 4;
        if (kind === 1) socket.write(Buffer.of(0x20, 2, 0, 0));
        if (kind === 8) {
          const length = packet.readUInt16BE(4);
          subscriptions.get(socket)!.add(packet.toString('utf8', 6, 6 + length));
          socket.write(Buffer.of(0x90, 3, packet[2]!, packet[3]!, 0));
        }
        if (kind === 3) {
          const topic = packet.toString('utf8', 4, 4 + packet.readUInt16BE(2));
          for (const [peer, topics] of subscriptions) if (topics.has(topic)) peer.write(packet);
        }
      }
    });
  });
  return {
    port,
    drop: () => {
      for (const socket of subscriptions.keys()) socket.destroy();
    },
  };
}

const JOIN =
  'import network\nw=network.WLAN(network.STA_IF)\nw.active(True)\nw.connect("Parley","secret")\nwhile not w.isconnected(): pass\n';

describe('Wi-Fi', () => {
  test('joins in the time it takes, in a tight loop, which leaves the core to others', async () => {
    const b = await board();
    const before = process.cpuUsage();
    const out = await b.run(
      'import network, time\nw=network.WLAN(network.STA_IF)\nprint(w.isconnected(), w.status())\nw.active(True)\n' +
        't=time.ticks_ms()\nw.connect("Parley","secret")\nprint(w.status())\n' +
        'while w.isconnected() == False: pass\nd=time.ticks_diff(time.ticks_ms(),t)\n' +
        'print(300 <= d <= 2500, w.status(), w.ifconfig()[0])',
    );
    assert.equal(out, 'False 1000\r\n1001\r\nTrue 1010 127.0.0.1\r\n');
    const used = process.cpuUsage(before);
    assert.ok(used.user + used.system < 350_000, `${used.user + used.system} us of CPU`);
  });

  test('a wrong SSID never connects and says so; Ctrl-C ends the wait', async () => {
    const b = await board();
    await b.launch(
      'import network, time\nw=network.WLAN(0)\nw.active(True)\nw.connect("Nowhere","x")\nwhile w.status() == 1001: time.sleep_ms(20)\nprint(w.status() == network.STAT_NO_AP_FOUND)\nwhile not w.isconnected(): pass',
    );
    await b.until('True\r\n');
    b.type('\x03');
    assert.match((await b.result()).error, /KeyboardInterrupt/);
  });

  test('another network or another password counts at once, with the right status', async () => {
    const b = await board();
    await b.launch(`
import network, time
w=network.WLAN(0); w.active(True)
def go(key):
  w.disconnect(); w.connect('Lab', key)
  while w.status() == 1001: time.sleep_ms(10)
  return w.status()
print(go('right') == network.STAT_NO_AP_FOUND)
while not any(n[0] == b'Lab' for n in w.scan()): time.sleep_ms(10)
print(go('wrong') == network.STAT_WRONG_PASSWORD, go('right') == network.STAT_GOT_IP, w.isconnected())
print([(n[0], n[4]) for n in w.scan()])
print('in')
while w.isconnected() or w.status() == 1001: time.sleep_ms(10)
print(w.status() == network.STAT_WRONG_PASSWORD)`);
    await b.until('True\r\n');
    b.setNetworks([{ ssid: 'Lab', password: 'right' }]);
    assert.equal(await b.until('in\r\n'), "True True True\r\n[(b'Lab', 3)]\r\nin\r\n");
    b.setNetworks([{ ssid: 'Lab', password: 'another' }]);
    assert.equal((await b.result()).out, 'True\r\n');
  });

  test('there is no network without it', async () => {
    const b = await board();
    const error = await b.raises('import socket\ns=socket.socket()\ns.connect(("127.0.0.1",1883))');
    assert.match(error, /OSError: (\[Errno )?11[38]/);
    assert.match(await b.raises('socket.getaddrinfo("localhost",1)'), /OSError: -202/);
  });
});

describe('sockets', () => {
  test('block, time out, and do not block, as on the chip', async () => {
    const port = await listen((socket) =>
      socket.on('data', (data) => socket.write(Buffer.concat([Buffer.from('echo '), data]))),
    );
    const b = await board();
    const out = await b.run(`${JOIN}
import socket, select
s=socket.socket()
s.connect(socket.getaddrinfo('127.0.0.1',${port})[0][-1])
s.write(b'one'); print(s.read(8))
s.settimeout(0.05)
try: s.recv(1)
except OSError as e: print(e.errno)
s.setblocking(False)
print(s.read(1))
try: s.recv(1)
except OSError as e: print(e.errno)
p=select.poll(); p.register(s, select.POLLIN); print(p.poll(20))
s.send(b'two\\n'); print(len(p.poll(2000)))
s.setblocking(True); print(s.readline()); s.close()
s=socket.socket()
try: s.connect(('10.1.2.3',80))
except OSError as e: print('far', e.errno)
`);
    assert.equal(
      out,
      "b'echo one'\r\n116\r\nNone\r\n11\r\n[]\r\n1\r\nb'echo two\\n'\r\nfar 113\r\n",
    );
  });

  test('large data goes whole in both directions', async () => {
    const port = await listen((socket) => socket.pipe(socket));
    const b = await board();
    const out = await b.run(`${JOIN}
import socket
s=socket.socket(); s.connect(('127.0.0.1',${port}))
data=bytes(range(256))*16
n=0
for i in range(20):
  s.sendall(data)
  assert s.read(4096)==data
  n+=4096
print(n)`);
    assert.equal(out, '81920\r\n');
  });

  test('two boards talk: one serves, one asks; asyncio streams and datagrams', async () => {
    const b = await board();
    const port = await freePort();
    const out = await b.run(`${JOIN}
import asyncio, socket
async def serve(r, w):
  line = await r.readline()
  w.write(b'you said ' + line); await w.drain(); await w.wait_closed()
async def main():
  server = await asyncio.start_server(serve, '127.0.0.1', ${port})
  r, w = await asyncio.open_connection('127.0.0.1', ${port})
  w.write(b'hello\\n'); await w.drain()
  print(await r.readline())
  e = asyncio.Event(); e2 = asyncio.Event()
  async def later():
    await asyncio.sleep_ms(20); e.set(); return 3
  t = asyncio.create_task(later())
  await e.wait()
  print(await t, await asyncio.gather(later(), later()))
  try: await asyncio.wait_for(e2.wait(), 0.02)
  except asyncio.TimeoutError: print('late')
  async with asyncio.Lock() as l: pass
  server.close()
  try: await server.wait_closed()
  except asyncio.CancelledError: pass
asyncio.run(main())
u=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('127.0.0.1',${port}))
v=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); v.sendto(b'ping',('127.0.0.1',${port}))
print(u.recvfrom(10)[0])
`);
    assert.equal(out, "b'you said hello\\n'\r\n3 [3, 3]\r\nlate\r\nb'ping'\r\n");
  });
});

describe('MQTT', () => {
  test('the tutorial: boot.py imports and joins, main.py polls without sleep, two boards converse', async () => {
    const broker = await tinyBroker();
    const boot = (id: string): string =>
      `import time\nfrom umqttsimple import MQTTClient\nimport ubinascii\nimport machine\nimport micropython\nimport network\nimport esp\nesp.osdebug(None)\nimport gc\ngc.collect()\nssid='Parley'\npassword='secret'\nmqtt_server='127.0.0.1'\nname='${id}'\nclient_id=ubinascii.hexlify(machine.unique_id())\nstation=network.WLAN(network.STA_IF)\nstation.active(True)\nstation.connect(ssid, password)\nwhile station.isconnected() == False:\n  pass\nprint('Connection successful')\nprint(station.ifconfig())\n`;
    const main = (out: string, into: string, first: boolean): string =>
      `n=0\ndef heard(topic, msg):\n  global n\n  print(name, topic, msg)\n  n+=1\n  if n<10: client.publish(b'${out}', b'%s #%d' % (name.encode(), n))\nclient=MQTTClient(client_id, mqtt_server, port=${broker.port})\nclient.set_callback(heard)\ntry:\n  client.connect()\n  client.subscribe(b'${into}')\nexcept OSError as e:\n  machine.reset()\nprint('ready')\n${first ? '' : `time.sleep_ms(300)\nclient.publish(b'${out}', b'start')\n`}while n<10:\n  try:\n    client.check_msg()\n  except OSError as e:\n    machine.reset()\nprint('done')\n`;
    const lib = readFileSync('firmware/virtual/umqtt/simple.py', 'utf8');
    const make = async (id: string, program: string): Promise<TestBoard> => {
      const one = await TestBoard.start({
        flash: new MemoryFlash(),
        files: { 'umqttsimple.py': lib, 'boot.py': boot(id), 'main.py': program },
      });
      boards.push(one);
      return one;
    };
    const first = await make('one', main('to/two', 'to/one', true));
    await first.until('ready\r\n');
    const second = await make('two', main('to/one', 'to/two', false));
    const before = process.cpuUsage();
    assert.match(await first.until('done\r\n'), /one b'to\/one' b'two #9'/);
    assert.match(await second.until("b'one #9'\r\n"), /Connection successful/);
    const used = process.cpuUsage(before);
    assert.ok(used.user + used.system < 3_000_000);
    assert.deepEqual(first.resets, []);
  });

  test('a broker that goes away makes the tutorial reset the board', async () => {
    const broker = await tinyBroker();
    const b = await board();
    await b.launch(`${JOIN}
import machine
from umqtt.simple import MQTTClient
c=MQTTClient('x','127.0.0.1',${broker.port})
c.set_callback(lambda t,m: print(t,m))
c.connect(); c.subscribe('t'); c.publish('t','hi'); c.wait_msg()
print('on')
while True:
  try: c.check_msg()
  except OSError: machine.reset()
`);
    assert.match(await b.until('on\r\n'), /b't' b'hi'/);
    broker.drop();
    await b.when(() => b.resets.length > 0, 'waiting for the reset');
  });

  test('umqtt.robust tries again, connects anew between, and gives up a check when told to', async () => {
    const b = await board();
    const out = await b.run(`
from umqtt import robust, simple
c = robust.MQTTClient('x', 'h'); c.DEBUG = True; c.DELAY = 0
script = []
def step(self, *a):
  if script.pop(0): raise OSError(9)
  return 'ok'
for name in ('connect', 'wait_msg', 'publish', 'check_msg'): setattr(simple.MQTTClient, name, step)
script[:] = (1, 1, 0, 0); print(c.publish('a', 'b'), script)
script[:] = (1, 0, 0); print(c.wait_msg(), script)
script[:] = (1, 0, 1, 0); print(c.check_msg(), script)
`);
    const lost = 'mqtt: OSError(9,)\r\n';
    assert.equal(
      out,
      `${lost}mqtt reconnect: OSError(9,)\r\nok []\r\n${lost}ok []\r\n${lost}${lost}None []\r\n`,
    );
  });

  test('a board that polls for long does not grow and does not burn the core', async () => {
    const broker = await tinyBroker();
    const b = await board();
    await b.launch(`${JOIN}
from umqtt.simple import MQTTClient
import time, gc
c=MQTTClient('x','127.0.0.1',${broker.port})
c.set_callback(print)
c.connect(); c.subscribe('t')
print('on')
t=time.ticks_ms(); n=0
while time.ticks_diff(time.ticks_ms(),t)<1000:
  c.check_msg(); n+=1
gc.collect()
print('polls', n, gc.mem_alloc())
`);
    await b.until('on\r\n');
    const before = process.cpuUsage();
    const { out } = await b.result();
    const used = process.cpuUsage(before);
    assert.ok(
      used.user + used.system < 600_000,
      `${used.user + used.system} us of CPU in a second`,
    );
    const [, polls, alloc] = out.trim().split(' ').map(Number);
    assert.ok(polls! > 100 && alloc! < 100_000, out);
  });
});
