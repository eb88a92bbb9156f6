/**
 * Mosquitto on this computer: writes the configuration of the tutorial, runs the program, reads who
 * said what from its log, and stops it.
 * Below: mosquittoLog.ts, findProgram.ts, node:child_process; an MQTT connection that listens is
 * handed in. Above: vscode/brokerControl.ts.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { childEnvironment } from '../core/childEnvironment';
import { BoardError } from '../core/errors';
import { Emitter, type Event } from '../core/event';
import type { Log } from '../core/log';
import {
  PAYLOAD_LIMIT,
  type Broker,
  type BrokerClientEvent,
  type BrokerDelivery,
  type BrokerMessage,
  type Observer,
  type ObservedMessage,
} from './broker';
import { BrokerEvents } from './brokerEvents';
import type { TlsListener } from './embedded';
import { listenError } from './listenError';
import { passwordFile, rightsFile, type NamedUser } from './mosquittoAccess';
import { MosquittoLog, type LoggedMessage } from './mosquittoLog';
import { OBSERVER_PREFIX } from './roster';
import { t } from '../core/words';

export interface MosquittoOptions {
  /** Addresses to listen on; `0.0.0.0` means every IPv4 address and makes the others unneeded. */
  readonly hosts: readonly string[];
  /** 1 to 65535, or 0 for any that is free. */
  readonly port: number;
  /** Path of the program. */
  readonly program: string;
  /** Where its configuration is written. */
  readonly folder: string;
  /** Where it listens with TLS, beside that. */
  readonly tls?: TlsListener;
  /** Who may come in and what they may do there; without one, everyone may do everything. */
  readonly users?: readonly NamedUser[];
  /** Connects a client of Parley's own that is to listen. @throws BoardError 'broker-unreachable' */
  observe(host: string, port: number, clientId: string): Promise<Observer>;
  readonly log: Log;
}

export interface MosquittoBroker extends Broker {
  /** Path of the configuration it runs with. */
  readonly configuration: string;
  /** Every line it writes. */
  readonly onLine: Event<string>;
}

const START_MS = 15_000;
const STOP_MS = 3000;
/** How long a payload is waited for after its log line, or the other way round. */
const PAIR_MS = 2000;

/** Names of the files beside the configuration; both only where users are named. */
export interface MosquittoGuard {
  readonly passwords: string;
  readonly rights: string;
}

/** Certificate and key on the disk, as long as it runs. */
type SecureFiles = TlsListener;

/** The configuration: the tutorial's four lines, and what 2.x and Parley need besides. */
export function mosquittoConfiguration(
  hosts: readonly string[],
  port: number,
  guard?: MosquittoGuard,
  secure?: SecureFiles,
): string {
  const listeners = hosts.flatMap((host) => [`listener ${port} ${host}`, 'protocol mqtt', '']);
  for (const host of secure?.hosts ?? []) {
    listeners.push(`listener ${secure?.port} ${host}`, 'protocol mqtt', 'tls_version tlsv1.2');
    listeners.push(`certfile ${secure?.cert}`, `keyfile ${secure?.key}`, '');
  }
  return [
    '# Written by Parley each time it starts Mosquitto; what is changed here is lost.',
    'persistence false',
    '',
    ...listeners,
    ...(guard
      ? [
          '# Who may come in, by their passwords’ hashes, and what they may do.',
          'allow_anonymous false',
          `password_file ${guard.passwords}`,
          `acl_file ${guard.rights}`,
        ]
      : ['# Mosquitto 2 lets nobody in unless it is told to.', 'allow_anonymous true']),
    // Started by root it would become a user of its own, who may not read the files beside this one.
    ...((guard || secure) && process.getuid?.() === 0 ? ['user root'] : []),
    '# Small answers are waited for: do not hold them back.',
    'set_tcp_nodelay true',
    '',
    '# The log names the client that said a message; MQTT itself does not.',
    'log_dest stderr',
    'log_type all',
    'log_timestamp false',
    'connection_messages true',
    '',
  ].join('\n');
}

/**
 * Starts Mosquitto. Resolves when it listens on every host and Parley hears it.
 * @throws BoardError as startEmbeddedBroker; 'broker-program' with details { program, reason } when
 *   it does not start
 */
export async function startMosquitto(options: MosquittoOptions): Promise<MosquittoBroker> {
  const hosts = distinct(options.hosts);
  for (let attempt = 1; ; attempt++) {
    const port = options.port || (await freePort(hosts[0] ?? '127.0.0.1'));
    try {
      return await startOnce(options, hosts, port);
    } catch (error) {
      // Between the look and the start somebody else may have taken it.
      const taken = error instanceof BoardError && error.code === 'broker-port-taken';
      if (options.port !== 0 || !taken || attempt >= 5) throw error;
    }
  }
}

