/**
 * The embedded broker as the window sees it: it runs in a process of its own (serverMain.ts), and
 * this is the near end of it, with the same law.
 * Below: wire.ts, node:child_process. Above: vscode/brokerControl.ts.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { childEnvironment } from '../core/childEnvironment';
import { BoardError, type BoardErrorCode } from '../core/errors';
import type { Log } from '../core/log';
import type { Broker } from './broker';
import { BrokerEvents } from './brokerEvents';
import { repeat, Roster } from './roster';
import {
  frame,
  FrameReader,
  type BrokerNews,
  type StartedState,
  type StartRequest,
  type ToProcess,
  type ToWindow,
  type WireError,
} from './wire';
import { t } from '../core/words';

export interface HostedBrokerOptions extends StartRequest {
  /** What Node is given to run the process: the path of dist/broker.js, and what must stand before. */
  readonly program: readonly string[];
  /** How long it goes on after this window went, milliseconds; 0 ends it with the window. */
  readonly outliveMs?: number;
  readonly log: Log;
}

/** How another window finds the process again. The token is a secret. */
export interface HostedHandle {
  readonly socket: string;
  readonly token: string;
}

export interface HostedBroker extends Broker {
  readonly handle: HostedHandle;
  /** Messages that went through while no window was there. */
  readonly missed: number;
  /** Changes how long it goes on after this window went, milliseconds. */
  outlive(milliseconds: number): void;
  /** Lets go of it: it goes on as long as it was told to. Nothing fires after. */
  leave(): void;
}

const START_MS = 20_000;
const STOP_MS = 5000;

/**
 * Starts the process and the broker in it.
 * @throws BoardError as {@link startEmbeddedBroker}; 'broker-program' with details { reason } when
 *   the process does not start
 */
export async function startHostedBroker(options: HostedBrokerOptions): Promise<HostedBroker> {
  const { log, program, outliveMs = 0, hosts, port, users, tls } = options;
  const handle = await spawnProcess(program, outliveMs, log);
  const link = await Link.open(handle, log);
  const state = await link.start({
    hosts,
    port,
    ...(users ? { users } : {}),
    ...(tls ? { tls } : {}),
  });
  return new Hosted(link, handle, state, log);
}

/** The broker another window left running; undefined when it is gone. */
export async function findHostedBroker(
  handle: HostedHandle,
  log: Log,
): Promise<HostedBroker | undefined> {
  try {
    const link = await Link.open(handle, log);
    if (link.running) return new Hosted(link, handle, link.running, log);
    link.end();
  } catch {
    // Gone: that is an answer.
  }
  return undefined;
}

