/**
 * Clusters of brokers on this computer, for the length of a test: two nodes of RabbitMQ with its
 * MQTT plugin, three of NATS. Below: Debian's packages. Above: cluster.test.ts, the bench.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { setTimeout } from 'node:timers/promises';

const HOST = '127.0.0.1';
/** Debian's wrapper in /usr/sbin changes the user; this is what it runs in the end. */
const RABBIT = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const NATS = ['/usr/sbin/nats-server', '/usr/bin/nats-server'].find((file) => existsSync(file));

/** Why there is no RabbitMQ here; false where there is. */
export const noRabbit = existsSync(RABBIT)
  ? false
  : 'rabbitmq-server is not installed: apt-get install rabbitmq-server';
/** Why there is no NATS here; false where there is. */
export const noNats = NATS ? false : 'nats-server is not installed: apt-get install nats-server';

export interface Cluster {
  /** TCP ports that speak MQTT, one a node. */
  readonly ports: readonly number[];
  /** Ends a node without a word, as a power cut does. */
  kill(node: number): Promise<void>;
  /** Ends all of it. */
  stop(): Promise<void>;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, HOST));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** MQTT 3.1.1, clean session, client id “ready”. */
const CONNECT = Buffer.concat([
  Buffer.from([0x10, 17, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 5]),
  Buffer.from('ready'),
]);

async function answers(port: number, child: ChildProcess, ms = 120_000): Promise<void> {
  const end = Date.now() + ms;
  for (;;) {
    const socket = createConnection(port, HOST);
    // CONNECT, and the answer that it is accepted: a port is open long before that.
    socket.write(CONNECT);
    const open = await Promise.race([
      once(socket, 'data').then(
        ([said]: Buffer[]) => said?.[0] === 0x20 && said[3] === 0,
        () => false,
      ),
      setTimeout(3000, false),
    ]);
    if (open) return;
    if (child.exitCode !== null) throw new Error(`a node ended with ${child.exitCode}`);
    if (Date.now() > end) throw new Error(`nothing answers on port ${port}`);
    await setTimeout(200);
  }
}

/** Ends one process of ours and waits until it is gone. */
async function end(child: ChildProcess, pid = child.pid): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  if (pid !== undefined && pid > 1) process.kill(pid, 'SIGKILL');
  await Promise.race([gone, setTimeout(5000)]);
  child.kill('SIGKILL');
}

/** Two nodes that find each other; anonymous, on loopback alone, everything in one folder. */
export async function startRabbit(): Promise<Cluster> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-rabbit-'));
  const [epmd = 0, ...ports] = await freePorts(7);
  const nodes: ChildProcess[] = [];
  const mqtt: number[] = [];
  const pidFiles: string[] = [];
  const daemon = { ...process.env, ERL_EPMD_PORT: String(epmd), ERL_EPMD_ADDRESS: HOST };
  const stop = async (): Promise<void> => {
    for (const [i, node] of nodes.entries()) await end(node, pidOf(pidFiles[i] ?? ''));
    // Erlang's name server, on a port of this test's own.
    spawnSync('epmd', ['-kill'], { env: daemon });
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    for (const [i, name] of ['parley1', 'parley2'].entries()) {
      const own = path.join(folder, name);
      const [mqttPort = 0, amqp = 0, dist = 0] = ports.slice(i * 3);
      mkdirSync(path.join(own, 'home'), { recursive: true });
      const cookie = path.join(own, 'home/.erlang.cookie');
      writeFileSync(cookie, 'PARLEYTEST');
      chmodSync(cookie, 0o400);
      writeFileSync(path.join(own, 'enabled'), '[rabbitmq_mqtt].');
      writeFileSync(
        path.join(own, 'rabbitmq.conf'),
        [
          `listeners.tcp.1 = ${HOST}:${amqp}`,
          `mqtt.listeners.tcp.1 = ${HOST}:${mqttPort}`,
          'mqtt.allow_anonymous = true',
          'cluster_formation.peer_discovery_backend = classic_config',
          'cluster_formation.classic_config.nodes.1 = parley1@localhost',
          'cluster_formation.classic_config.nodes.2 = parley2@localhost',
        ].join('\n') + '\n',
      );
      const file = (it: string): string => path.join(own, it);
      pidFiles.push(file('pid'));
      const node = spawn(RABBIT, [], {
        stdio: 'ignore',
        env: {
          ...daemon,
          HOME: file('home'),
          RABBITMQ_NODENAME: `${name}@localhost`,
          RABBITMQ_NODE_IP_ADDRESS: HOST,
          RABBITMQ_DIST_PORT: String(dist),
          RABBITMQ_MNESIA_BASE: file('data'),
          RABBITMQ_LOG_BASE: file('log'),
          RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled'),
          RABBITMQ_CONFIG_FILE: file('rabbitmq.conf'),
          RABBITMQ_PID_FILE: file('pid'),
          RABBITMQ_CONF_ENV_FILE: file('none'),
          RABBITMQ_GENERATED_CONFIG_DIR: file('generated'),
        },
      });
      nodes.push(node);
      mqtt.push(mqttPort);
      // The second joins the first, which is there then.
      await answers(mqttPort, node);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ports: mqtt,
    kill: async (i) => {
      const node = nodes[i];
      if (node) await end(node, pidOf(pidFiles[i] ?? ''));
    },
    stop,
  };
}

function pidOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/** Three nodes: what NATS keeps for MQTT needs two that agree. */
export async function startNats(): Promise<Cluster> {
  if (!NATS) throw new Error(String(noNats));
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-nats-'));
  const ports = await freePorts(9);
  const routes = [0, 1, 2].map((i) => `nats-route://${HOST}:${ports[i * 3 + 2]}`).join(', ');
  const nodes: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const node of nodes) await end(node);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    for (const i of [0, 1, 2]) {
      const [client, mqtt, route] = ports.slice(i * 3);
      const conf = path.join(folder, `${i}.conf`);
      writeFileSync(
        conf,
        [
          `server_name: parley${i}`,
          `listen: "${HOST}:${client}"`,
          `jetstream { store_dir: "${path.join(folder, String(i))}" }`,
          `mqtt { listen: "${HOST}:${mqtt}" }`,
          `cluster { name: parley, listen: "${HOST}:${route}", routes: [${routes}] }`,
        ].join('\n'),
      );
      nodes.push(spawn(NATS, ['-c', conf], { stdio: 'ignore' }));
    }
    for (const [i, node] of nodes.entries()) await answers(ports[i * 3 + 1] ?? 0, node);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ports: [0, 1, 2].map((i) => ports[i * 3 + 1] ?? 0),
    kill: async (i) => {
      const node = nodes[i];
      if (node) await end(node);
    },
    stop,
  };
}

/** The version a package of Debian's has; for what is printed. */
export function debianVersion(name: string): string {
  try {
    return execFileSync('dpkg-query', ['-W', '-f=${Version}', name]).toString();
  } catch {
    return '';
  }
}
