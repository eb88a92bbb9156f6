/**
 * The terminal's composition root: two virtual boards, the embedded broker, and the conversation
 * line by line until the signal is aborted; then everything it started is ended.
 * Below: board, operations, broker, conversation. Above: main.ts.
 */
import { mkdir, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { Board } from '../board/board';
import { BoardRegistry } from '../board/registry';
import { VirtualBoards } from '../board/virtualBoards';
import type { Broker, BrokerMessage } from '../broker/broker';
import { startEmbeddedBroker } from '../broker/embedded';
import { connectClient, selfCheck } from '../conversation/client';
import { readable, visibleLine } from '../conversation/payload';
import { createSpeakers } from '../conversation/speakers';
import { systemClock } from '../core/clock';
import { Emitter } from '../core/event';
import { isBoardError } from '../core/errors';
import { explain } from '../core/explain';
import { orCancelled, type Job } from '../core/job';
import { silentLog } from '../core/log';
import { exampleSettings } from '../operations/exampleWorkspace';
import { startConversation } from '../operations/converse';
import { Rfc2217Provider } from '../port/rfc2217';
import type { Screen } from './screen';
import { forgetfulStore } from './session';

export interface ConverseOptions {
  /** The project's folder, with dist/. */
  readonly root: string;
  readonly workspace: string;
  readonly state: string;
  readonly brokerPort: number;
  readonly unpaced: boolean;
  /** End after so many messages of the boards. */
  readonly messages?: number;
}

const HOST = '127.0.0.1';
const NAMES = exampleSettings['parley.virtualBoards'];

/** Runs until `signal` is aborted or enough messages were heard. @throws BoardError */
export async function converse(
  options: ConverseOptions,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  const provider = new Rfc2217Provider();
  const registry = new BoardRegistry({
    providers: [provider],
    store: forgetfulStore(),
    rates: () => ({ repl: 115200, flash: 460800 }),
  });
  await mkdir(options.state, { recursive: true });
  const virtual = new VirtualBoards({
    program: path.join(options.root, 'dist', 'virtual', 'main.js'),
    stateFolder: options.state,
    registry,
    networks: () => [{ ssid: exampleSettings['parley.wifi.ssid'] }],
    arguments: options.unpaced ? ['--unpaced'] : [],
  });
  let broker: Broker | undefined;
  const messages = new Emitter<BrokerMessage>();
  const job: Job = { signal, progress: { report: (update) => screen.progress(update) } };
  try {
    screen.line('Two virtual boards, a broker, and what they say. Ctrl-C ends it all.');
    const boards = await orCancelled(job, Promise.all(NAMES.map((name) => virtual.start(name))));
    const printed = printMessages(messages, boards, screen, options.messages);
    const imageName = 'parley-virtual-esp32.bin';
    const image = path.join(options.root, 'dist', 'firmware', imageName);
    await startConversation(
      {
        boards: boards.map((board) => ({
          board,
          folder: path.join(options.workspace, board.name),
        })),
        sharedFolder: path.join(options.workspace, exampleSettings['parley.sharedFolder']),
        wipe: new Set(boards.map((board) => board.id)),
        firmwareFor: async () => ({ name: imageName, bytes: await readFile(image) }),
        valuesFor: async () => ({
          ssid: exampleSettings['parley.wifi.ssid'],
          password: '',
          mqtt_server: HOST,
          mqtt_port: broker?.port ?? options.brokerPort,
        }),
        ensureBroker: async () => {
          broker = await startBroker(options.brokerPort, screen);
          broker.onMessage((message) => messages.fire(message));
        },
        selfCheck: async () => {
          const port = broker?.port ?? options.brokerPort;
          const client = await connectClient({
            host: HOST,
            port,
            clientId: `parley-check-${process.pid}`,
            signal,
          });
          await selfCheck(client).finally(() => client.end());
        },
        messages: messages.event,
        step: (text) => screen.line(`  ${text}`),
        clock: systemClock,
      },
      job,
    );
    screen.line(`The boards talk through ${HOST}:${broker?.port ?? ''}. Ctrl-C ends it all.`);
    await orCancelled(job, printed);
  } finally {
    await virtual.stopAll();
    await broker?.stop();
    registry.dispose();
    provider.dispose();
    messages.dispose();
    screen.line('Ended: boards and broker are stopped.');
  }
}

/** The broker on the port asked for, or said aloud on a free one where that is taken. */
async function startBroker(port: number, screen: Screen): Promise<Broker> {
  const options = { hosts: [HOST], log: silentLog };
  try {
    return await startEmbeddedBroker({ ...options, port });
  } catch (error) {
    if (!isBoardError(error, 'broker-port-taken')) throw error;
    const broker = await startEmbeddedBroker({ ...options, port: 0 });
    screen.line(`  ${explain(error).sentence}`);
    screen.line(`  Broker: taking port ${broker.port} instead`);
    return broker;
  }
}

/** Prints each message with its speaker; resolves after `limit` messages of the boards. */
function printMessages(
  messages: Emitter<BrokerMessage>,
  boards: readonly Board[],
  screen: Screen,
  limit = Infinity,
): Promise<void> {
  let count = 0;
  const speakers = createSpeakers();
  return new Promise((resolve) => {
    messages.event((message) => {
      for (const { id, name, facts } of boards) {
        if (!facts.mac) continue;
        speakers.learn({ boardId: id, name, uniqueIdHex: facts.mac.replace(/:/g, '') });
      }
      const speaker = speakers.speakerOf(message.clientId);
      const time = new Date(message.at).toTimeString().slice(0, 8);
      const index = boards.findIndex((board) => board.id === speaker.boardId);
      const name = screen.coloured(
        index < 0 ? 90 : 36 - index,
        visibleLine(speaker.name).padEnd(10),
      );
      const topic = screen.coloured(90, visibleLine(message.topic).padEnd(14));
      // Anybody may send anything: a terminal must not obey it.
      const text = visibleLine(readable(message.payload).text, 400);
      screen.line(`${time}  ${name} ${topic} ${text}`);
      if (index >= 0 && ++count >= limit) resolve();
    });
  });
}
