import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isBoardError } from '../core/errors';
import { quietJob } from '../core/job';
import { SHORT_HASH, sha256 } from '../micropython/contentHash';
import { FakeBoard, type FakeAnswer } from '../micropython/fakeBoard';
import { RawRepl } from '../micropython/rawRepl';
import { IgnoreRules } from './ignoreRules';
import type { BoardFile } from './put';
import { sync, type Local, type SyncOptions } from './sync';

const job = quietJob();
const file = (path: string, text: string): BoardFile => ({ path, bytes: Buffer.from(text) });
const row = (name: string, text: string): unknown[] => [
  name,
  text.length,
  0,
  sha256(Buffer.from(text)).slice(0, SHORT_HASH),
];
const said = (...answers: unknown[]): FakeAnswer => ({
  out: answers.map((answer) => `\x1e${JSON.stringify(answer)}\r\n`).join(''),
});
const noRoom: FakeAnswer = {
  error: 'Traceback (most recent call last):\r\n  File "<stdin>", line 9\r\nMemoryError: \r\n',
};

/** A board that has these rows; the fast way of files is closed, so that what is written shows. */
async function boardWith(rows: unknown[], room: unknown[] = [65_536, 1 << 20, 4096, 'sha256']) {
  const board = new FakeBoard({
    run: (code) => {
      if (code.includes('kbd_intr')) return noRoom;
      if (code.includes('O.statvfs(p)')) return said(...rows, room);
      return code.includes('say(1)') ? said(1) : {};
    },
  });
  const repl = await RawRepl.enter(board, {}, job);
  const run = (local: Local, options: SyncOptions = {}) => sync(repl, local, options, job);
  const opened = (): string[] =>
    board.programs.flatMap((code) => /^ q="(.*)\.parley"$/m.exec(code)?.[1] ?? []);
  const removals = (): string[] =>
    board.programs.flatMap((code) => /^ for p in \[(".*)\]:$/m.exec(code)?.[1] ?? []);
  return { board, run, opened, removals };
}

const rules = [IgnoreRules.from('data/\n*.log\n')];
const rows = [
  '',
  row('boot.py', 'old boot'),
  row('main.py', 'main'),
  row('old.py', 'gone'),
  row('run.log', 'mine'),
  '/data',
  row('day.csv', '1,2'),
  '/lib',
  row('a.py', 'a'),
  '/lib/gone',
  row('x.py', 'x'),
  ['/sd'],
  row('photo.jpg', 'jpeg'),
  '/sd/deep',
  row('more.jpg', 'jpeg'),
];

describe('sync', () => {
  test('sends what differs, keeps what is not named, ignored or on another disk', async () => {
    const { run, opened, removals } = await boardWith(rows);
    const files = [file('main.py', 'main!'), file('lib/a.py', 'a'), file('lib/new.py', 'n')];
    const report = await run({ files, rules });
    assert.deepEqual(report, {
      sent: ['lib/new.py', 'main.py'],
      skipped: ['lib/a.py'],
      deleted: [],
      left: [
        { path: 'boot.py', size: 8, boot: true },
        { path: 'old.py', size: 4, boot: false },
        { path: 'lib/gone/x.py', size: 1, boot: false },
      ],
      bytes: 6,
    });
    assert.deepEqual(opened(), ['/lib/new.py', '/main.py']);
    assert.deepEqual(removals(), []);
  });

  test('deletes what it is told to, last, with folders that are empty then', async () => {
    const { board, run, removals } = await boardWith(rows);
    const files = [file('main.py', 'main!'), file('lib/a.py', 'a')];
    const report = await run({ files, rules }, { remove: ({ boot }) => !boot });
    assert.deepEqual(report.deleted, ['old.py', 'lib/gone/x.py']);
    assert.deepEqual(
      report.left.map(({ path }) => path),
      ['boot.py'],
    );
    assert.deepEqual(removals(), ['"/old.py","/lib/gone/x.py","/lib/gone"']);
    const order = board.programs.findIndex((code) => code.includes('"/old.py"'));
    const put = board.programs.findIndex((code) => code.includes('/main.py.parley'));
    assert.ok(put >= 0 && put < order, 'first the new, then the old');
  });

  test('a dry run says the same and does nothing', async () => {
    const { run, opened, removals } = await boardWith(rows);
    const options = { remove: () => true, dryRun: true };
    const report = await run({ files: [file('new.py', 'n')], rules }, options);
    assert.deepEqual(report.sent, ['new.py']);
    assert.deepEqual(report.deleted, ['boot.py', 'main.py', 'old.py', 'lib/a.py', 'lib/gone/x.py']);
    assert.deepEqual([...opened(), ...removals()], []);
  });

  test('where the new needs the room of the old, the old goes first; else nothing is begun', async () => {
    const full = [4096, 1 << 20, 4096, 'sha256'];
    const files = [file('big.py', 'x'.repeat(5000))];
    const fits = await boardWith(rows, full);
    await fits.run({ files, rules }, { remove: ({ path }) => path === 'old.py' });
    const { programs } = fits.board;
    const removed = programs.findIndex((code) => code.includes('["/old.py"]'));
    const put = programs.findIndex((code) => code.includes('/big.py.parley'));
    assert.ok(removed >= 0 && removed < put);

    const tight = await boardWith(rows, full);
    await assert.rejects(tight.run({ files, rules }), (error) => {
      assert.ok(isBoardError(error, 'disk-full'));
      assert.equal(error.details['needed'], 8192);
      assert.equal(error.details['free'], 4096);
      return true;
    });
    assert.deepEqual([...tight.opened(), ...tight.removals()], []);
  });

  test('firmware that can tell nothing but the length gets every file', async () => {
    const { run } = await boardWith(['', ['a.py', 1, 0, '']], [65_536, 1 << 20, 4096, 'length']);
    const report = await run({ files: [file('a.py', 'a')], rules: [] });
    assert.deepEqual([report.sent, report.skipped], [['a.py'], []]);
  });
});
