/**
 * Everything that takes bytes, texts or values from somebody else, as functions that may not crash,
 * hang or grow. What is allowed to be thrown is a BoardError, never another.
 * Below: the parsers of src. Above: runner.ts.
 */
import assert from 'node:assert/strict';
import { posix } from 'node:path';
import fc from 'fast-check';
import { is } from 'valibot';
import { toView } from '../../media/conversation/schema';
import { toPlot } from '../../media/plot/schema';
import { panelState } from '../../media/virtual/schema';
import { parseFromPanel, parseWorld } from '../../src/board/virtualWorld';
import { typedLine } from '../../src/board/typedLine';
import { covers } from '../../src/broker/access';
import { MosquittoLog } from '../../src/broker/mosquittoLog';
import { parseBrokerUrl } from '../../src/conversation/brokerUrl';
import { parseDraft, parseFromView } from '../../src/conversation/fromView';
import { numbersIn } from '../../src/conversation/numbers';
import { asSaid, readable, visibleLine, wholeText } from '../../src/conversation/payload';
import { pictureOf } from '../../src/conversation/picture';
import { parseRecord, recordOf } from '../../src/conversation/recording';
import { History } from '../../src/conversation/history';
import { TopicTable } from '../../src/conversation/topicTable';
import { BoardError } from '../../src/core/errors';
import { Emitter } from '../../src/core/event';
import { withoutPrivate, withoutSecretKeys } from '../../src/core/redact';
import { topicFilterProblem, topicMatches } from '../../src/core/topics';
import { parseImage, readPartitions } from '../../src/esp/image';
import { boardsIn, releaseOf, releasesIn } from '../../src/esp/releases';
import { SlipLink, slipEncode } from '../../src/esp/slipLink';
import { records } from '../../src/micropython/boardCode';
import { parseTraceback } from '../../src/micropython/traceback';
import { IgnoreRules } from '../../src/operations/ignoreRules';
import { parseManifest } from '../../src/operations/packages';
import { provision, takeOut, told } from '../../src/operations/provision';
import { LineReader } from '../../src/plot/numbersOfLine';
import { ComPortClient } from '../../src/port/comPort';
import type { Port } from '../../src/port/port';
import { parseRfc2217Url } from '../../src/port/rfc2217';
import { TelnetDecoder, escapeData } from '../../src/port/telnet';
import { chips } from '../../src/virtual/chips';
import { parseCommand, parseSetting } from '../../src/virtual/control';
import { parseFault } from '../../src/virtual/faults';
import { FileStore } from '../../src/virtual/fileStore';
import { readImage, readPartitions as virtualPartitions } from '../../src/virtual/image';
import { Nvs } from '../../src/virtual/nvs';
import { readOptions } from '../../src/virtual/options';
import { SlipReader, slipFrame } from '../../src/virtual/slip';
import { TelnetSession } from '../../src/virtual/telnet';
import {
  parseConnection,
  parseKind,
  parseRoles,
  parseUsers,
} from '../../src/vscode/brokerSettings';
import { cellsOf, mayBeExpression } from '../../src/vscode/cells';
import { parseOptions } from '../../src/vscode/options';
import { planTask } from '../../src/vscode/taskPlan';
import { InputReader, TerminalDecoder } from '../../src/vscode/terminalText';
import { findLinks } from '../../src/vscode/tracebackText';
import { damage, hurt, shaped, stream, text } from './arbitraries';

export interface Target<T = unknown> {
  readonly name: string;
  readonly given: fc.Arbitrary<T>;
  /** Takes promises: run as such. */
  readonly slow?: boolean;
  /** How many neighbours of each drawn input are taken too; none where it is not any text or bytes. */
  readonly near?: number;
  run(given: T): void | Promise<void>;
}

/** A drawn value as a file holds it; '' for one that no file can hold. */
function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

/** `T` is known where the target is made, and nowhere else. */
const target = <T>(name: string, given: fc.Arbitrary<T>, run: Target<T>['run']): Target =>
  ({ name, given, run, near: NEIGHBOURS }) as Target;
/** One whose inputs are as they are drawn: a neighbour would not be one that can come. */
const drawn = <T>(name: string, given: fc.Arbitrary<T>, run: Target<T>['run']): Target =>
  ({ name, given, run }) as Target;
const NEIGHBOURS = 15;

