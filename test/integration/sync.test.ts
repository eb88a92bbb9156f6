/**
 * A folder and a board made equal, on real MicroPython. Below: support.ts, operations/sync.ts.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import type { RawRepl } from '../../src/micropython/rawRepl';
import { putFile } from '../../src/micropython/transfer';
import { readTree } from '../../src/micropython/tree';
import { readFolder } from '../../src/operations/put';
import { compare, rulesOf, sync, type Extra, type Local } from '../../src/operations/sync';
import { notBuilt, withPrompt, withVirtualBoard } from './support';

const job = quietJob();
const all = (): boolean => true;
const notBoot = ({ boot }: Extra): boolean => !boot;

for (const firmwareVersion of ['1.27', '1.13'] as const) {
  describe(`sync on ${firmwareVersion}`, { skip: notBuilt, timeout: 180_000 }, () => {
    let folder = '';
    const local = async (): Promise<Local> => ({
      files: await readFolder(folder),
      rules: await rulesOf([folder]),
    });
    const put = async (path: string, text: string | Uint8Array): Promise<void> => {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), text);
    };
    const names = async (repl: RawRepl): Promise<string[]> =>
      (await readTree(repl, job)).entries.map(({ path }) => path);

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'parley-sync-'));
      await put('main.py', 'print(1)\n');
      await put('lib/ž 漢 "q".py', 'x = 1\n');
      await put('lib/big.bin', randomBytes(20_000));
      await put('empty.txt', '');
      await put('tests/test_main.py', 'assert True\n');
      await put('.parleyignore', '*.log\n');
    });
    after(() => rm(folder, { recursive: true }));

    test('the difference goes over, nothing else; what is gone here goes there when told', async () => {
      await withVirtualBoard({ firmwareVersion }, async (board) => {
        await withPrompt(board, async (repl) => {
          await putFile(repl, '/boot.py', Buffer.from('# mine\n'), job);
          await putFile(repl, '/run.log', Buffer.from('1\n'), job);
          await putFile(repl, '/old/deep/x.py', Buffer.from('x\n'), job);
          const first = await sync(repl, await local(), {}, job);
          assert.deepEqual([...first.sent].sort(), [
            'empty.txt',
            'lib/big.bin',
            'lib/ž 漢 "q".py',
            'main.py',
          ]);
          assert.deepEqual(
            first.left.map(({ path }) => path),
            ['boot.py', 'old/deep/x.py'],
          );

          const again = await sync(repl, await local(), {}, job);
          assert.deepEqual([again.sent, again.bytes, again.skipped.length], [[], 0, 4]);

          await put('main.py', 'print(2)\n');
          await rm(join(folder, 'lib/ž 漢 "q".py'));
          const { differs, onlyThere } = await compare(repl, await local(), job);
          assert.deepEqual(differs, ['main.py']);
          assert.deepEqual(
            onlyThere.map(({ path }) => path),
            ['boot.py', 'lib/ž 漢 "q".py', 'old/deep/x.py'],
          );

          const dry = await sync(repl, await local(), { remove: all, dryRun: true }, job);
          assert.equal(dry.deleted.length, 3);
          assert.ok((await names(repl)).includes('/old/deep/x.py'));

          const last = await sync(repl, await local(), { remove: notBoot }, job);
          assert.deepEqual(last.sent, ['main.py']);
          assert.deepEqual(last.deleted, ['lib/ž 漢 "q".py', 'old/deep/x.py']);
          assert.deepEqual(await names(repl), [
            '/boot.py',
            '/empty.txt',
            '/main.py',
            '/run.log',
            '/lib',
            '/lib/big.bin',
          ]);
        });
      });
    });

    test('cancelling leaves the old files, and deletes none', async () => {
      await withVirtualBoard({ firmwareVersion }, async (board) => {
        await withPrompt(board, async (repl) => {
          await putFile(repl, '/old.py', Buffer.from('x\n'), job);
          const controller = new AbortController();
          const report = ({ doneBytes = 0 }): void => {
            if (doneBytes > 5000) controller.abort();
          };
          const cancelled = { signal: controller.signal, progress: { report } };
          const cut = sync(repl, await local(), { remove: all }, cancelled);
          await assert.rejects(cut, (error) => isBoardError(error, 'cancelled'));
          const left = await names(repl);
          assert.ok(left.includes('/old.py'), left.join());
          assert.ok(!left.some((path) => path.endsWith('.parley')), left.join());
        });
      });
    });
  });
}

describe('another file system on the board', { skip: notBuilt, timeout: 60_000 }, () => {
  test('is told apart, and what lies there is neither listed nor deleted', async () => {
    await withVirtualBoard({}, async (board) => {
      await withPrompt(board, async (repl) => {
        await repl.exec(mountCode, job);
        await putFile(repl, '/old.py', Buffer.from('x\n'), job);
        const local = { files: [], rules: [] };
        const report = await sync(repl, local, { remove: notBoot }, job);
        assert.deepEqual(report.deleted, ['old.py']);
        const { entries } = await readTree(repl, job, { hashes: true });
        const card = entries.find(({ path }) => path === '/sd/photo.bin');
        assert.equal(card?.mounted, true);
      });
    });
  });
});

/** A file system written in Python, with one file, where an SD card would be. */
const mountCode = `
import os,io
class Card:
 def mount(self,readonly,mkfs):
  pass
 def umount(self):
  pass
 def ilistdir(self,path):
  return iter([('photo.bin',0x8000,0,4)])
 def stat(self,path):
  return (0x4000 if path in ('','/') else 0x8000,0,0,0,0,0,4,0,0,0)
 def statvfs(self,path):
  return (512,512,9999,9998,9998,0,0,0,0,255)
 def open(self,path,mode):
  return io.BytesIO(b'jpeg')
os.mount(Card(),'/sd')
`;