function distinct(hosts: readonly string[]): string[] {
  if (hosts.includes('0.0.0.0')) return ['0.0.0.0'];
  return [...new Set(hosts)];
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => void listenError(error, host, 0).then(reject));
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function startOnce(
  options: MosquittoOptions,
  hosts: readonly string[],
  port: number,
): Promise<MosquittoBroker> {
  const { program, folder, log, observe } = options;
  await mkdir(folder, { recursive: true });
  const configuration = path.join(folder, 'mosquitto.conf');
  const guard = options.users && (await writeGuard(folder, options.users));
  const secure = options.tls && (await writeSecure(folder, options.tls));
  await writeFile(configuration, mosquittoConfiguration(hosts, port, guard, secure));
  const child = spawn(program, ['-c', configuration], {
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
    env: childEnvironment(),
  });
  const observer = `${OBSERVER_PREFIX}ear-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const broker = new Mosquitto(child, hosts, port, configuration, observer, log);
  if (secure) {
    broker.secure = { addresses: secure.hosts, port: secure.port };
    broker.onClose(() => void rm(secure.key, { force: true }));
  }
  try {
    await broker.listening();
    const host = hosts[0] === '0.0.0.0' ? '127.0.0.1' : (hosts[0] ?? '127.0.0.1');
    await broker.hear(await observe(host, port, observer));
  } catch (error) {
    await broker.stop();
    throw error;
  }
  log.info(`Mosquitto listens on ${hosts.map((host) => `${host}:${port}`).join(', ')}`);
  return broker;
}

/** The same listener, with paths where the texts were. */
async function writeSecure(folder: string, tls: TlsListener): Promise<SecureFiles> {
  const cert = path.join(folder, 'broker.pem');
  const key = path.join(folder, 'broker.key');
  await writePrivate(cert, tls.cert);
  await writePrivate(key, tls.key);
  const port = tls.port || (await freePort(tls.hosts[0] ?? '127.0.0.1'));
  return { hosts: distinct(tls.hosts), port, cert, key };
}

/** Only this user may read it. A file that is there would keep its mode when it is written over. */
async function writePrivate(file: string, text: string): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, text, { mode: 0o600 });
}

async function writeGuard(folder: string, users: readonly NamedUser[]): Promise<MosquittoGuard> {
  const guard = { passwords: path.join(folder, 'passwords'), rights: path.join(folder, 'rights') };
  await writePrivate(guard.passwords, passwordFile(users));
  await writePrivate(guard.rights, rightsFile(users));
  return guard;
}

/** Something that happened, in the log's order; a message waits for its payload. */
type Happening =
  | { readonly what: 'client'; readonly event: BrokerClientEvent }
  | { readonly what: 'delivery'; readonly delivery: BrokerDelivery }
  | {
      readonly what: 'message';
      readonly logged: LoggedMessage;
      readonly until: number;
      payload?: ObservedMessage;
    };

class Mosquitto extends BrokerEvents implements MosquittoBroker {
  readonly kind = 'mosquitto';
  readonly knowsClients = true;
  secure: Broker['secure'];
  private readonly lines = new Emitter<string>();
  readonly onLine = this.lines.event;
  private readonly reader: MosquittoLog;
  private ear: Observer | undefined;
  private queue: Happening[] = [];
  /** Payloads whose log line has not come yet. */
  private early: { readonly message: ObservedMessage; readonly until: number }[] = [];
  private readonly sweeper: NodeJS.Timeout;
  private readonly exit: Promise<string>;
  private stopping: Promise<void> | undefined;
  private exited = false;
  private opened = 0;
  private lastError = '';

  constructor(
    private readonly child: ChildProcess,
    readonly addresses: readonly string[],
    readonly port: number,
    readonly configuration: string,
    observer: string,
    log: Log,
  ) {
    super(log);
    this.reader = new MosquittoLog(observer, {
      client: (event) => this.happened({ what: 'client', event: { ...event, at: Date.now() } }),
      delivery: (seq, clientId) => this.happened({ what: 'delivery', delivery: { seq, clientId } }),
      message: (logged) => this.logged(logged),
      refused: (refusal) => this.tell('refused', refusal),
    });
    this.exit = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) =>
        resolve(t('it ended with {signal}', { signal: signal ?? t('code {code}', { code }) })),
      );
    });
    void this.exit.then((reason) => this.ended(reason));
    if (child.stderr) {
      createInterface({ input: child.stderr }).on('line', (line) => this.line(line));
    }
    this.sweeper = setInterval(() => this.sweep(), PAIR_MS / 4);
    this.sweeper.unref();
  }

  get clients(): readonly string[] {
    return this.reader.clients.filter((id) => id !== this.ear?.clientId);
  }

  get subscriptions(): ReadonlyMap<string, readonly string[]> {
    return this.reader.subscriptions;
  }

  listenersOf(topic: string): readonly string[] {
    return this.reader.listenersOf(topic);
  }

  /** Resolves when it says that it runs. @throws BoardError as {@link startMosquitto} */
  async listening(): Promise<void> {
    const running = new Promise<undefined>((resolve) => {
      this.onLine((line) => {
        // 1.x says only that it opens the port, and ends at once where it cannot.
        if (/ running\.?$/.test(line)) resolve(undefined);
        if (/^Opening ipv[46] listen socket/.test(line)) setTimeout(resolve, 1500, undefined);
      });
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(
        resolve,
        START_MS,
        t('it did not start in {seconds} s', { seconds: START_MS / 1000 }),
      );
    });
    const reason = await Promise.race([running, this.exit, late]);
    clearTimeout(timer);
    if (reason !== undefined) throw await this.startError(reason);
  }

  /** Hears everything through `ear` from now on. */
  async hear(ear: Observer): Promise<void> {
    this.ear = ear;
    ear.onMessage((message) => this.heard(message));
    ear.onState((state) => {
      if (state === 'connected') void ear.subscribe('#').catch(() => undefined);
    });
    await ear.subscribe('#');
  }

  stop(): Promise<void> {
    this.hush();
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    await this.ear?.end();
    if (!this.exited) this.child.kill();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    await this.exit;
    clearTimeout(timer);
    this.ended('');
  }

  private line(line: string): void {
    if (/^Opening ipv[46] listen socket/.test(line)) this.opened++;
    if (line.startsWith('Error: ')) this.lastError = line.slice('Error: '.length);
    this.lines.fire(line);
    try {
      this.reader.feed(line);
    } catch (error) {
      this.log.error(`Mosquitto's log: ${String(error)}`);
    }
  }

  private async startError(reason: string): Promise<BoardError> {
    // It opens them in the order of its configuration.
    const all = [
      ...this.addresses.map((host) => ({ host, port: this.port })),
      ...(this.secure?.addresses ?? []).map((host) => ({ host, port: this.secure?.port ?? 0 })),
    ];
    const { host, port } = all[Math.max(0, this.opened - 1)] ?? { host: '', port: this.port };
    const code = [
      [/in use/i, 'EADDRINUSE'],
      [/assign requested|not available|not valid in its context/i, 'EADDRNOTAVAIL'],
      [/permission denied|forbidden by its access/i, 'EACCES'],
    ].find(([pattern]) => (pattern as RegExp).test(this.lastError))?.[1] as string | undefined;
    if (code) {
      const cause = Object.assign(new Error(this.lastError), { code });
      return listenError(cause, host, port, this.opened > this.addresses.length);
    }
    const said = this.lastError || reason;
    return new BoardError('broker-program', `Mosquitto: ${said}`, {
      details: { program: 'mosquitto', reason: said },
    });
  }

  private logged(logged: LoggedMessage): void {
    const until = Date.now() + PAIR_MS;
    const index = this.early.findIndex(({ message }) => fits(message, logged));
    const [found] = index >= 0 ? this.early.splice(index, 1) : [];
    this.happened({ what: 'message', logged, until, ...(found ? { payload: found.message } : {}) });
  }

  private heard(message: ObservedMessage): void {
    // Retained: said before, and told then.
    if (message.retain) return;
    const waiting = this.queue.find(
      (item) => item.what === 'message' && !item.payload && fits(message, item.logged),
    );
    if (waiting?.what === 'message') {
      waiting.payload = message;
      this.drain();
    } else {
      this.early.push({ message, until: Date.now() + PAIR_MS });
    }
  }

  private happened(happening: Happening): void {
    this.queue.push(happening);
    this.drain();
  }

  /** Tells what is complete, in order. */
  private drain(): void {
    while (this.queue.length > 0) {
      const next = this.queue[0] as Happening;
      if (next.what === 'message' && !next.payload && next.until > Date.now()) return;
      this.queue.shift();
      if (next.what === 'client') {
        if (next.event.clientId !== this.ear?.clientId) this.tell('client', next.event);
      } else if (next.what === 'delivery') this.tell('delivery', next.delivery);
      else if (next.payload) this.tell('message', joined(next.logged, next.payload));
      // Mosquitto drops what a slow listener cannot take; it was there all the same.
      else this.tell('folded', 1);
    }
  }

  /** What found no partner in time is told with what is known. */
  private sweep(): void {
    this.drain();
    const now = Date.now();
    const late = this.early.filter((item) => item.until <= now);
    if (late.length === 0) return;
    this.early = this.early.filter((item) => item.until > now);
    for (const { message } of late) this.tell('message', bounded(message));
  }

  private ended(reason: string): void {
    if (this.exited) return;
    this.exited = true;
    clearInterval(this.sweeper);
    const said = this.lastError || reason;
    const error = this.stopping
      ? undefined
      : new BoardError('broker-program', `Mosquitto: ${said}`, {
          details: { program: 'mosquitto', reason: said },
        });
    void this.ear?.end();
    this.tellEnd(error);
  }
}

function fits(message: ObservedMessage, logged: LoggedMessage): boolean {
  return message.topic === logged.topic && message.payload.length === logged.bytes;
}

function joined(logged: LoggedMessage, message: ObservedMessage): BrokerMessage {
  const { clientId, qos, retain, to, seq, will } = logged;
  return {
    ...bounded(message),
    ...(clientId === undefined ? {} : { clientId }),
    qos,
    retain,
    to,
    receivers: to.length,
    seq,
    ...(will ? { will } : {}),
  };
}

function bounded(message: ObservedMessage): BrokerMessage {
  const { payload } = message;
  if (payload.length <= PAYLOAD_LIMIT) return message;
  return { ...message, payload: payload.slice(0, PAYLOAD_LIMIT), bytes: payload.length };
}