/** Runs `work`; a BoardError is an answer, anything else is a fault. */
export function allowed(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
  }
}

const cut = (bytes: Uint8Array, at: number): [Uint8Array, Uint8Array] => {
  const n = Math.floor(at * bytes.length);
  return [bytes.subarray(0, n), bytes.subarray(n)];
};
const part = fc.double({ min: 0, max: 1, noNaN: true });

/** A port on which only `say` speaks. */
export function mutePort(): Port & { say(bytes: Uint8Array): void } {
  const data = new Emitter<Uint8Array>();
  return {
    info: { scheme: 'serial', address: 'fuzz', label: 'fuzz' },
    baudRate: 115_200,
    onData: data.event,
    onClose: new Emitter<BoardError | undefined>().event,
    write: () => Promise.resolve(),
    setBaudRate: () => Promise.resolve(),
    setSignals: () => Promise.resolve(),
    close: () => Promise.resolve(),
    say: (bytes) => data.fire(bytes),
  };
}

const SLIP = [[0xc0], [0xc0, 0xc0], [0xdb, 0xdc], [0xdb, 0xdd], [0xdb], [0xc0, 1, 8, 2, 0]];
const TELNET = [
  ...[[255], [255, 255], [255, 240], [255, 250], [13, 0], [13]],
  ...[251, 252, 253, 254].flatMap((verb) =>
    [0, 1, 3, 44, 200].map((option) => [255, verb, option]),
  ),
  ...[0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 101, 105, 200].map((n) => [255, 250, 44, n]),
  [255, 250, 44, 1, 0, 1, 194, 0, 255, 240],
  [255, 250, 44, 1, 255, 255, 255, 255, 255, 240],
];

