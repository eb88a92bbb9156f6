/**
 * Every project template, as Start the Conversation runs it: its boards come up on virtual boards
 * and say on their topics what they are for.
 * Below: operations/newProject, firmware/projects. Above: npm test.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Readings } from '../../src/board/virtualWorld';
import type { Broker } from '../../src/broker/broker';
import { startEmbeddedBroker } from '../../src/broker/embedded';
import { connectClient } from '../../src/conversation/client';
import { systemClock } from '../../src/core/clock';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import { silentLog } from '../../src/core/log';
import { startConversation } from '../../src/operations/converse';
import { makeProject, projectTemplates, settingsOf } from '../../src/operations/newProject';
import { Session } from '../../src/terminal/session';
import { notBuilt } from './support';

const firmware = path.resolve('firmware');

interface Shows {
  /** Said to it until it has said everything. */
  readonly say?: [string, string];
  /** Set around a board before it starts: its name, then readings. */
  readonly set?: Record<string, Readings>;
  readonly topics: [string, RegExp][];
}

/** What each project must say, in any order. */
const shows: Record<string, Shows> = {
  conversation: { topics: [['hello/ack', /^heard #1$/]] },
  'sensor-display': {
    topics: [
      ['sensor/reading', /^\{"level": 50\}$/],
      ['display/shown', /^\[#{10}\.{10}\] 50 %$/],
    ],
  },
  'keypad-servo': {
    say: ['keypad/press', '4'],
    topics: [
      ['keypad/key', /^4$/],
      ['servo/angle', /^80$/],
    ],
  },
  ring: {
    topics: [
      ['ring/2', /^1$/],
      ['ring/3', /^1$/],
      ['ring/1', /^2$/],
    ],
  },
  'home-assistant': {
    say: ['lamp/set', 'ON'],
    topics: [
      ['thermometer/state', /^\{"temperature": [\d.]+\}$/],
      ['lamp/state', /^ON$/],
    ],
  },
  'rfid-gate': {
    set: { reader: { 'rfid.5': 0xdeadbeef } },
    topics: [
      ['reader/card', /^de:ad:be:ef$/],
      ['gate/state', /^open$/],
      ['gate/state', /^closed$/],
    ],
  },
  asyncio: { topics: [['tick/rate', /^[3-6]$/]] },
};

describe('projects', { skip: notBuilt, timeout: 300_000 }, () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'parley-projects-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('every template is known here', async () => {
    const ids = (await projectTemplates(firmware)).map(({ id }) => id);
    assert.deepEqual(ids.sort(), Object.keys(shows).sort());
  });

  test('a folder with something in it is left alone', async () => {
    const [template] = await projectTemplates(firmware);
    const target = path.join(folder, 'twice');
    await makeProject(firmware, template!, target);
    await assert.rejects(makeProject(firmware, template!, target), (error) =>
      isBoardError(error, 'folder-not-empty'),
    );
  });

  for (const [id, { say, set, topics }] of Object.entries(shows)) {
    test(`${id} says what it is for`, async () => {
      const template = (await projectTemplates(firmware)).find((known) => known.id === id)!;
      const target = path.join(folder, id);
      await makeProject(firmware, template, target);
      const settings = await readFile(path.join(target, '.vscode', 'settings.json'), 'utf8');
      assert.deepEqual(JSON.parse(settings), settingsOf(template));
      assert.match(
        await readFile(path.join(target, 'README.md'), 'utf8'),
        /Start the Conversation/,
      );
      await runs(target, template.boards, topics, { say, set });
    });
  }

  /** Starts the project's conversation and waits until every topic was said. */
  async function runs(
    target: string,
    names: readonly string[],
    topics: readonly [string, RegExp][],
    { say, set = {} }: Pick<Shows, 'say' | 'set'>,
  ): Promise<void> {
    const state = path.join(target, '.state');
    const session = new Session({ root: process.cwd(), state, unpaced: true });
    const broker = await startEmbeddedBroker({ hosts: ['127.0.0.1'], port: 0, log: silentLog });
    try {
      const heard = hears(broker, topics);
      const boards = await Promise.all(names.map((name) => session.startVirtual(name)));
      for (const [name, readings] of Object.entries(set)) {
        for (const [reading, value] of Object.entries(readings)) {
          session.virtual.setReading(name, reading, value);
        }
      }
      await startConversation(
        {
          boards: boards.map((board) => ({ board, folder: path.join(target, board.name) })),
          sharedFolder: path.join(target, 'lib'),
          wipe: new Set(),
          firmwareFor: async () => ({
            name: 'virtual',
            bytes: await readFile(session.virtualImage(boards[0]!)),
          }),
          valuesFor: async () => ({
            ssid: 'Parley',
            password: '',
            mqtt_server: '127.0.0.1',
            mqtt_port: broker.port,
          }),
          ensureBroker: async () => undefined,
          selfCheck: async () => undefined,
          messages: broker.onMessage,
          clock: systemClock,
        },
        quietJob(),
      );
      if (say) await keepSaying(broker, say, heard);
      await heard;
    } finally {
      await session.close();
      await broker.stop();
    }
  }
});

/** Resolves once each topic was said in the way that is wanted; else rejects with what was said. */
function hears(broker: Broker, topics: readonly [string, RegExp][]): Promise<void> {
  const open = new Set(topics);
  const said: string[] = [];
  const all = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      const missing = [...open].map(([topic, what]) => `${what} on ${topic}`);
      reject(new Error(`Not said: ${missing.join(', ')}\nSaid:\n${said.slice(-40).join('\n')}`));
    }, 90_000);
    broker.onMessage(({ topic, payload }) => {
      const text = Buffer.from(payload).toString();
      said.push(`${topic} ${text}`);
      for (const wanted of open) {
        if (wanted[0] === topic && wanted[1].test(text)) open.delete(wanted);
      }
      if (open.size > 0) return;
      clearTimeout(timer);
      resolve();
    });
  });
  all.catch(() => undefined);
  return all;
}

/** Says it every second until it was answered: the board may not listen yet. */
async function keepSaying(
  broker: Broker,
  [topic, message]: readonly [string, string],
  answered: Promise<void>,
): Promise<void> {
  const client = await connectClient({
    host: '127.0.0.1',
    port: broker.port,
    clientId: `parley-test-${process.pid}`,
  });
  const timer = setInterval(() => void client.publish(topic, message).catch(() => undefined), 1000);
  await answered.finally(() => {
    clearInterval(timer);
    return client.end();
  });
}
