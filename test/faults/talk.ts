/**
 * The conversation as an operation of the fault matrix: machine1's own files on the board, Parley's
 * broker behind a gate, until it has said hello three times. Below: operations, broker, board.ts.
 * Above: operations.ts.
 */
import { join } from 'node:path';
import { cp, mkdir, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import type { Board } from '../../src/board/board';
import type { Broker } from '../../src/broker/broker';
import { startEmbeddedBroker } from '../../src/broker/embedded';
import { connectClient, selfCheck } from '../../src/conversation/client';
import { systemClock, type Clock } from '../../src/core/clock';
import { BoardError } from '../../src/core/errors';
import { Emitter } from '../../src/core/event';
import { orCancelled, type Job } from '../../src/core/job';
import { silentLog } from '../../src/core/log';
import { startConversation } from '../../src/operations/converse';
import { Gate } from './board';

const HOST = '127.0.0.1';
const HELLOS = 3;
/** How long the board may be silent once it has spoken, ms: more than it takes to see a dead broker. */
const SILENT_MS = 45_000;

/** A minute for the first word is for real boards; a quarter of it will do. */
const quicker: Clock = {
  ...systemClock,
  after: (ms, action) => systemClock.after(ms / 4, action),
};

/** A broker that trouble can come to. It runs while a conversation does. */
export class FaultBroker {
  gate: Gate | undefined;
  private broker: Broker | undefined;
  private readonly heard = new Emitter<{ topic: string; clientId?: string }>();
  readonly messages = this.heard.event;
  private trouble = { slow: 0, deaf: false };

  /** Makes its line slow or dead, also one that is still to come. @returns what ends it */
  hinder(trouble: { slow?: number; deaf?: boolean }): () => void {
    this.trouble = { slow: 0, deaf: false, ...trouble };
    if (this.gate) Object.assign(this.gate, this.trouble);
    return () => void (this.trouble = { slow: 0, deaf: false });
  }

  async start(): Promise<void> {
    if (this.broker) return;
    this.broker = await startEmbeddedBroker({ hosts: [HOST], port: 0, log: silentLog });
    this.broker.onMessage((message) => this.heard.fire(message));
    const broker = (): string => (this.broker ? `${HOST}:${this.broker.port}` : `${HOST}:1`);
    this.gate ??= await Gate.open(broker);
    Object.assign(this.gate, this.trouble);
  }

  get port(): number {
    return Number(this.gate?.address.split(':')[1]);
  }

  /** Its process is gone: connections end, and nobody listens. */
  async kill(): Promise<void> {
    const { broker } = this;
    this.broker = undefined;
    this.gate?.cut();
    await broker?.stop();
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.gate?.close();
    this.gate = undefined;
  }
}

const files = ['boot.py', 'main.py', 'umqttsimple.py'];
const from = (name: string): string =>
  name === 'umqttsimple.py' ? `firmware/lib/${name}` : `firmware/machine1/${name}`;

/** What may be on the board afterwards, but for what is filled in. */
export const talkFiles = Object.fromEntries(
  files.map((name) => [name, new Uint8Array(readFileSync(from(name)))]),
);

/** @param talking called once the board has spoken */
export async function talk(
  board: Board,
  job: Job,
  where: { here: string; broker: FaultBroker; talking: () => void },
): Promise<void> {
  const { broker, here, talking } = where;
  const folder = join(here, 'talk');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const name of files) await cp(from(name), join(folder, name));
  let hellos = 0;
  let more: () => void = () => undefined;
  const listening = broker.messages(({ topic }) => {
    if (topic !== 'hello') return;
    if (++hellos === 1) talking();
    more();
  });
  try {
    await startConversation(
      {
        boards: [{ board, folder }],
        wipe: new Set(),
        firmwareFor: () => Promise.reject(new BoardError('no-firmware', 'none is to be written')),
        valuesFor: () =>
          Promise.resolve({
            ssid: 'Parley',
            password: '',
            mqtt_server: HOST,
            mqtt_port: broker.port,
          }),
        ensureBroker: () => broker.start(),
        selfCheck: async () => {
          const client = await connectClient({
            host: HOST,
            port: broker.port,
            clientId: 'parley-check',
            signal: job.signal,
          });
          await selfCheck(client, { signal: job.signal }).finally(() => client.end());
        },
        messages: broker.messages,
        clock: quicker,
      },
      job,
    );
    while (hellos < HELLOS)
      await orCancelled(
        job,
        nextWord(board, (tell) => (more = tell)),
      );
  } finally {
    listening.dispose();
    await broker.stop();
  }
}

function nextWord(board: Board, listen: (tell: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const details = { board: board.name, seconds: SILENT_MS / 1000 };
      reject(new BoardError('no-conversation', 'it has fallen silent', { details }));
    }, SILENT_MS);
    listen(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