/** An image with one segment and a partition table, as far as parsers look. */
function sampleImage(): Uint8Array {
  const bytes = new Uint8Array(0x8c00 - 0x1000).fill(0xff);
  bytes.set([0xe9, 1, 2, 0x20, 0, 0, 8, 0x40, 0xee, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  bytes.set([0, 0, 8, 0x40, 16, 0, 0, 0], 24);
  const table = 0x8000 - 0x1000;
  bytes.set([0xaa, 0x50, 1, 2, 0, 0x90, 0, 0, 0, 0x60, 0, 0, 0x6e, 0x76, 0x73], table);
  bytes.set([0xaa, 0x50, 0, 0, 0, 0, 1, 0, 0, 0, 0x1f, 0], table + 32);
  return bytes;
}
const image = sampleImage();
// The first 64 bytes and the table are what is looked at: most damage goes there.
const imageHead = fc.tuple(damage, damage).map(([head, table]) => {
  const bytes = Uint8Array.from(image);
  bytes.set(hurt(image.subarray(0, 64), head).subarray(0, 64));
  bytes.set(hurt(image.subarray(0x7000, 0x7060), table).subarray(0, 0x60), 0x7000);
  return bytes;
});

/** A region of NOR flash in memory. */
function region(bytes: Uint8Array) {
  return {
    size: bytes.length,
    read: (offset: number, length: number) => {
      if (offset < 0 || length < 0 || offset + length > bytes.length) {
        throw new Error(`read outside: ${offset} ${length}`);
      }
      return bytes.slice(offset, offset + length);
    },
    program: (offset: number, given: Uint8Array) => {
      if (offset < 0 || offset + given.length > bytes.length) throw new Error('program outside');
      for (let n = 0; n < given.length; n++) bytes[offset + n]! &= given[n]!;
    },
    erase: (offset: number, length: number) => {
      if (offset < 0 || offset + length > bytes.length) throw new Error('erase outside');
      bytes.fill(0xff, offset, offset + length);
    },
  };
}

/** A file system with some files in it, to be damaged. */
const storeBytes = ((): Uint8Array => {
  const bytes = new Uint8Array(64 * 4096).fill(0xff);
  const store = FileStore.open(region(bytes), () => 1);
  store.write('/main.py', Buffer.from("print('x')\n"));
  store.write('/a.bin', new Uint8Array(5000));
  store.rename('/a.bin', '/b.bin');
  return bytes;
})();
const nvsBytes = ((): Uint8Array => {
  const bytes = new Uint8Array(4 * 4096).fill(0xff);
  const nvs = new Nvs(region(bytes));
  nvs.setInt(nvs.openNamespace('app'), 'count', 7);
  return bytes;
})();
/** Damage near the beginning of each block, where heads and logs are. */
const blocks = fc.array(fc.tuple(fc.nat(63), damage), { maxLength: 4 });
const hurtBlocks = (
  bytes: Uint8Array,
  all: readonly (readonly [number, Parameters<typeof hurt>[1]])[],
) => {
  const copy = Uint8Array.from(bytes);
  for (const [block, hurts] of all) {
    const at = (block * 4096) % copy.length;
    copy.set(hurt(copy.subarray(at, at + 200), hurts).subarray(0, 200), at);
  }
  return copy;
};

const JSON_WORDS = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '\\',
  '"a"',
  'null',
  'true',
  '1e999',
  '-0',
  '0.1',
  '\\u0000',
  '"__proto__"',
];
const PAYLOADS = fc.oneof(
  stream([
    [0],
    [0xff, 0xd8, 0xff],
    [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10],
    [0x49, 0x48, 0x44, 0x52],
    [0xf0, 0x9f],
    [0xe2, 0x80, 0xae],
    [27, 91],
  ]),
  text([...JSON_WORDS, '<script>', '‮', '\x1b[2J', '&lt;', '\u2028', 'é', '😀']).map((t) =>
    Uint8Array.from(Buffer.from(t)),
  ),
);
const TOPICS = text(['a', '/', '+', '#', '$SYS', '$', '//', ' ', '😀', '\0', 'esp32/output']);
const clock = {
  now: () => 0,
  after: () => ({ dispose: () => undefined }),
  sleep: () => Promise.resolve(),
};

const PYTHON = [
  'ssid',
  'password',
  'mqtt_server',
  'mqtt_user',
  'mqtt_password',
  'mqtt_ca',
  'mqtt_port',
  '=',
  ' = ',
  "'",
  '"',
  "'''",
  '"""',
  '\\',
  '\n',
  '#',
  '(',
  ')',
  'b',
  'r',
  'f',
  ': str',
  '1883',
  ';',
];
const TRACE = [
  'Traceback (most recent call last):\r\n',
  '  File "',
  'main.py',
  '", line ',
  '12',
  ', in f',
  '\r\n',
  'OSError',
  ': ',
  '[Errno 2] ENOENT',
  '<stdin>',
  'KeyboardInterrupt',
  '\x1b[0m',
];
const RECORD_KEYS = [
  't',
  'topic',
  'text',
  'base64',
  'qos',
  'retain',
  'client',
  'name',
  'event',
  'claims',
  'receivers',
  'to',
  'acked',
  'bytes',
  'mark',
  'at',
  'counted',
  'parley',
  'version',
  'before',
  'bookmarked',
];
const RECORD_VALUES = [
  'conversation',
  'a/b',
  1,
  2,
  1_700_000_000_000,
  'joined',
  'lost',
  ['m1', 'm2'],
  { messages: 1 },
  'AAEC',
  -5,
  1e300,
];

export const targets: readonly Target[] = [
  target('slip: any bytes', fc.tuple(stream(SLIP), part), ([bytes, at]) => {
    const port = mutePort();
    const link = new SlipLink(port, clock);
    for (const piece of cut(bytes, at)) port.say(piece);
    assert.ok(link.text.length <= 4000 && link.peek().length <= 4000);
    link.end(new BoardError('port-lost', 'x'));
  }),
  target(
    'slip: host and virtual board agree',
    fc.uint8Array({ minLength: 1, maxLength: 40 }),
    (bytes) => {
      const reader = new SlipReader();
      assert.deepEqual(reader.push(slipEncode(bytes)), [bytes]);
      assert.deepEqual(slipFrame(bytes), slipEncode(bytes));
    },
  ),
  target('slip: virtual board, any bytes', stream(SLIP), (bytes) => {
    for (const packet of new SlipReader(64).push(bytes)) assert.ok(packet.length <= 64);
  }),
  target('telnet: host, any cut', fc.tuple(stream(TELNET), part), ([bytes, at]) => {
    const data = (pieces: readonly Uint8Array[]): number[] => {
      const decoder = new TelnetDecoder();
      const events = pieces.flatMap((piece) => decoder.decode(piece));
      return events.flatMap((event) => (event.kind === 'data' ? [...event.bytes] : []));
    };
    assert.deepEqual(data(cut(bytes, at)), data([bytes]));
  }),
  target('telnet: data survives', fc.uint8Array({ maxLength: 60 }), (bytes) => {
    const events = new TelnetDecoder().decode(escapeData(bytes));
    assert.deepEqual(
      events.flatMap((e) => (e.kind === 'data' ? [...e.bytes] : [-1])),
      [...bytes],
    );
  }),
  target('rfc 2217: client, any bytes', stream(TELNET), (bytes) => {
    let said = 0;
    const client = new ComPortClient((out) => (said += out.length), clock);
    client.received(bytes);
    // An answer to each option, and no more: two sides must not talk themselves hoarse.
    assert.ok(said <= bytes.length + 16, `${said} bytes said to ${bytes.length}`);
    client.end(new BoardError('port-lost', 'x'));
  }),
  target('rfc 2217: virtual board, any bytes', stream(TELNET), (bytes) => {
    let said = 0;
    const nothing = (): void => undefined;
    const session = new TelnetSession(
      {
        signature: 'fuzz',
        setBaudRate: (rate) => assert.ok(rate > 0),
        baudRate: () => 115_200,
        setLines: nothing,
        setBreak: nothing,
        receive: nothing,
        purge: nothing,
        setSuspended: nothing,
      },
      (out) => (said += out.length),
    );
    session.receive(bytes);
    session.end();
    assert.ok(said <= 40 * (bytes.length + 1));
  }),
  target(
    'address of a port',
    text(['rfc2217://', 'host', ':', '23', '@', '[::1]', '/', '?x', '..']),
    (t) => allowed(() => parseRfc2217Url(t)),
  ),
  target('answers of the prompt', text(['\x1e', '\r\n', ...JSON_WORDS]), (t) =>
    allowed(() => records(t)),
  ),
  target('traceback', text(TRACE), (t) => void parseTraceback(t)),
  target('links in a terminal', text(TRACE), (t) => void findLinks(t)),
  target(
    'typed line',
    text(['>>> ', '... ', '\b', '\x1b[D', '\x1b[K', '\x1b[', 'x', '\r', '\n']),
    (t) => void typedLine(t),
  ),
  target(
    'terminal input',
    fc.array(text(['\x1b[200~', '\x1b[201~', '\r', '\n', '\x03', 'x']), { maxLength: 3 }),
    (all) => {
      const reader = new InputReader();
      const decoder = new TerminalDecoder();
      for (const one of all) {
        reader.read(one);
        decoder.decode(Buffer.from(one, 'latin1'));
      }
    },
  ),
  target(
    'numbers of a line',
    text([
      'temp',
      '=',
      ':',
      ' ',
      '21.5',
      ',',
      'nan',
      '°C',
      '%',
      '(',
      ')',
      '{',
      '"',
      '\x1b[1m',
      '-',
      'e5',
      '\t',
      ';',
    ]),
    (t) => {
      const reader = new LineReader();
      for (const line of t.split('\n')) reader.read(line);
    },
  ),
  drawn('image, host', imageHead, (bytes) => allowed(() => parseImage(bytes, 'f.bin'))),
  drawn('image, short', fc.tuple(fc.nat(80), damage), ([length, hurts]) =>
    allowed(() => parseImage(hurt(image.subarray(0, length), hurts), 'f.bin')),
  ),
  target(
    'partitions, host',
    fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.nat(220)),
    ([bytes, at]) => allowed(() => readPartitions(bytes, at)),
  ),
  drawn('image and partitions, virtual board', imageHead, (bytes) => {
    const chip = chips.esp32;
    const all = new Uint8Array(0x10000).fill(0xff);
    all.set(bytes, 0x1000);
    const flash = region(all);
    allowed(() => readImage(chip, flash as never, 0x1000, 0x7000));
    allowed(() => virtualPartitions(flash as never));
  }),
  drawn('files of a virtual board', blocks, (all) => {
    const store = FileStore.open(region(hurtBlocks(storeBytes, all)), () => 1);
    store.write('/after.txt', Buffer.from('x'));
    store.stat('/main.py');
  }),
  drawn('nvs of a virtual board', blocks, (all) => {
    const nvs = new Nvs(region(hurtBlocks(nvsBytes, all)));
    const space = nvs.openNamespace('app');
    if (space >= 0) nvs.setInt(space, 'count', 1);
  }),
  target(
    'control of a virtual board',
    fc.oneof(
      text([...JSON_WORDS, '"fault"', '"kind"', '"drop"', '"set"', '"dht.4.temperature"']),
      shaped(
        ['id', 'set', 'unset', 'fault', 'clear', 'watch'],
        [{ kind: 'drop', bytes: 1 }, { 'adc.3': 1 }, ['pin.1']],
      ).map(asJson),
    ),
    (t) => {
      allowed(() => parseCommand(t));
      allowed(() => parseFault(t));
      allowed(() => parseSetting(t));
    },
  ),
  target(
    'command line of a virtual board',
    fc.array(
      text(
        [
          '--name',
          '--state',
          '--port',
          '--chip',
          'esp32',
          '--set',
          '--fault',
          'drop:1',
          '=',
          '-1',
          '--unpaced',
        ],
        2,
      ),
      { maxLength: 6 },
    ),
    (args) => allowed(() => readOptions(args)),
  ),
  target(
    'panel of a virtual board',
    shaped(['type', 'name', 'value', 'trouble'], ['set', 'trouble', 'unplug', 'pin.4']),
    (v) => {
      parseFromPanel(v);
      parseWorld(v);
    },
  ),
  target(
    'release pages',
    fc.tuple(
      text([
        '<a href="',
        '/resources/firmware/',
        'ESP32_GENERIC-',
        '20250415-v1.25.0',
        '-preview',
        '.bin',
        '">',
        '</a>',
        '<strong>',
        'v1.25.0 (2025-04-15)',
        '<tr>',
        '"',
        "'",
        '&amp;',
        '/download/',
      ]),
      fc.nat(1),
    ),
    ([html, n]) => {
      const url = ['https://micropython.org/download/ESP32_GENERIC/', 'https://x/'][n]!;
      allowed(() => {
        for (const release of releasesIn(html, url, 'ESP32_GENERIC')) {
          assert.match(release.url, /^https?:/);
        }
        boardsIn(html, url);
        releaseOf(html, 'ESP32_GENERIC');
      });
    },
  ),
  target(
    'packages of an index',
    fc.oneof(
      text([...JSON_WORDS, '"hashes"', '"urls"', '"deps"', '"../a.py"', '"github:o/r"']),
      shaped(
        ['version', 'hashes', 'urls', 'deps', '0', '1'],
        [[['a/b.py', '0123abcd']], [['../a', 'file:///etc/passwd']], ['a', 'b'], '1.0', 'latest'],
      ).map(asJson),
    ),
    (t) =>
      allowed(() => {
        const { files, deps } = parseManifest(t, 'https://x/p.json', '1', 'https://x');
        for (const [path, , hash] of files) {
          assert.ok(posix.resolve('/lib', path).startsWith('/lib/'), path);
          assert.equal(posix.normalize(path), path);
          if (hash !== undefined) assert.match(hash, /^[0-9a-f]+$/);
        }
        for (const pair of deps) assert.equal(pair.length, 2);
      }),
  ),
  target(
    'messages to the views',
    shaped(
      ['type', 'entries', 'id', 'kind', 'text', 'counters', 'broker', 'state', 'names', 'world'],
      ['append', 'state', 'all', 'more', 'message', 'pins', [[1, null]], { total: 1 }],
    ),
    (v) => {
      for (const schema of [toView, toPlot, panelState]) is(schema, v);
    },
  ),
  target('payloads', PAYLOADS, (bytes) => {
    const { text: said } = readable(bytes);
    assert.ok(said.length <= 8100);
    // Nothing of it moves a cursor, turns the direction of text, or rings.
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(visibleLine(said), /[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/);
    numbersIn(bytes);
    pictureOf(bytes);
    asSaid(bytes);
    wholeText(bytes);
  }),
  target('topics', fc.tuple(TOPICS, TOPICS), ([filter, topic]) => {
    topicMatches(filter, topic);
    topicFilterProblem(filter);
    covers(filter, topic);
    const table = new TopicTable(clock);
    table.heard(topic, Buffer.from(filter), filter.length, false, 1);
  }),
  target(
    'messages of the view',
    shaped(
      [
        'type',
        'filter',
        'on',
        'before',
        'series',
        'id',
        'topic',
        'text',
        'payload',
        'encoding',
        'qos',
        'retain',
        'properties',
        'number',
        'every',
        'command',
        'action',
        'name',
      ],
      [
        'ready',
        'publish',
        'filter',
        'chart',
        'do',
        'run',
        'hold',
        'text',
        'hex',
        { text: '', regex: false, topic: '' },
        { userProperties: { a: 1 } },
        [{ topic: 'a', path: '' }],
      ],
    ),
    (v) => {
      const message = parseFromView(v);
      // What comes through is data that can be sent on.
      if (message) structuredClone(message);
      parseDraft(v);
    },
  ),
  target(
    'recorded lines',
    fc.oneof(
      text([...JSON_WORDS, ...RECORD_KEYS.map((k) => `"${k}"`)]),
      shaped(RECORD_KEYS, RECORD_VALUES).map(asJson),
    ),
    (t) => {
      const record = parseRecord(t);
      if (record?.kind !== 'line') return;
      // It can be kept, shown, and written again.
      const history = new History({ lines: 10, bytes: 10_000 });
      history.add(record.line);
      for (const line of history.lines()) {
        const again = parseRecord(recordOf(line));
        assert.equal(again?.kind, 'line');
        new Date(line.at).toISOString();
      }
    },
  ),
  target(
    'addresses of brokers',
    text([
      'mqtt',
      's',
      '://',
      'host',
      ':',
      '1883',
      '@',
      'user',
      '[',
      ']',
      '/',
      '?',
      '#',
      ' ',
      'ws',
    ]),
    (t) => {
      const address = parseBrokerUrl(t);
      if (typeof address !== 'string') assert.ok(address.port >= 1 && address.port <= 65_535);
    },
  ),
  target(
    'settings',
    shaped(
      [
        'name',
        'password',
        'publish',
        'subscribe',
        'ca',
        'cert',
        'key',
        'clientId',
        'will',
        'keepalive',
        'protocol',
        'board',
        'file',
        'folder',
        'port',
        'wipe',
        'offset',
        'command',
      ],
      ['a/#', ['a/#'], { topic: 'a', payload: 'b' }, 'put', 5],
    ),
    (v) => {
      parseKind(v);
      parseConnection(v);
      parseUsers([v]);
      parseUsers(v);
      parseRoles(v);
      parseOptions(v);
      withoutSecretKeys(v);
      allowed(() => planTask((v ?? {}) as never, (path) => `/w/${path}`));
    },
  ),
  target(
    'log of Mosquitto',
    fc.array(
      text([
        'New client connected from ',
        '1.2.3.4:5',
        ' as ',
        'm1',
        ' (p2, c1, k60)',
        'Received PUBLISH from ',
        'Sending PUBLISH to ',
        ' (d0, q1, r0, m2, ',
        "'topic'",
        ', ... (5 bytes))',
        'Received SUBSCRIBE from ',
        '\t',
        ' (QoS 0)',
        'Client ',
        ' disconnected.',
        ' closed its connection.',
      ]),
      { maxLength: 6 },
    ),
    (lines) => {
      const nothing = (): void => undefined;
      const facts = new Proxy({}, { get: () => nothing });
      const log = new MosquittoLog('parley', facts as never);
      for (const line of lines) log.feed(line);
    },
  ),
  target('python sources', text(PYTHON, 20), (source) => {
    const { text: filled } = provision(source, {
      ssid: "a'b",
      password: 'p\\w',
      mqtt_server: 'h',
      mqtt_port: 5,
    });
    told(filled);
    takeOut(filled, source);
    mayBeExpression(source);
    cellsOf(source.split('\n'));
  }),
  target('ignore rules', text(['*', '**', '/', '!', '#', '[a', ']', '\\', '\n', 'a', '?']), (t) => {
    const rules = IgnoreRules.from(t);
    for (const path of ['a/b.py', '..', '../x', '/a']) rules.ignores(path, 'file');
  }),
  target(
    'private things in a log',
    text([
      '/home/',
      'ada',
      'password=',
      "'",
      '"',
      '://',
      '@',
      'usb:1:2:',
      'aa:bb:cc:dd:ee:ff',
      ' ',
    ]),
    (t) => {
      withoutPrivate(t, { home: '/home/ada', secrets: ['s3cr3t-x'] });
    },
  ),
];
