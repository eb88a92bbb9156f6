import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, describe, test } from 'node:test';
import { ClassicLevel } from 'classic-level';
import { ManualClock } from '../core/clock';
import { createHistoryStore, type HistoryStore } from './historyStore';
import { createConversation, type ConversationModel, type HeardMessage } from './model';
import { createSpeakers } from './speakers';

describe('the conversation on the disk', () => {
  const folders: string[] = [];
  const open_: HistoryStore[] = [];
  after(async () => {
    for (const file of open_) await file.close();
  });
  after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));
  const folder = (): string => {
    const made = mkdtempSync(path.join(tmpdir(), 'parley-history-'));
    folders.push(made);
    return path.join(made, 'conversation');
  };

  interface One {
    readonly model: ConversationModel;
    readonly file: HistoryStore;
    readonly clock: ManualClock;
    readonly limits: { lines: number; bytes: number; on: boolean };
    /** Codes of what was told. */
    readonly told: string[];
    /** Half a second goes by, and what came is on the disk. */
    written(): Promise<void>;
    say(text: string, more?: Partial<HeardMessage>): void;
    texts(): string[];
  }
  /** A window that opens on `where`. */
  async function open(where: string, limits: Partial<One['limits']> = {}): Promise<One> {
    const clock = new ManualClock();
    const all = { lines: 10_000, bytes: 1e8, on: true, ...limits };
    const model = createConversation({ speakers: createSpeakers(), clock, limits: all });
    const file = createHistoryStore({ folder: where, model, clock, limits: () => all });
    const told: string[] = [];
    file.onFailure((error) => void told.push(error.code));
    open_.push(file);
    let there = false;
    const loading = file.load().then(() => (there = true));
    while (!there) await clock.advance(250);
    await loading;
    return {
      model,
      file,
      clock,
      limits: all,
      told,
      written: async () => {
        await clock.advance(500);
        await file.settingsChanged();
      },
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
  const store = (where: string): string[] => {
    const names = existsSync(path.join(where, 'store'))
      ? readdirSync(path.join(where, 'store'))
      : [];
    return names.map((name) => path.join(where, 'store', name));
  };
  const size = (where: string): number => store(where).reduce((n, f) => n + statSync(f).size, 0);
  /** What the disk would hold had the program been killed now. */
  const killed = (where: string): string => {
    const copy = folder();
    cpSync(where, copy, { recursive: true });
    return copy;
  };

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
    await one.written();
    one.say('second');
    const two = await open(killed(where));
    assert.deepEqual(two.texts(), ['first']);
    assert.equal(two.model.counters.total, 1);
  });

  test('a batch torn in two anywhere is lost whole, and those before it are there', async () => {
    const where = folder();
    const one = await open(where);
    for (let batch = 1; batch <= 4; batch++) {
      for (let i = 1; i <= 5; i++) one.say(`${batch}.${i} ${'x'.repeat(batch * 20)}`);
      await one.written();
    }
    const log = store(where).find((file) => file.endsWith('.log'));
    const whole = statSync(log!).size;
    const seen = new Set<number>();
    for (let left = whole; left >= 0; left -= 193) {
      const torn = killed(where);
      truncateSync(path.join(torn, 'store', path.basename(log!)), left);
      const two = await open(torn);
      const texts = two.texts();
      seen.add(texts.length);
      assert.equal(texts.length % 5, 0, `${texts.length} lines of ${left} bytes`);
      assert.deepEqual(texts, one.texts().slice(0, texts.length));
      assert.equal(two.model.counters.total, texts.length);
      assert.deepEqual(two.told, []);
      two.say('goes on');
      await two.file.close();
      assert.equal((await open(torn)).texts().at(-1), 'goes on');
    }
    assert.deepEqual([...seen], [20, 15, 10, 5, 0]);
  });

  test('a damaged store is set aside and told, and what is said is kept anew', async () => {
    for (const harm of ['manifest', 'current', 'no current', 'no table', 'table'] as const) {
      const where = folder();
      const one = await open(where);
      for (let i = 1; i <= 1000; i++) one.say(`line ${i} ${Math.sin(i)}`);
      await one.file.close();
      // Opened and closed: the lines go from the log into a table.
      await (await open(where)).file.close();
      const file = (wanted: RegExp): string =>
        store(where).find((name) => wanted.test(path.basename(name)))!;
      if (harm === 'manifest') writeFileSync(file(/^MANIFEST/), 'x'.repeat(500));
      if (harm === 'current') writeFileSync(file(/^CURRENT$/), 'nonsense');
      if (harm === 'no current') rmSync(file(/^CURRENT$/));
      if (harm === 'no table') rmSync(file(/\.ldb$/));
      if (harm === 'table') writeFileSync(file(/\.ldb$/), Buffer.alloc(20_000, 7));
      const two = await open(where);
      assert.deepEqual(two.told, ['history-damaged'], harm);
      const aside = readdirSync(where).filter((name) => name.startsWith('damaged-'));
      assert.equal(aside.length, 1, harm);
      two.say('kept anew');
      await two.file.close();
      const three = await open(where);
      assert.deepEqual(three.told, [], harm);
      assert.equal(three.texts().at(-1), 'kept anew', harm);
      three.model.clear();
      await three.file.close();
      assert.deepEqual(readdirSync(where), [], harm);
    }
  });

  test('a second window on the same folder says so, holds its own in memory, and harms nothing', async () => {
    const where = folder();
    const one = await open(where);
    one.say('first');
    await one.written();
    const two = await open(where);
    assert.deepEqual(two.told, ['history-locked']);
    two.say('of the second');
    two.model.clear();
    two.say('still there');
    await two.written();
    await two.file.close();
    assert.deepEqual(two.texts(), ['still there']);
    assert.deepEqual(two.told, ['history-locked']);
    one.say('second');
    await one.file.close();
    assert.deepEqual((await open(where)).texts(), ['first', 'second']);
  });

  test('a window that reloads waits for the one before it to close', async () => {
    const where = folder();
    const one = await open(where);
    one.say('first');
    await one.written();
    const opening = open(where);
    await one.file.close();
    const two = await opening;
    assert.deepEqual([two.told, two.texts()], [[], ['first']]);
  });

  test('what was acknowledged after it was written is so again', async () => {
    const where = folder();
    const one = await open(where);
    one.say('on', { qos: 1, seq: 1, to: ['b'], receivers: 1 });
    await one.written();
    one.model.delivered({ seq: 1, clientId: 'b' });
    await one.file.close();
    const two = await open(where);
    assert.deepEqual(
      [...two.model.history.lines()].map((line) => line.acked),
      [['b']],
    );
    // And a line that came back keeps its place: the bookmark is on it, not on another.
    two.say('off');
    two.model.bookmark(1, true);
    await two.file.close();
    assert.deepEqual([...(await open(where)).model.history.bookmarks], [1]);
  });

  test('files of earlier builds move into the store once', async () => {
    const where = folder();
    mkdirSync(where);
    const record = (text: string, at: number): string =>
      JSON.stringify({ t: at, topic: 'hello', text, qos: 1, client: '240ac4a1b2c3' });
    const before = { messages: 40, counted: 2 };
    const old = [
      JSON.stringify({ parley: 'conversation', version: 1, before }),
      record('a', 1000),
      '{"t":1790000000000,"topic":"hello","te',
      record('b', 1001),
      JSON.stringify({ counted: 5 }),
      JSON.stringify({ mark: true, at: 1000, topic: 'hello' }),
    ];
    const file = path.join(where, '000001790000000-0a0b0c0d.jsonl');
    writeFileSync(file, `${old.join('\n')}\n`);
    const one = await open(where);
    assert.deepEqual(one.texts(), ['a', 'b']);
    assert.ok(!existsSync(file));
    one.say('c');
    await one.file.close();
    // A file that could not be deleted is not read a second time.
    writeFileSync(file, `${old.join('\n')}\n`);
    const two = await open(where);
    assert.deepEqual(two.texts(), ['a', 'b', 'c']);
    assert.ok(!existsSync(file));
    const { total, kept, dropped, folded } = two.model.counters;
    assert.deepEqual([total, kept, dropped, folded], [50, 3, 40, 7]);
    assert.deepEqual([...two.model.history.bookmarks], [1]);
  });

  test('old ones go within the limit of lines, and the count of all there were stays exact', async () => {
    const where = folder();
    const one = await open(where, { lines: 1000 });
    for (let i = 1; i <= 5000; i++) {
      one.say(`line ${i}`);
      if (i % 100 === 0) await one.clock.advance(500);
    }
    one.model.folded(70);
    await one.file.close();
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
      one.say('', { payload: noise(1000) });
      if (i % 5 === 0) await one.clock.advance(500);
    }
    await one.file.close();
    const most = limits.bytes * 2;
    assert.ok(size(where) < most, `${size(where)} bytes on the disk`);
    const two = await open(where, limits);
    assert.equal(two.model.counters.total, 500);
    assert.equal(two.model.counters.kept, 100);
  });

  test('more in half a second than is kept: what never reached the disk is counted too', async () => {
    const where = folder();
    const one = await open(where, { lines: 1000 });
    one.say('first');
    await one.written();
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
    await one.written();
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
    await one.written();
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
    assert.ok(size(where) > 0);
    const two = await open(where, { on: false });
    two.say('secret');
    await two.file.close();
    assert.deepEqual(store(where), []);
    assert.deepEqual((await open(where)).texts(), []);
    const three = await open(where);
    three.say('secret');
    await three.written();
    three.limits.on = false;
    await three.file.settingsChanged();
    assert.deepEqual(store(where), []);
  });

  test('what somebody put there harms nothing, and files of others stay', async () => {
    const where = folder();
    mkdirSync(where);
    const evil = [
      '{"parley":"conversation","version":1,"before":{"messages":-5,"counted":"x"}}',
      '{"t":1e99,"topic":"x","text":"y"}',
      'null',
      '[]',
      '{"parley":"x"}',
      '\u0000',
      '{',
    ];
    writeFileSync(path.join(where, '000000000000001-00000000.jsonl'), evil.join('\n'));
    writeFileSync(path.join(where, 'notes.txt'), 'mine');
    const one = await open(where);
    one.say('good');
    await one.file.close();
    const db = new ClassicLevel<string, string>(path.join(where, 'store'));
    for (const [i, text] of evil.entries())
      await db.put(`l${String(100 + i).padStart(16, '0')}`, text);
    await db.put('lunch', '{"t":5,"topic":"x","text":"y"}');
    await db.put('meta', '{"messages":-1,"counted":"x"}');
    await db.close();
    const two = await open(where);
    assert.deepEqual(two.texts().slice(0, 1), ['good']);
    two.say('after');
    await two.file.close();
    const three = await open(where);
    assert.equal(three.texts().at(-1), 'after');
    three.model.clear();
    await three.file.close();
    assert.deepEqual(readdirSync(where), ['notes.txt']);
  });

  test('a folder that cannot be written is told once, and the conversation goes on', async () => {
    const where = folder();
    writeFileSync(where, 'a file stands where the folder should be');
    const one = await open(where);
    for (const text of ['a', 'b']) {
      one.say(text);
      await one.clock.advance(500);
      await one.file.settingsChanged();
    }
    await one.file.close();
    assert.deepEqual(one.told, ['history-failed']);
    assert.deepEqual(one.texts(), ['a', 'b']);
  });
});

/** What no store can make smaller. */
function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(Math.random() * 256));
}
