import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isBoardError } from '../core/errors';
import { quietJob, withProgress } from '../core/job';
import { FakeBoard, type FakeAnswer } from '../micropython/fakeBoard';
import { SHORT_HASH, sha256 } from '../micropython/contentHash';
import { RawRepl } from '../micropython/rawRepl';
import { putFiles, readFolder, type BoardFile } from './put';
import { runSource } from './run';

const job = quietJob();
const file = (path: string, text: string): BoardFile => ({ path, bytes: Buffer.from(text) });
const said = (...answers: unknown[]): FakeAnswer => ({
  out: answers.map((answer) => `\x1e${JSON.stringify(answer)}\r\n`).join(''),
});

describe('what a folder puts on a board', () => {
  let root = '';
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'parley-put-'));
    await mkdir(join(root, 'machine/lib/__pycache__'), { recursive: true });
    await mkdir(join(root, 'machine/.git'));
    await mkdir(join(root, 'shared'));
    for (const [name, text] of Object.entries({
      'machine/main.py': 'm',
      'machine/lib/a.py': 'a',
      'machine/lib/__pycache__/a.pyc': 'x',
      'machine/b.pyc': 'x',
      'machine/.hidden': 'x',
      'machine/.git/config': 'x',
      'machine/umqttsimple.py': 'own',
      'shared/umqttsimple.py': 'shared',
      'shared/util.py': 'u',
    })) {
      await writeFile(join(root, name), text);
    }
    await symlink('/etc/passwd', join(root, 'machine/link.py'));
  });
  after(() => rm(root, { recursive: true }));

  test("files and folders, the shared ones, the folder's own first; no dot files, caches, links", async () => {
    const files = await readFolder(join(root, 'machine'), join(root, 'shared'));
    const texts = Object.fromEntries(files.map((f) => [f.path, Buffer.from(f.bytes).toString()]));
    const expected = { 'main.py': 'm', 'lib/a.py': 'a', 'umqttsimple.py': 'own', 'util.py': 'u' };
    assert.deepEqual(texts, expected);
  });

  test('a folder that is not there', async () => {
    const missing = readFolder(join(root, 'nothing'));
    await assert.rejects(missing, (error) => {
      assert.ok(isBoardError(error, 'file-missing'));
      assert.equal(error.details.path, join(root, 'nothing'));
      return true;
    });
  });
});

/** The receiver needs more heap than there is: the plain way is taken, a piece of code at a time. */
const noRoom: FakeAnswer = {
  error: 'Traceback (most recent call last):\r\n  File "<stdin>", line 9\r\nMemoryError: \r\n',
};

/** Free bytes, bytes of a block, kind of hash. */
const room = [65_536, 4096, 'sha256'];

describe('putting files where the board has no room for the fast way', () => {
  test('unchanged ones are skipped; modules, then main.py, then boot.py; progress over all bytes', async () => {
    const board = new FakeBoard({
      run: (code) => {
        if (code.includes('kbd_intr')) return noRoom;
        if (code.includes('for p in [')) {
          const old = [sha256(Buffer.from('same')).slice(0, SHORT_HASH), 4];
          return said(room, old, null, ['00000000', 5], null);
        }
        return code.includes('say(1)') ? said(1) : {};
      },
    });
    const repl = await RawRepl.enter(board, {}, job);
    const updates: string[] = [];
    const watched = withProgress(job, (u) =>
      updates.push(`${u.message} ${u.doneBytes}/${u.totalBytes}`),
    );
    const files = [
      file('boot.py', 'boot!'),
      file('a.py', 'same'),
      file('main.py', 'main!'),
      file('lib/z.py', 'z'),
    ];
    const report = await putFiles(repl, files, watched);
    assert.deepEqual(report, {
      sent: ['lib/z.py', 'main.py', 'boot.py'],
      skipped: ['a.py'],
      bytes: 11,
    });
    assert.equal(updates.at(-1), 'Putting boot.py 11/11');
    const opened = board.programs.map((code) => /^ q="(.*)"$/m.exec(code)?.[1]);
    assert.deepEqual(opened.filter(Boolean), [
      '/lib/z.py.parley',
      '/main.py.parley',
      '/boot.py.parley',
    ]);
  });

  test('a file that does not fit is known before a byte of it is sent', async () => {
    const board = new FakeBoard({
      run: (code) => {
        if (code.includes('kbd_intr')) return noRoom;
        return code.includes('for p in [') ? said([4096, 4096, 'sha256'], null) : {};
      },
    });
    const repl = await RawRepl.enter(board, {}, job);
    await assert.rejects(putFiles(repl, [file('a.py', 'x'.repeat(5000))], job), (error) => {
      assert.ok(isBoardError(error, 'disk-full'));
      assert.equal(error.details.needed, 8192);
      assert.equal(error.details.free, 4096);
      return true;
    });
    assert.ok(!board.programs.some((code) => code.includes('xxxx')));
  });

  test('a file that arrives damaged is sent once more, then put-failed says which', async () => {
    const board = new FakeBoard({
      run: (code) => {
        if (code.includes('kbd_intr')) return noRoom;
        if (code.includes('for p in [')) return said(room, null);
        return code.includes('say(1)') ? said(0) : {};
      },
    });
    const repl = await RawRepl.enter(board, {}, job);
    await assert.rejects(putFiles(repl, [file('a.py', 'x')], job), (error) => {
      assert.ok(isBoardError(error, 'put-failed'));
      assert.equal(error.details.path, '/a.py');
      return true;
    });
    assert.equal(board.programs.filter((code) => code.includes("write(b'x')")).length, 2);
  });

  test('one small file goes without the receiver where the heap is large, two of them with it', async () => {
    let heap = 100_000;
    const board = new FakeBoard({
      run: (code) => {
        if (code.includes('kbd_intr')) return noRoom;
        if (code.includes('for p in [')) return said([...room, heap], null, null);
        return code.includes('say(1)') ? said(1) : {};
      },
    });
    const repl = await RawRepl.enter(board, {}, job);
    const receivers = (): number =>
      board.programs.filter((code) => code.includes('kbd_intr')).length;
    await putFiles(repl, [file('a.py', 'x'.repeat(2048))], job);
    assert.equal(receivers(), 0);
    await putFiles(repl, [file('a.py', 'x'.repeat(2049))], job);
    assert.equal(receivers(), 1);
    await putFiles(repl, [file('a.py', 'x'), file('b.py', 'x')], job);
    assert.equal(receivers(), 2);
    heap = 8000;
    await putFiles(repl, [file('a.py', 'x')], job);
    assert.equal(receivers(), 3);
  });
});

describe('running source', () => {
  test('output as it comes; the traceback has the name of the file', async () => {
    const error =
      'Traceback (most recent call last):\r\n  File "<stdin>", line 2, in <module>\r\nValueError: no\r\n';
    const board = new FakeBoard({ run: () => ({ out: 'one\r\n', error }) });
    const repl = await RawRepl.enter(board, {}, job);
    const output: string[] = [];
    const print = (bytes: Uint8Array): void => void output.push(Buffer.from(bytes).toString());
    await assert.rejects(runSource(repl, '\uFEFFa\r\nb', 'x.py', job, print), (thrown) => {
      assert.ok(isBoardError(thrown, 'python-error'));
      assert.match(String(thrown.details.traceback), /File "x\.py", line 2/);
      return true;
    });
    assert.equal(output.join(''), 'one\r\n');
    assert.deepEqual(board.programs, ['a\nb']);
  });
});
