/**
 * Who said it at a broker that tells nobody's name: two virtual boards with the same program but for
 * who speaks, their serial lines, and the feed of the Conversation view as the extension has it.
 * Below: the boards, an MQTT broker reached by its address. Above: npm test -- integration.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoardRegistry } from '../../src/board/registry';
import { startEmbeddedBroker } from '../../src/broker/embedded';
import { useExistingBroker } from '../../src/broker/existing';
import { connectClient } from '../../src/conversation/client';
import { Emitter } from '../../src/core/event';
import { quietJob } from '../../src/core/job';
import { silentLog } from '../../src/core/log';
import type { PortProvider } from '../../src/port/port';
import type { BrokerControl } from '../../src/vscode/brokerControl';
import { ConversationFeed } from '../../src/vscode/conversationFeed';
import type { Settings } from '../../src/vscode/settings';
import { keptOpen, notBuilt, startVirtualBoard, type VirtualBoard } from './support';

const HOST = '127.0.0.1';

/**
 * Prints a number and says it a moment later, so that on a busy computer too the serial line brings
 * it before the broker does: what is printed after it was heard is no proof. The listener
 * prints the same words after it heard them.
 */
const program = (port: number, speaks: boolean): string => `
import network,time
from umqtt.simple import MQTTClient
w=network.WLAN(network.STA_IF)
w.active(True)
w.connect('Parley')
while not w.isconnected():
 time.sleep_ms(20)
c=MQTTClient('client${speaks ? 1 : 2}','${HOST}',${port})
c.set_callback(lambda t,m: print('heard',m))
c.connect()
${speaks ? '' : "c.subscribe('room/temperature')"}
print('up')
n=0
while True:
 ${
   speaks
     ? "n+=1\n text='reading %d'%n\n print(text)\n time.sleep_ms(300)\n c.publish('room/temperature',text)"
     : 'c.wait_msg()'
 }
`;

async function until(what: string, holds: () => boolean, ms = 60_000): Promise<void> {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) assert.fail(`never so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A provider of ports that are open already. */
function shared(boards: readonly VirtualBoard[]): PortProvider {
  return {
    scheme: 'rfc2217',
    list: () => Promise.resolve([]),
    onDidChange: new Emitter<void>().event,
    open: (info) => {
      const { port } = boards.find((one) => one.port.info.address === info.address)!;
      return Promise.resolve(keptOpen(port));
    },
    dispose: () => undefined,
  };
}

test(
  'a board that prints what it says is learned as the speaker; the one that prints what it hears is not',
  { skip: notBuilt, timeout: 180_000 },
  async () => {
    const ends: (() => unknown)[] = [];
    try {
      const server = await startEmbeddedBroker({ hosts: [HOST], port: 0, log: silentLog });
      ends.push(() => server.stop());
      const { port } = server;
      const observe = () => connectClient({ host: HOST, port, clientId: 'parley-test' });
      const broker = await useExistingBroker({ host: HOST, port, observe, log: silentLog });
      ends.push(() => broker.stop());

      const boards = await Promise.all([startVirtualBoard(), startVirtualBoard()]);
      for (const board of boards) ends.push(() => board.stop());
      const kept = new Map<string, unknown>();
      const store = {
        get: <T>(key: string) => kept.get(key) as T | undefined,
        update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
      };
      const rates = () => ({ repl: 115_200, flash: 460_800 });
      const registry = new BoardRegistry({ providers: [shared(boards)], store, rates });
      ends.push(() => registry.dispose());
      const control = {
        kind: 'existing',
        state: 'on',
        running: true,
        address: `${HOST}:${port}`,
        broker,
        onDidChange: new Emitter<void>().event,
        onMessage: broker.onMessage,
        onClient: broker.onClient,
        onDelivery: broker.onDelivery,
        onFolded: new Emitter<number>().event,
      } as unknown as BrokerControl;
      const settings = {
        conversationMessages: 1000,
        conversationMegabytes: 10,
        senderProperty: 'client-id',
        replies: {},
        folders: {},
        topicRoles: {},
        onDidChange: new Emitter<void>().event,
      } as unknown as Settings;
      const feed = new ConversationFeed(control, registry, settings);
      ends.push(() => feed.dispose());
      await feed.begin(Promise.resolve());

      // The listener first, or it has nothing to print.
      for (const [index, name] of [
        [1, 'listener'],
        [0, 'speaker'],
      ] as const) {
        const { port: line } = boards[index]!;
        const facts = { mac: `24:0a:c4:00:00:0${index}` };
        const board = registry.plug({ id: name, name, virtual: true }, line.info, facts);
        let heard = '';
        board.onConsole((bytes) => (heard += Buffer.from(bytes).toString()));
        const console = await board.openConsole();
        ends.push(() => console.dispose());
        await board.withRawRepl('Put', quietJob(), (repl) =>
          repl.exec(
            `with open('main.py','w') as f:\n f.write(${JSON.stringify(program(port, index === 0))})`,
            quietJob(),
          ),
        );
        await board.reset(quietJob());
        await until(`${name} is connected`, () => /^up\r?$/m.test(heard));
      }

      const speakerOf = (topic: string) => feed.speakers.speakerOf(undefined, { topic });
      await until('it is learned', () => speakerOf('room/temperature').how === 'learned');
      assert.equal(speakerOf('room/temperature').name, 'speaker');
      const { total } = feed.model.counters;
      await until('it goes on', () => feed.model.counters.total >= total + 5);
      assert.equal(speakerOf('room/temperature').name, 'speaker');
      assert.equal(speakerOf('elsewhere').boardId, undefined);
    } finally {
      for (const end of ends.reverse()) await end();
    }
  },
);
