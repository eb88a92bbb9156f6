import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as fc from 'fast-check';
import { ManualClock } from '../core/clock';
import { isBoardError } from '../core/errors';
import { quietJob } from '../core/job';
import { History } from './history';
import { createConversation } from './model';
import { CSV_HEAD, csvRow, parseRecord, RECORDING_HEAD, recordOf } from './recording';
import { exportConversation, readRecording, startRecorder } from './recordingFile';
import { replay } from './replay';
import { createSpeakers } from './speakers';

const limits = { lines: 1000, bytes: 1e6 };

describe('a line of a recording', () => {
  test('whatever was said comes back as it was', () => {
    const line = fc.record({
      topic: fc.string({ minLength: 1, maxLength: 30 }),
      payload: fc.oneof(
        fc.uint8Array(),
        fc.string().map((s) => new TextEncoder().encode(s)),
      ),
      qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
      retain: fc.boolean(),
      will: fc.boolean(),
      speaker: fc.string({ minLength: 1 }).filter((s) => !s.startsWith('?')),
    });
    fc.assert(
      fc.property(line, (given) => {
        const history = new History(limits);
        history.add({ at: 5, what: 'message', receivers: 1, to: ['b'], ...given });
        const record = parseRecord(recordOf(history.get(1)!));
        assert.ok(record?.kind === 'line');
        history.add(record.line);
        const [one, two] = history.lines();
        assert.deepEqual(
          { ...two, payload: [...two!.payload] },
          {
            ...one,
            id: 2,
            payload: [...one!.payload],
          },
        );
      }),
    );
  });

  for (const bad of [
    '',
    'x',
    '[]',
    'null',
    '{}',
    '{"t":1}',
    '{"t":-1,"topic":"a","text":"x"}',
    '{"t":1e300,"topic":"a","text":"x"}',
    '{"t":"1","topic":"a","text":"x"}',
    '{"t":1,"topic":"","text":"x"}',
    '{"t":1,"topic":"a"}',
    '{"t":1,"topic":"a","text":5}',
    '{"t":1,"topic":"a","base64":"$$"}',
    '{"t":1,"topic":"a","text":"x","qos":3}',
    '{"t":1,"topic":"a","text":"x","client":{}}',
    '{"t":1,"topic":"a","text":"x","to":"b"}',
    '{"t":1,"topic":"a","text":"x","bytes":-1}',
    '{"t":1,"event":"exploded","client":"a"}',
    '{"parley":"conversation","version":2}',
  ]) {
    test(`is none: ${bad}`, () => assert.equal(parseRecord(bad), undefined));
  }

  test('any text at all: an answer, no harm', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseRecord(text)));
    fc.assert(fc.property(fc.json(), (text) => void parseRecord(text)));
    parseRecord('{"__proto__":{"x":1},"t":1,"topic":"a","text":"x"}');
    assert.equal(({} as { x?: number }).x, undefined);
  });

  test('as CSV: quoted, and no formula', () => {
    const history = new History(limits);
    const cell = (text: string): string => {
      const id = history.add({ at: 0, what: 'message', topic: 't', payload: Buffer.from(text) });
      return csvRow(history.get(id)!, 'machine1').split(',t,')[1]!.split(',text,')[0]!;
    };
    assert.equal(CSV_HEAD.split(',').length, 9);
    assert.deepEqual(
      ['on', '-3.5', 'a,b', 'say "hi"', '=cmd|/c calc', '@x', '+1+1', 'a\nb'].map(cell),
      ['on', '-3.5', '"a,b"', '"say ""hi"""', `'=cmd|/c calc`, `'@x`, `'+1+1`, '"a\nb"'],
    );
  });
});

