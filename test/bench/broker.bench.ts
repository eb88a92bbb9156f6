/**
 * How many QoS 0 messages a second the embedded broker passes on, told to the window as well, and
 * how many idle clients it holds; Mosquitto, RabbitMQ and NATS (where installed) in the same run.
 * The load is raw packets from a process of their own, so that the client library is not measured.
 * Below: broker/hosted.ts, broker/mosquitto.ts. Above: `npm run bench`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { findMosquitto } from '../../src/broker/findProgram';
import { startHostedBroker } from '../../src/broker/hosted';
import { silentLog } from '../../src/core/log';
import { debianVersion, noNats, noRabbit, startNats, startRabbit } from '../interop/clusters';

const SECONDS = 5;
const IDLE = 2000;
const HOST = '127.0.0.1';

/** CONNECT, clean session, no keep alive (MQTT 3.1.1 section 3.1). */
function connectPacket(id: string): Buffer {
  const name = Buffer.from(id);
  const head = [0x10, 12 + name.length, 0, 4, 77, 81, 84, 84, 4, 2, 0, 0, 0, name.length];
  return Buffer.concat([Buffer.from(head), name]);
}

/** Sends and counts, run as a process of its own: argv is what, port, seconds. */
const loader = `
const net = require('node:net');
const [port, seconds] = process.argv.slice(1).map(Number);
const connect = (id) => { const n = Buffer.from(id);
  return Buffer.concat([Buffer.from([0x10, 12 + n.length, 0, 4, 77, 81, 84, 84, 4, 2, 0, 0, 0, n.length]), n]); };
const topic = Buffer.from('bench/hello'), payload = Buffer.alloc(20, 'x');
const one = Buffer.concat([Buffer.from([0x30, 2 + topic.length + payload.length, 0, topic.length]), topic, payload]);
const sub = net.createConnection(port, '127.0.0.1');
let got = 0, acks = 0;
sub.on('data', (c) => { got += c.length; });
sub.write(connect('bench-sub'));
sub.write(Buffer.concat([Buffer.from([0x82, 5 + topic.length, 0, 1, 0, topic.length]), topic, Buffer.from([0])]));
setTimeout(() => {
  const pub = net.createConnection(port, '127.0.0.1');
  pub.write(connect('bench-pub'));
  pub.once('data', () => { pub.resume(); setTimeout(load, 100, pub); });
}, 500);
const load = (pub) => {
  const block = Buffer.concat(Array(100).fill(one));
  const base = got; let sent = 0, took = 0, delivered = 0; const began = performance.now();
  const send = () => {
    if (performance.now() - began > seconds * 1000) return finish();
    // Never more than 5,000 on the way: it is the passing on that is measured, not a queue.
    while (sent - (got - base) / one.length < 5000) { sent += 100; pub.write(block); }
    setImmediate(send);
  };
  const finish = (late = false) => {
    if (!late) took = (performance.now() - began) / 1000, delivered = Math.floor((got - base) / one.length);
    // What is on the way still arrives, and is counted by the window too; QoS 0 may also be lost.
    const over = performance.now() - began > (seconds + 15) * 1000;
    if (!over && (got - base) / one.length < sent) return setTimeout(finish, 20, true);
    process.stdout.write(JSON.stringify({ rate: delivered / took, sent }), () => process.exit(0));
  };
  send();
};
`;

async function rateAt(port: number): Promise<{ rate: number; sent: number }> {
  const child = spawn(process.execPath, ['-e', loader, String(port), String(SECONDS)]);
  let out = '';
  child.stdout.on('data', (text: Buffer) => void (out += text.toString()));
  child.stderr.pipe(process.stderr);
  await once(child, 'exit');
  return JSON.parse(out) as { rate: number; sent: number };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function line(what: string, value: string, more = ''): void {
  console.log(`  ${what.padEnd(46)} ${value.padStart(14)}   ${more}`);
}

const each = (rate: number): string => `${Math.round(rate).toLocaleString('en')}/s`;

/** Mosquitto as anybody runs it: no verbose log, so that the peer is at its best. */
async function mosquittoRate(): Promise<number | undefined> {
  let program;
  try {
    program = await findMosquitto('');
  } catch {
    return undefined;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-bench-'));
  const port = await freePort();
  const conf = path.join(folder, 'm.conf');
  writeFileSync(
    conf,
    `persistence false\nlistener ${port} ${HOST}\nallow_anonymous true\nlog_dest none\n`,
  );
  const child = spawn(program, ['-c', conf], { stdio: 'ignore' });
  try {
    for (let i = 0; i < 100; i++) {
      const socket = createConnection(port, HOST);
      const open = await once(socket, 'connect').then(
        () => true,
        () => false,
      );
      socket.destroy();
      if (open) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return (await rateAt(port)).rate;
  } finally {
    child.kill();
    rmSync(folder, { recursive: true });
  }
}

/** Brokers for more than a room, both clients at one node of it. */
async function clusterRates(own: number): Promise<void> {
  for (const [name, missing, start, version] of [
    ['RabbitMQ, two nodes', noRabbit, startRabbit, 'rabbitmq-server'],
    ['NATS, three nodes', noNats, startNats, 'nats-server'],
  ] as const) {
    if (missing) {
      line(name, 'skipped', missing);
      continue;
    }
    const cluster = await start();
    try {
      const { rate } = await rateAt(cluster.ports[0] ?? 0);
      const more = `embedded / this: ${(own / rate).toFixed(2)}   ${debianVersion(version)}`;
      line(`${name}, QoS 0 delivered`, each(rate), more);
    } finally {
      await cluster.stop();
    }
  }
}

async function idleClients(port: number, clients: () => number): Promise<number> {
  const began = performance.now();
  const sockets = Array.from({ length: IDLE }, (_, i) => {
    const socket = createConnection(port, HOST);
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(connectPacket(`idle-${i}`));
    return socket;
  });
  for (let i = 0; clients() < IDLE && i < 600; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  line(
    `idle clients of ${IDLE}`,
    String(clients()),
    `after ${Math.round(performance.now() - began)} ms`,
  );
  // Still quick with all of them there.
  const { rate } = await rateAt(port);
  for (const socket of sockets) socket.destroy();
  return rate;
}

async function main(): Promise<void> {
  const broker = await startHostedBroker({
    hosts: [HOST],
    port: 0,
    program: ['dist/broker.js'],
    log: silentLog,
  });
  try {
    let told = 0;
    let folded = 0;
    broker.onClose((error) => console.error('the broker ended', error));
    broker.onMessage(() => void told++);
    broker.onFolded((count) => void (folded += count));
    const own = await rateAt(broker.port);
    line('embedded, QoS 0 delivered', each(own.rate), 'and told to the window');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    line('  sent = told singly + counted', `${own.sent} = ${told} + ${folded}`);
    const peer = await mosquittoRate();
    if (peer === undefined) line('Mosquitto', 'not installed');
    else {
      line(
        'Mosquitto, QoS 0 delivered',
        each(peer),
        `embedded / Mosquitto: ${(own.rate / peer).toFixed(2)}`,
      );
    }
    await clusterRates(own.rate);
    const crowded = await idleClients(broker.port, () => broker.clients.length);
    line(
      `embedded with ${IDLE} idle clients`,
      each(crowded),
      `${(crowded / own.rate).toFixed(2)} of the rate without`,
    );
  } finally {
    await broker.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
