import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MosquittoLog, type LoggedMessage } from './mosquittoLog';

function setUp() {
  const clients: string[] = [];
  const messages: LoggedMessage[] = [];
  const deliveries: string[] = [];
  const refused: string[] = [];
  const log = new MosquittoLog('parley-ear', {
    client: (event) => void clients.push(`${event.clientId} ${event.what}`),
    message: (message) => void messages.push(message),
    delivery: (seq, clientId) => void deliveries.push(`${seq} ${clientId}`),
    refused: ({ remoteAddress }) => void refused.push(remoteAddress ?? ''),
  });
  const feed = (text: string): void => text.split('\n').forEach((line) => log.feed(line));
  const join = (id: string, more = 'p2, c1, k60'): void =>
    feed(`New client connected from 127.0.0.1:5000 as ${id} (${more}).`);
  return { log, feed, join, clients, messages, deliveries, refused };
}

// Lines as Mosquitto 2.0.11 of Debian 12 writes them.
describe("Mosquitto's log", () => {
  test('who was kept out, by address alone; an id that looks like one is no refusal', () => {
    const { feed, join, refused } = setUp();
    feed('Sending CONNACK to 127.0.0.1 (0, 5)\nClient <unknown> disconnected, not authorised.');
    join('10.0.0.9 (0, 5)');
    feed('Sending CONNACK to 10.0.0.9 (0, 5) (0, 0)\nSending CONNACK to b (1, 0)');
    assert.deepEqual(refused, ['127.0.0.1']);
  });

  test('who said it, to whom it went, who acknowledged', () => {
    const { feed, join, messages, deliveries } = setUp();
    join('parley-ear');
    join('b');
    join('a', "p2, c1, k60, u'someone'");
    feed('Received SUBSCRIBE from b\n\thello/# (QoS 1)\nb 1 hello/#\nSending SUBACK to b');
    feed(
      "Received PUBLISH from a (d0, q1, r1, m1, 'hello/1', ... (2 bytes))\n" +
        "Sending PUBLISH to b (d0, q1, r0, m7, 'hello/1', ... (2 bytes))\n" +
        "Sending PUBLISH to parley-ear (d0, q0, r0, m0, 'hello/1', ... (2 bytes))\n" +
        'Sending PUBACK to a (m1, rc0)\nReceived PUBACK from b (Mid: 7, RC:0)',
    );
    assert.deepEqual(messages, [
      {
        seq: 1,
        topic: 'hello/1',
        bytes: 2,
        qos: 1,
        retain: true,
        clientId: 'a',
        will: false,
        to: ['b'],
      },
    ]);
    assert.deepEqual(deliveries, ['1 b']);
  });

  test('QoS 2 counts when it is released', () => {
    const { feed, join, messages } = setUp();
    join('parley-ear');
    join('a');
    feed(
      "Received PUBLISH from a (d0, q2, r0, m1, 'x', ... (2 bytes))\nSending PUBREC to a (m1, rc0)",
    );
    assert.equal(messages.length, 0);
    feed(
      "Received PUBREL from a (Mid: 1)\nSending PUBLISH to parley-ear (d0, q0, r0, m0, 'x', ... (2 bytes))",
    );
    assert.deepEqual([messages[0]?.clientId, messages[0]?.qos], ['a', 2]);
  });

  test('comings, goings, twins, and the will of the lost', () => {
    const { feed, join, clients, messages, log } = setUp();
    join('parley-ear');
    join('w');
    feed('Will message specified (3 bytes) (r0, q1).\n\tgone');
    feed(
      "Client w closed its connection.\nSending PUBLISH to parley-ear (d0, q0, r0, m0, 'gone', ... (3 bytes))",
    );
    assert.deepEqual([messages[0]?.clientId, messages[0]?.will, messages[0]?.qos], ['w', true, 1]);
    join('b');
    feed('Client b already connected, closing old connection.');
    join('b');
    feed('Received DISCONNECT from b\nClient b [127.0.0.1:5000] disconnected.');
    assert.deepEqual(clients.slice(1), [
      'w connected',
      'w lost',
      'b connected',
      'b lost',
      'b connected',
      'b left',
    ]);
    assert.deepEqual(log.clients, ['parley-ear']);
  });

  test('what was retained before is nobody’s new message', () => {
    const { feed, join, messages } = setUp();
    join('parley-ear');
    feed("Sending PUBLISH to parley-ear (d0, q0, r1, m0, 'old', ... (3 bytes))");
    assert.deepEqual(messages, []);
  });

  test('a refused filter and a session that is kept', () => {
    const { feed, join, log } = setUp();
    join('b', 'p2, c0, k60');
    feed('Received SUBSCRIBE from b\n\tno (QoS 0)\nb 128 no\n\tyes (QoS 0)\nb 0 yes');
    assert.deepEqual(log.subscriptions.get('b'), ['yes']);
    feed('Client b closed its connection.');
    assert.deepEqual(log.listenersOf('yes'), []);
    join('b', 'p2, c0, k60');
    assert.deepEqual(log.listenersOf('yes'), ['b']);
    feed('Received UNSUBSCRIBE from b\n\tyes\nb yes');
    assert.deepEqual(log.listenersOf('yes'), []);
  });

  test('names and topics made to deceive are nobody’s rather than the wrong one’s', () => {
    const { feed, join, messages } = setUp();
    join('parley-ear');
    join('a');
    const evil = "a (d0, q0, r0, m0, 'x";
    join(evil);
    const line = (id: string, topic: string): string =>
      `Received PUBLISH from ${id} (d0, q0, r0, m0, '${topic}', ... (2 bytes))\n` +
      `Sending PUBLISH to parley-ear (d0, q0, r0, m0, '${topic}', ... (2 bytes))`;
    feed(line(evil, 'y'));
    feed(line('a', 'plain'));
    feed(line('a', "odd (d0, q0, r0, m0, 'y"));
    assert.deepEqual(
      messages.map(({ clientId, topic }) => [clientId, topic]),
      [
        [undefined, 'y'],
        ['a', 'plain'],
        ['a', "odd (d0, q0, r0, m0, 'y"],
      ],
    );
  });

  test('lines of any other kind are passed over', () => {
    const { feed, clients, messages } = setUp();
    for (const line of [
      '',
      '\t',
      'Sending ',
      'Received ',
      'Client ',
      '\u0000',
      'x'.repeat(100_000),
    ]) {
      feed(line);
    }
    assert.deepEqual([clients, messages], [[], []]);
  });
});