describe('a recording on the disk', () => {
  let folder = '';
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'parley-rec-'))));
  after(() => rm(folder, { recursive: true }));

  function setUp() {
    const clock = new ManualClock();
    const speakers = createSpeakers();
    speakers.learn({ boardId: 'a', name: 'machine1', uniqueIdHex: '240ac4a1b2c3' });
    const model = createConversation({ speakers, clock, limits });
    const say = (text: string, at: number): void =>
      model.heard({
        topic: 'hello',
        payload: Buffer.from(text),
        qos: 1,
        retain: false,
        clientId: '240ac4a1b2c3',
        at,
      });
    return { clock, model, say };
  }

  test('recorded as it goes, opened again with names, also after the window was cleared', async () => {
    const { clock, model, say } = setUp();
    const file = path.join(folder, 'a.jsonl');
    say('before', 1);
    const recorder = await startRecorder(file, model, clock, assert.fail);
    say('one', 1000);
    await clock.advance(600);
    model.clear();
    say('two', 2000);
    model.client({ clientId: '240ac4a1b2c3', what: 'lost', at: 3000 });
    await recorder.stop();
    assert.equal(recorder.messages, 2);
    const { lines, names, bad } = await readRecording(file, limits, quietJob());
    assert.equal(bad, 0);
    assert.equal(names.get('240ac4a1b2c3'), 'machine1');
    assert.deepEqual(
      lines.map((line) => [line.what, line.at, Buffer.from(line.payload ?? []).toString()]),
      [
        ['message', 1000, 'one'],
        ['message', 2000, 'two'],
        ['lost', 3000, ''],
      ],
    );
  });

  test('a file that is none, is cut off or is made to do harm', async () => {
    const file = path.join(folder, 'b.jsonl');
    const read = (text: string | Buffer) =>
      writeFile(file, text).then(() => readRecording(file, limits, quietJob()));
    for (const none of ['', 'hello\n', '{"parley":"x"}\n', Buffer.alloc(5_000_000, 0x61)]) {
      await assert.rejects(read(none), (e) => isBoardError(e, 'not-a-recording'));
    }
    const good = '{"t":1,"topic":"a","text":"x"}';
    const evil = `{"t":1,"topic":"a","text":"${'y'.repeat(3_000_000)}"}`;
    const got = await read([RECORDING_HEAD, good, evil, '{"t":', good, '{"t":1,"to'].join('\n'));
    assert.deepEqual([got.lines.length, got.bad], [2, 3]);
    const many = await read(`${RECORDING_HEAD}\n${`${good}\n`.repeat(3000)}`);
    assert.deepEqual([many.lines.length, many.dropped], [1000, 2000]);
    await assert.rejects(readRecording(path.join(folder, 'no'), limits, quietJob()), (e) =>
      isBoardError(e, 'file-missing'),
    );
  });

  test('exported as CSV and as a recording; where it cannot be, it says so', async () => {
    const { model, say } = setUp();
    say('=1', 0);
    model.client({ clientId: '240ac4a1b2c3', what: 'left', at: 1 });
    const csv = path.join(folder, 'c.csv');
    assert.equal(await exportConversation(csv, model, quietJob()), 1);
    assert.deepEqual((await readFile(csv, 'utf8')).split('\n'), [
      CSV_HEAD,
      `1970-01-01T00:00:00.000Z,machine1,hello,'=1,text,2,1,false,`,
      '',
    ]);
    const jsonl = path.join(folder, 'c.jsonl');
    await exportConversation(jsonl, model, quietJob());
    assert.equal((await readRecording(jsonl, limits, quietJob())).lines.length, 2);
    const nowhere = path.join(folder, 'no', 'c.csv');
    await assert.rejects(exportConversation(nowhere, model, quietJob()), (e) =>
      isBoardError(e, 'record-failed'),
    );
  });
});

describe('a replay', () => {
  const lines = [0, 1000, 1000, 5000].map((at, i) => ({
    at: 1_000_000 + at,
    what: 'message' as const,
    topic: `t${i}`,
    payload: Buffer.from('x'),
    ...(i === 2 ? { bytes: 5_000_000 } : {}),
  }));

  for (const [speed, due] of [
    [1, [0, 1000, 5000]],
    [100, [0, 10, 50]],
  ] as const) {
    test(`at ×${speed} every message at its time, none of which only a part is there`, async () => {
      const clock = new ManualClock();
      const said: number[] = [];
      const publish = async (): Promise<void> => void said.push(clock.now());
      const done = replay({ lines, speed, publish, clock }, quietJob());
      await clock.advance(10_000);
      assert.deepEqual(await done, { said: 3, cut: 1 });
      assert.deepEqual(said, due);
    });
  }

  test('cancelled at any moment', async () => {
    const clock = new ManualClock();
    const abort = new AbortController();
    let said = 0;
    const publish = async (): Promise<void> => void said++;
    const done = replay({ lines, speed: 1, publish, clock }, quietJob(abort.signal));
    const rejected = assert.rejects(done, (e) => isBoardError(e, 'cancelled'));
    await clock.advance(1500);
    abort.abort();
    await clock.advance(300);
    await rejected;
    assert.equal(said, 2);
  });
});
