/**
 * The embedded broker's own process: a flood on it does not slow the window, and it can outlive one.
 * Started by hosted.ts with a line on standard input (wire.ts); ends when told, or when no window has
 * been there for as long as it was told to wait.
 * Below: embedded.ts, wire.ts. Above: nothing; webpack makes dist/broker.js of it.
 */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { toBoardError, type BoardError } from '../core/errors';
import type { Log } from '../core/log';
import { userWith } from './access';
import type { Broker } from './broker';
import { startEmbeddedBroker } from './embedded';
import { NewsQueue } from './newsQueue';
import { repeat, Roster } from './roster';
import {
  frame,
  FrameReader,
  type BrokerNews,
  type ProcessStart,
  type StartedState,
  type StartRequest,
  type ToProcess,
  type ToWindow,
  type WireError,
} from './wire';

/** A window that does not come at all. */
const FIRST_WINDOW_MS = 30_000;
/** News wait this long for company, milliseconds: fewer, larger batches. */
const BATCH_MS = 5;
/** Batches on the way that the window has not taken yet. */
const MOST_UNTAKEN = 4;

class BrokerProcess {
  private broker: Broker | undefined;
  private roster = new Roster<number>();
  private window: Socket | undefined;
  private readonly queue = new NewsQueue();
  /** How many messages each batch held that the window has not taken yet. */
  private untaken: number[] = [];
  private missed = 0;
  private timer: NodeJS.Timeout | undefined;
  private leaving: NodeJS.Timeout | undefined;

  constructor(private readonly start: { -readonly [K in keyof ProcessStart]: ProcessStart[K] }) {}

  listen(): void {
    const server = createServer((socket) => this.meet(socket));
    server.on('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    });
    server.listen(this.start.socket, () => process.stdout.write('ready\n'));
    this.leaving = setTimeout(() => void this.end(), FIRST_WINDOW_MS);
  }

  /** A connection is nobody until it has said the token. */
  private meet(socket: Socket): void {
    let known = false;
    const reader = new FrameReader<ToProcess>((message) => {
      if (!known) {
        if (message.is !== 'hello' || !same(message.token, this.start.token)) {
          return void socket.destroy();
        }
        known = true;
        this.enter(socket);
        return;
      }
      this.obey(message);
    });
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      try {
        reader.feed(chunk);
      } catch {
        socket.destroy();
      }
    });
    socket.on('close', () => {
      if (this.window === socket) this.left();
    });
  }

  private enter(socket: Socket): void {
    clearTimeout(this.leaving);
    this.window?.destroy();
    this.window = socket;
    this.untaken = [];
    this.queue.take();
    this.say({ is: 'welcome', ...(this.broker ? { running: this.state(this.broker) } : {}) });
    this.missed = 0;
  }

  private left(): void {
    this.window = undefined;
    this.missed += countMessages(this.queue.take());
    for (const count of this.untaken.splice(0)) this.missed += count;
    this.leaving = setTimeout(() => void this.end(), this.broker ? this.start.outliveMs : 0);
  }

  private obey(message: ToProcess): void {
    switch (message.is) {
      case 'start':
        return void this.bringUp(message.options);
      case 'outlive':
        this.start.outliveMs = message.milliseconds;
        return;
      case 'stop':
        return void this.end();
      case 'taken':
        this.untaken.shift();
        return this.flushSoon();
      case 'hello':
        return;
    }
  }

  private async bringUp({ users, ...options }: StartRequest): Promise<void> {
    try {
      const broker = await startEmbeddedBroker({
        ...options,
        ...(users ? { users: users.map((user) => userWith(user, user.password)) } : {}),
        log: this.log,
        onRoster: (change) => {
          repeat(this.roster, change);
          this.news(['roster', change]);
        },
      });
      this.broker = broker;
      broker.onMessage((message) => this.news(['message', message]));
      broker.onClient((event) => this.news(['client', event]));
      broker.onDelivery((delivery) => this.news(['delivery', delivery]));
      broker.onRefused((refusal) => this.news(['refused', refusal]));
      broker.onClose((error) => {
        if (error) this.say({ is: 'ended', error: toWire(error) });
        if (error) void this.end();
      });
      this.say({ is: 'started', state: this.state(broker) });
    } catch (error) {
      this.say({ is: 'refused', error: toWire(toBoardError(error, 'broker-address')) });
    }
  }

  private state({ port, addresses, secure }: Broker): StartedState {
    return { port, addresses, secure, missed: this.missed, roster: this.roster.asChanges() };
  }

  private news(news: BrokerNews): void {
    if (!this.window) {
      if (news[0] === 'message') this.missed++;
      return;
    }
    this.queue.push(news);
    this.flushSoon();
  }

  private flushSoon(): void {
    if (this.timer || this.queue.empty || this.untaken.length >= MOST_UNTAKEN) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (!this.window) return;
      const news = this.queue.take();
      this.untaken.push(countMessages(news));
      this.say({ is: 'news', news });
    }, BATCH_MS);
  }

  private say(message: ToWindow): void {
    this.window?.write(frame(message));
  }

  private readonly log: Log = {
    debug: (text) => this.say({ is: 'log', level: 'debug', text }),
    info: (text) => this.say({ is: 'log', level: 'info', text }),
    warn: (text) => this.say({ is: 'log', level: 'warn', text }),
    error: (text) => this.say({ is: 'log', level: 'error', text }),
  };

  private async end(): Promise<void> {
    await this.broker?.stop();
    this.say({ is: 'ended' });
    // What was written last still has to get out.
    if (this.window) this.window.end(() => process.exit(0));
    else process.exit(0);
    setTimeout(() => process.exit(0), 1000);
  }
}

function countMessages(news: readonly BrokerNews[]): number {
  let count = 0;
  for (const [what, value] of news) count += what === 'message' ? 1 : what === 'folded' ? value : 0;
  return count;
}

function toWire({ code, message, details }: BoardError): WireError {
  return { code, message, details };
}

function same(a: string, b: string): boolean {
  const [one, two] = [Buffer.from(a), Buffer.from(b)];
  return one.length === two.length && timingSafeEqual(one, two);
}

// The window's pipes may close before this process does.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
createInterface({ input: process.stdin }).once('line', (line) => {
  new BrokerProcess(JSON.parse(line) as ProcessStart).listen();
});
