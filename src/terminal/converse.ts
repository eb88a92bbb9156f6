/**
 * Two virtual boards, the embedded broker, and the conversation
 * line by line until the signal is aborted; then everything it started is ended.
 * Below: session, operations, broker, conversation. Above: main.ts.
 */
import * as path from 'node:path';
import type { Board } from '../board/board';
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
import type { Screen } from './screen';
import { Session } from './session';
import { t } from '../core/words';

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
  const session = new Session({
    root: options.root,
    state: options.state,
    unpaced: options.unpaced,
    networks: [{ ssid: exampleSettings['parley.wifi.ssid'] }],
  });
  session.virtual.onUnexpectedEnd(({ name, error }) =>
    screen.line(`  ${explain(error, name).sentence}`),
  );
  let broker: Broker | undefined;
  const messages = new Emitter<BrokerMessage>();
  const job: Job = { signal, progress: { report: (update) => screen.progress(update) } };
  try {
    screen.line(t('Two virtual boards, a broker, and what they say. Ctrl-C ends it all.'));
    const starting = NAMES.map((name) => session.startVirtual(name));
    const boards = await orCancelled(job, Promise.all(starting));
    const printed = printMessages(messages, boards, screen, options.messages);
    await startConversation(
      {
        boards: boards.map((board) => ({
          board,
          folder: path.join(options.workspace, board.name),
        })),
        sharedFolder: path.join(options.workspace, exampleSettings['parley.sharedFolder']),
        wipe: new Set(boards.map((board) => board.id)),
        firmwareFor: (board) => session.virtualFirmware(board),
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
    screen.line(
      t('The boards talk through {host}:{port}. Ctrl-C ends it all.', {
        host: HOST,
        port: broker?.port ?? '',
      }),
    );
    await orCancelled(job, printed);
  } finally {
    await session.close();
    await broker?.stop();
    messages.dispose();
    screen.line(t('Ended: boards and broker are stopped.'));
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
    screen.line(`  ${t('Broker: taking port {port} instead', { port: broker.port })}`);
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