async function spawnProcess(
  program: readonly string[],
  outliveMs: number,
  log: Log,
): Promise<HostedHandle> {
  const token = randomBytes(24).toString('base64url');
  const socket = await socketPath();
  const child = spawn(process.execPath, [...program], {
    stdio: 'pipe',
    // In a group of its own: Ctrl-C in a terminal or the end of the window is not its end.
    detached: true,
    windowsHide: true,
    env: childEnvironment({ ELECTRON_RUN_AS_NODE: '1' }),
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string): void => {
      child.kill('SIGKILL');
      reject(new BoardError('broker-program', reason, { details: { program: 'broker', reason } }));
    };
    const timer = setTimeout(
      () => fail(t('it did not start in {seconds} s', { seconds: START_MS / 1000 })),
      START_MS,
    );
    const end = (): void => clearTimeout(timer);
    child.once('error', (error) => (end(), fail(error.message)));
    child.once('exit', (code) => {
      end();
      fail(said.trim().split('\n').at(-1) || t('it ended with code {code}', { code }));
    });
    child.stderr.on('data', (text: Buffer) => {
      said = (said + text.toString()).slice(-2000);
      log.debug(`broker process: ${text.toString().trimEnd()}`);
    });
    child.stdout.on('data', (text: Buffer) => {
      if (!text.toString().includes('ready')) return;
      end();
      child.removeAllListeners('exit');
      resolve();
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${JSON.stringify({ socket, token, outliveMs })}\n`);
  });
  child.once('exit', () => void removeSocket(socket));
  // The window's end must not wait for it.
  child.unref();
  for (const stream of [child.stdout, child.stderr] as unknown as Socket[]) stream.unref();
  return { socket, token };
}

/** In a folder only this user may enter; on Windows a pipe whose name cannot be guessed. */
async function socketPath(): Promise<string> {
  const name = randomBytes(12).toString('hex');
  if (process.platform === 'win32') return `\\\\.\\pipe\\parley-broker-${name}`;
  // Unix socket paths are short: 104 bytes on macOS (sys/un.h).
  const folder = await mkdtemp(path.join(tmpdir().length < 60 ? tmpdir() : '/tmp', 'parley-'));
  await chmod(folder, 0o700);
  return path.join(folder, 'broker');
}

async function removeSocket(socket: string): Promise<void> {
  if (process.platform === 'win32') return;
  await rm(path.dirname(socket), { recursive: true, force: true }).catch(() => undefined);
}

/** A socket to the process, with the token said. */
class Link {
  running: StartedState | undefined;
  private readonly listeners: {
    news(news: readonly BrokerNews[]): void;
    ended(error: BoardError | undefined): void;
  }[] = [];
  private readonly early: BrokerNews[] = [];
  private waiting:
    { resolve(state: StartedState): void; reject(error: BoardError): void } | undefined;
  private over = false;

  private constructor(
    private readonly socket: Socket,
    private readonly log: Log,
  ) {}

  static open(handle: HostedHandle, log: Log): Promise<Link> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(handle.socket);
      const link = new Link(socket, log);
      const reader = new FrameReader<ToWindow>((message) => {
        if (message.is === 'welcome') {
          link.running = message.running;
          resolve(link);
        } else link.take(message);
      });
      socket.on('data', (chunk) => reader.feed(chunk));
      socket.on('error', reject);
      socket.on('close', () => {
        reject(new Error('closed'));
        link.close(gone(t('its process ended')));
      });
      socket.on('connect', () => link.say({ is: 'hello', token: handle.token }));
      if (handle.token.length < 8) socket.destroy();
    });
  }

  start(options: StartRequest): Promise<StartedState> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.say({ is: 'start', options });
    });
  }

  listen(listener: (typeof this.listeners)[number]): void {
    this.listeners.push(listener);
    listener.news(this.early.splice(0));
  }

  say(message: ToProcess): void {
    if (!this.socket.destroyed) this.socket.write(frame(message));
  }

  end(): void {
    this.over = true;
    this.socket.end();
  }

  private take(message: ToWindow): void {
    switch (message.is) {
      case 'started':
        return this.waiting?.resolve(message.state);
      case 'refused':
        this.waiting?.reject(fromWire(message.error));
        this.say({ is: 'stop' });
        return this.end();
      case 'news':
        this.say({ is: 'taken' });
        if (this.listeners.length === 0) this.early.push(...message.news);
        for (const listener of this.listeners) listener.news(message.news);
        return;
      case 'log':
        return this.log[message.level](message.text);
      case 'ended':
        return this.close(message.error && fromWire(message.error));
      case 'welcome':
        return;
    }
  }

  private close(error: BoardError | undefined): void {
    if (this.over) return;
    this.over = true;
    this.waiting?.reject(error ?? gone(t('it was stopped')));
    for (const listener of this.listeners) listener.ended(error);
    this.socket.destroy();
  }
}

class Hosted extends BrokerEvents implements HostedBroker {
  readonly kind = 'embedded';
  readonly knowsClients = true;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly secure: Broker['secure'];
  readonly missed: number;
  private readonly roster = new Roster<number>();
  private stopping: Promise<void> | undefined;
  private closed = false;
  private told: (() => void) | undefined;

  constructor(
    private readonly link: Link,
    readonly handle: HostedHandle,
    state: StartedState,
    log: Log,
  ) {
    super(log);
    this.port = state.port;
    this.addresses = state.addresses;
    this.secure = state.secure;
    this.missed = state.missed;
    for (const change of state.roster) repeat(this.roster, change);
    // One turn later: whoever started it wants to listen first.
    queueMicrotask(() =>
      link.listen({
        news: (news) => this.hear(news),
        ended: (error) => this.close(this.stopping ? undefined : (error ?? gone(t('it ended')))),
      }),
    );
  }

  get clients(): readonly string[] {
    return this.roster.ids;
  }

  get subscriptions(): ReadonlyMap<string, readonly string[]> {
    return this.roster.subscriptions();
  }

  listenersOf(topic: string): readonly string[] {
    return this.roster.listenersOf(topic);
  }

  outlive(milliseconds: number): void {
    this.link.say({ is: 'outlive', milliseconds });
  }

  leave(): void {
    this.link.end();
    this.closed = true;
    this.endEvents();
  }

  stop(): Promise<void> {
    this.stopping ??= new Promise<void>((resolve) => {
      if (this.closed) return resolve();
      // A process that hangs is not waited for, and gets no news any more.
      const timer = setTimeout(() => this.close(undefined), STOP_MS);
      this.told = () => {
        clearTimeout(timer);
        resolve();
      };
      this.link.say({ is: 'stop' });
    });
    return this.stopping;
  }

  private hear(news: readonly BrokerNews[]): void {
    for (const [what, value] of news) {
      if (this.closed || this.stopping) return;
      if (what === 'message') this.tell('message', value);
      else if (what === 'client') this.tell('client', value);
      else if (what === 'delivery') this.tell('delivery', value);
      else if (what === 'refused') this.tell('refused', value);
      else if (what === 'folded') this.tell('folded', value);
      else repeat(this.roster, value);
    }
  }

  private close(error: BoardError | undefined): void {
    if (this.closed) return;
    this.closed = true;
    this.roster.clear();
    this.tellEnd(error);
    this.told?.();
  }
}

function gone(reason: string): BoardError {
  return new BoardError('broker-program', `the broker: ${reason}`, {
    details: { program: 'broker', reason },
  });
}

function fromWire({ code, message, details }: WireError): BoardError {
  return new BoardError(code as BoardErrorCode, message, { details });
}
