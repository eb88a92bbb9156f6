/**
 * A board as a folder, on a real MicroPython: seen, changed, read-only while a program runs, and
 * never stopped unasked. Below: support.ts.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Board } from '../../src/board/board';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import { BoardFiles } from '../../src/operations/boardFiles';
import { format } from '../../src/operations/format';
import { getFiles } from '../../src/operations/getFiles';
import { provision } from '../../src/operations/provision';
import { runOnBoard } from '../../src/operations/runOnBoard';
import { boardOn, notBuilt, withVirtualBoard } from './support';

const job = quietJob();
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const isCode = (code: Parameters<typeof isBoardError>[1]) => (error: unknown) =>
  isBoardError(error, code);

for (const firmwareVersion of ['1.27', '1.13'] as const) {
  describe(`a board as a folder, ${firmwareVersion}`, { skip: notBuilt, timeout: 120_000 }, () => {
    test('files are made, read, renamed, moved and removed; what changed is told', async () => {
      await withVirtualBoard({ firmwareVersion }, async (virtual) => {
        const board = boardOn(virtual);
        const files = new BoardFiles(board);
        const told: string[] = [];
        files.onDidChange((changes) => told.push(...changes.map((c) => `${c.kind} ${c.path}`)));
        const before = (await files.list('/')).map(({ path }) => path);
        await files.makeFolder('/data');
        await files.write(
          '/data/ž x.bin',
          Uint8Array.from({ length: 256 }, (_, i) => i),
        );
        await files.write('/notes.txt', bytes('hello'));
        assert.deepEqual(
          (await files.list('/')).map(({ path, kind }) => `${kind} ${path}`),
          ['folder /data', ...[...before, '/notes.txt'].sort().map((path) => `file ${path}`)],
        );
        const { seenAt } = await files.stat('/notes.txt');
        await files.rename('/data/ž x.bin', '/y.bin');
        await assert.rejects(files.rename('/y.bin', '/notes.txt'), isCode('file-exists'));
        assert.equal((await files.read('/y.bin'))[255], 255);
        assert.equal((await files.stat('/notes.txt')).seenAt, seenAt);
        await files.write('/notes.txt', bytes('hello again'));
        assert.equal((await files.stat('/notes.txt')).size, 11);
        await files.remove('/data');
        await assert.rejects(files.stat('/data'), isCode('file-missing'));
        const space = files.space;
        assert.ok(space && space.free > 0 && space.free < space.total);
        for (const line of ['created /data', 'created /notes.txt', 'deleted /data/ž x.bin']) {
          assert.ok(told.includes(line), `${line} in ${told.join()}`);
        }
      });
    });

    test('a program is left alone: what is known stays to be seen, nothing is changed', async () => {
      await withVirtualBoard({ firmwareVersion }, async (virtual) => {
        const board = boardOn(virtual);
        const files = new BoardFiles(board);
        const main =
          'import time\nn = 0\nwhile True:\n n += 1\n print("tick", n)\n time.sleep(0.2)\n';
        await files.write('/main.py', bytes(main));
        await files.load();
        await board.reset(job);
        await virtual.prints(/tick 2/, 20_000);
        await assert.rejects(files.write('/x', bytes('x')), isCode('program-running'));
        assert.equal(files.readOnly, true);
        assert.equal(board.activity, 'running');
        assert.equal((await files.stat('/main.py')).size, main.length);
        const from = virtual.printed().length;
        await virtual.prints(/tick \d+/, 20_000, from);
        // Another window that knows nothing yet has nothing to show, and does not stop it either.
        const fresh = new BoardFiles(board);
        await assert.rejects(fresh.list('/'), isCode('program-running'));
        await board.withRawRepl('Stop', job, () => Promise.resolve());
        assert.equal(files.readOnly, false);
        await files.write('/x', bytes('x'));
        assert.ok((await files.list('/')).some(({ path }) => path === '/x'));
      });
    });

    test('a backup holds no password, and what was filled in is as it was', async () => {
      await withVirtualBoard({ firmwareVersion }, async (virtual) => {
        const folder = await mkdtemp(join(tmpdir(), 'parley-get-'));
        try {
          const files = new BoardFiles(boardOn(virtual));
          const boot = "ssid = 'YOURS'\npassword = 'YOURS'\n";
          await writeFile(join(folder, 'boot.py'), boot);
          const values = { ssid: 'Home', password: 'secret-enough' };
          await files.write('/boot.py', bytes(provision(boot, values).text));
          await files.write('/lib/other.py', bytes("password = 'also-secret'\n"));
          await files.write('/data.bin', Uint8Array.of(0, 255, 3, 4));
          const into = join(folder, 'backup');
          const options = { paths: ['/'], from: '/', into, originals: folder };
          const report = await getFiles(files, options, job);
          assert.equal(report.written.length, 3);
          assert.deepEqual(report.taken, {
            '/boot.py': ['ssid', 'password'],
            '/lib/other.py': ['password'],
          });
          assert.equal(await readFile(join(into, 'boot.py'), 'utf8'), boot);
          assert.equal(await readFile(join(into, 'lib/other.py'), 'utf8'), "password = ''\n");
          assert.deepEqual([...(await readFile(join(into, 'data.bin')))], [0, 255, 3, 4]);
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      });
    });
  });
}

describe('the file system', { skip: notBuilt, timeout: 60_000 }, () => {
  test('formatted is empty; what a program wrote is seen after it', async () => {
    await withVirtualBoard({}, async (virtual) => {
      const board: Board = boardOn(virtual);
      const files = new BoardFiles(board);
      await files.write('/a/b/c.txt', bytes('x'));
      await format(board, job);
      assert.deepEqual(await files.list('/'), []);
      const source = "with open('log.txt', 'w') as f: f.write('from a program')";
      await runOnBoard(board, { source, fileName: 'x.py' }, job);
      assert.equal((await files.stat('/log.txt')).size, 14);
    });
  });
});
