import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { createHistoryFile, type HistoryFile } from './historyFile';
import { createConversation, type ConversationModel, type HeardMessage } from './model';
import { createSpeakers } from './speakers';

describe('the conversation on the disk', () => {
  const folders: string[] = [];
  after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));
  const folder = (): string => {
    const made = mkdtempSync(path.join(tmpdir(), 'parley-history-'));
    folders.push(made);
    return path.join(made, 'conversation');
  };

  interface One {
    readonly model: ConversationModel;
    readonly file: HistoryFile;
    readonly clock: ManualClock;
    readonly limits: { lines: number; bytes: number; on: boolean };
    say(text: string, more?: Partial<HeardMessage>): void;
    texts(): string[];
  }
  /** A window that opens on `where`. */
  async function open(where: string, limits: Partial<One['limits']> = {}): Promise<One> {
    const clock = new ManualClock();
    const all = { lines: 10_000, bytes: 1e8, on: true, ...limits };
    const model = createConversation({ speakers: createSpeakers(), clock, limits: all });
    const file = createHistoryFile({ folder: where, model, clock, limits: () => all });
    await file.load();
    return {
      model,
      file,
      clock,
      limits: all,
      say: (text, more) =>
        model.heard({
          topic: 'hello',
          payload: Buffer.from(text),
          qos: 0,
          retain: false,
          clientId: '240ac4a1b2c3',
          at: 1_790_000_000_000,
          ...more,
        }),
      texts: () => [...model.history.lines()].map((l) => Buffer.from(l.payload).toString()),
    };
  }
  const files = (where: string): string[] => readdirSync(where).sort();

  test('what was said is there again: bytes, who, to whom, acknowledged, joins and notes', async () => {
    const where = folder();
    const one = await open(where);
    one.model.client({ clientId: 'b', what: 'connected', at: 5 });
    one.say('on', { qos: 1, seq: 1, to: ['b'], receivers: 1, retain: true });
    one.model.delivered({ seq: 1, clientId: 'b' });
    one.say('', { payload: Uint8Array.of(0, 255, 10), topic: 'bytes' });
    one.model.note('The broker is up', 7);
    await one.file.close();
    const two = await open(where);
    const [joined, on, bytes, note] = [...two.model.history.lines()];
    assert.deepEqual([joined?.what, joined?.speaker, joined?.at], ['joined', 'b', 5]);
    assert.deepEqual([on?.to, on?.acked, on?.retain, on?.qos], [['b'], ['b'], true, 1]);
    assert.equal(on?.speaker, '240ac4a1b2c3');
    assert.deepEqual([...(bytes?.payload ?? [])], [0, 255, 10]);
    assert.equal(note?.text, 'The broker is up');
    // Nobody is here because it was there before, and nothing comes a second.
    assert.ok(two.model.speakers.every((speaker) => !speaker.connected));
    assert.equal(two.model.counters.perSecond, 0);
    assert.ok(two.model.table.all().every((row) => row.perSecond === 0 && row.count === 1));
  });

  test('a program that is killed loses what came in the last half second, no more', async () => {
    const where = folder();
    const one = await open(where);
    one.say('first');
    await one.clock.advance(500);
    await settled(where, /first/);
    one.say('second');
    // Neither closed nor told: as if killed. And in the middle of a line.
    const [name] = files(where);
    appendFileSync(path.join(where, name!), '{"t":1790000000000,"topic":"hello","te');
    const two = await open(where);
    assert.deepEqual(two.texts(), ['first']);
    two.say('third');
    await two.file.close();
    const three = await open(where);
    assert.deepEqual(three.texts(), ['first', 'third']);
    assert.equal(three.model.counters.total, 2);
  });

  test('old ones go within the limit of lines, and the count of all there were stays exact', async () => {
    const where = folder();
    const one = await open(where, { lines: 1000 });
    for (let i = 1; i <= 5000; i++) {
      one.say(`line ${i}`);
      if (i % 100 === 0) {
        await one.clock.advance(500);
        await one.file.settingsChanged();
      }
    }
    one.model.folded(70);
    await one.file.close();
    const stored = files(where).reduce((sum, name) => {
      return sum + readFileSync(path.join(where, name), 'utf8').split('"topic"').length - 1;
    }, 0);
    assert.ok(stored >= 1000 && stored <= 1250, `${stored} lines on the disk`);
    const two = await open(where, { lines: 1000 });
    const { total, kept, dropped, folded } = two.model.counters;
    assert.deepEqual([total, kept, dropped, folded], [5070, 1000, 4000, 70]);
    assert.equal(two.texts().at(-1), 'line 5000');
    assert.equal(two.texts()[0], 'line 4001');
  });

  test('and within the limit of bytes', async () => {
    const where = folder();
    const limits = { lines: 1_000_000, bytes: 100_000 };
    const one = await open(where, limits);
    for (let i = 1; i <= 500; i++) {
      one.say('x'.repeat(1000));
      if (i % 5 === 0) await one.clock.advance(500).then(() => one.file.settingsChanged());
    }
    await one.file.close();
    const size = files(where).reduce((sum, n) => sum + readFileSync(path.join(where, n)).length, 0);
    assert.ok(size < 160_000, `${size} bytes on the disk`);
    const two = await open(where, limits);
    assert.equal(two.model.counters.total, 500);
    assert.equal(two.model.counters.kept, 100);
  });

  test('more in half a second than is kept: what never reached the disk is counted too', async () => {
    const where = folder();
    const one = await open(where, { lines: 1000 });
    one.say('first');
    await one.clock.advance(500);
    await settled(where, /first/);
    for (let i = 1; i <= 3000; i++) one.say(`line ${i}`);
    await one.file.close();
    const two = await open(where, { lines: 1000 });
    const { total, kept, dropped } = two.model.counters;
    assert.deepEqual([total, kept, dropped], [3001, 1000, 2001]);
  });

  test('bookmarks come back, those set before and after the line was written', async () => {
    const where = folder();
    const one = await open(where);
    for (const [i, text] of ['a', 'b', 'c'].entries()) one.say(text, { at: 1000 + i });
    one.model.bookmark(1, true);
    await one.clock.advance(500);
    await settled(where, /"c"/);
    one.model.bookmark(1, false);
    one.model.bookmark(2, true);
    await one.file.close();
    const two = await open(where);
    assert.deepEqual([...two.model.history.bookmarks], [2]);
    assert.deepEqual(
      two.model.snapshot().entries.map((e) => e.kind === 'message' && e.bookmarked),
      [undefined, true, undefined],
    );
    two.model.clear();
    assert.equal(two.model.history.bookmarks.size, 0);
    await two.file.close();
  });

  test('cleared is cleared, also on the disk; what comes after it stays', async () => {
    const where = folder();
    const one = await open(where);
    one.say('before');
    await one.clock.advance(500);
    await settled(where, /before/);
    one.model.clear();
    one.say('after');
    await one.file.close();
    const two = await open(where);
    assert.deepEqual(two.texts(), ['after']);
    assert.equal(two.model.counters.total, 1);
  });

  test('switched off nothing is written, and what was written is deleted', async () => {
    const where = folder();
    const one = await open(where);
    one.say('secret');
    await one.file.close();
    assert.equal(files(where).length, 1);
    const two = await open(where, { on: false });
    two.say('secret');
    await two.file.close();
    assert.deepEqual(files(where), []);
    assert.deepEqual((await open(where)).texts(), []);
    const three = await open(where);
    three.say('secret');
    await three.clock.advance(500);
    await settled(where, /secret/);
    three.limits.on = false;
    await three.file.settingsChanged();
    assert.deepEqual(files(where), []);
  });

  test('what somebody put there harms nothing, and files of others stay', async () => {
    const where = folder();
    const one = await open(where);
    one.say('good');
    await one.file.close();
    const [name] = files(where);
    const evil = [
      '{"t":1e99,"topic":"x","text":"y"}',
      'null',
      '[]',
      '{"parley":"x"}',
      '\u0000',
      '{',
    ];
    const head = '{"parley":"conversation","version":1,"before":{"messages":-5,"counted":"x"}}';
    writeFileSync(path.join(where, '000000000000001-00000000.jsonl'), [head, ...evil].join('\n'));
    writeFileSync(path.join(where, 'notes.txt'), 'mine');
    const two = await open(where);
    assert.deepEqual(two.texts(), ['good']);
    assert.equal(two.model.counters.total, 1);
    two.model.clear();
    await two.file.close();
    assert.deepEqual(files(where), ['notes.txt']);
    assert.ok(name);
  });

  test('a folder that cannot be written is told once, and the conversation goes on', async () => {
    const where = folder();
    writeFileSync(where, 'a file stands where the folder should be');
    const one = await open(where);
    const told: string[] = [];
    one.file.onFailure((error) => void told.push(error.code));
    for (const text of ['a', 'b']) {
      one.say(text);
      await one.clock.advance(500);
      await one.file.settingsChanged();
    }
    await one.file.close();
    assert.deepEqual(told, ['history-failed']);
    assert.deepEqual(one.texts(), ['a', 'b']);
  });

  /** Waits until the disk has it: the write is not waited for by the clock. */
  async function settled(where: string, text: RegExp): Promise<void> {
    for (let i = 0; i < 2000; i++) {
      try {
        if (files(where).some((n) => text.test(readFileSync(path.join(where, n), 'utf8')))) return;
      } catch {
        // It is not made yet.
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.fail(`never on the disk: ${text.source}`);
  }
});
