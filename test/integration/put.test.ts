/**
 * Files onto a real MicroPython on a virtual board: whole or not at all. How fast: test/bench/files.bench.ts.
 * Below: support.ts.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { isBoardError } from '../../src/core/errors';
import { quietJob, type Job } from '../../src/core/job';
import { ls, mkdir, remove, rename, stat } from '../../src/micropython/filesystem';
import { matches } from '../../src/micropython/contentHash';
import { PARTIAL_SUFFIX } from '../../src/micropython/receiverCode';
import { hashes, putFile, readFile } from '../../src/micropython/transfer';
import { provision } from '../../src/operations/provision';
import { putFiles, readFolder } from '../../src/operations/put';
import { notBuilt, startVirtualBoard, withPrompt, withVirtualBoard } from './support';

const job = quietJob();

/** A job that runs `action` once, when `bytes` of the file are done. */
function when(bytes: number, action: () => void, signal?: AbortSignal): Job {
  let done = false;
  const report = ({ doneBytes = -1 }: { doneBytes?: number }): void => {
    if (done || doneBytes < bytes) return;
    done = true;
    action();
  };
  return { ...quietJob(signal), progress: { report } };
}

for (const firmwareVersion of ['1.27', '1.13'] as const) {
  describe(`files on ${firmwareVersion}`, { skip: notBuilt, timeout: 120_000 }, () => {
    test('any content, any length around a piece, in folders that are made', async () => {
      await withVirtualBoard({ firmwareVersion }, async (board) => {
        await withPrompt(board, async (repl) => {
          const every = Uint8Array.from({ length: 256 }, (_, i) => i);
          const contents: [string, Uint8Array][] = [
            ['/every byte.bin', every],
            ['/a/b/ž.py', Buffer.from("print('it\\'s \"ž\"')\r\n# \x01\x02\x03\x04\x05\n")],
            ...[0, 1, 1023, 1024, 1025, 5000].map((length): [string, Uint8Array] => [
              `/a/${length}`,
              randomBytes(length),
            ]),
          ];
          for (const [path, bytes] of contents) {
            await putFile(repl, path, bytes, job);
            assert.deepEqual(
              Buffer.from(await readFile(repl, path, job)),
              Buffer.from(bytes),
              path,
            );
          }
          const known = await hashes(repl, [...contents.map(([path]) => path), '/a', '/no'], job);
          for (const [path, bytes] of contents) {
            const hash = known.get(path);
            assert.ok(hash && matches(hash, bytes), path);
          }
          assert.equal(known.get('/a'), undefined);
          assert.equal(known.get('/no'), undefined);
        });
      });
    });

    test('listing, renaming over a file, removing a tree', async () => {
      await withVirtualBoard({ firmwareVersion }, async (board) => {
        await withPrompt(board, async (repl) => {
          await mkdir(repl, '/x/y/z', job);
          await mkdir(repl, '/x/y/z', job);
          await putFile(repl, '/x/one', Buffer.from('1'), job);
          await putFile(repl, '/x/two', Buffer.from('22'), job);
          await rename(repl, '/x/two', '/x/one', job);
          assert.deepEqual(await ls(repl, '/x', job), [
            { name: 'one', kind: 'file', size: 2 },
            { name: 'y', kind: 'folder' },
          ]);
          assert.deepEqual(await stat(repl, '/x/one', job), { kind: 'file', size: 2 });
          await remove(repl, '/x', job);
          const missing = (error: unknown): boolean => isBoardError(error, 'file-missing');
          await assert.rejects(stat(repl, '/x', job), missing);
          await assert.rejects(ls(repl, '/x', job), missing);
          await assert.rejects(readFile(repl, '/x/one', job), missing);
        });
      });
    });
  });
}

describe('what goes wrong on the way', { skip: notBuilt, timeout: 120_000 }, () => {
  test('a board that is killed half-way starts again with the old file whole', async () => {
    const old = randomBytes(3000);
    let board = await startVirtualBoard();
    await withPrompt(board, (repl) => putFile(repl, '/main.bin', old, job));
    try {
      for (const at of [0, 1024, 7000, 8000]) {
        const fresh = randomBytes(8000);
        const kill = when(at, () => void board.kill());
        const cut = withPrompt(board, (repl) => putFile(repl, '/main.bin', fresh, kill));
        await assert.rejects(cut, (error) => isBoardError(error, 'port-lost'));
        await board.stop({ state: true });
        board = await startVirtualBoard({}, board.state);
        await withPrompt(board, async (repl) => {
          const now = await readFile(repl, '/main.bin', job);
          // After the last byte the rename may or may not have happened: whole either way.
          const whole = Buffer.from(now).equals(old) || Buffer.from(now).equals(fresh);
          assert.ok(whole, `cut at ${at}: ${now.length} bytes`);
          await putFile(repl, '/main.bin', old, job);
        });
      }
    } finally {
      await board.stop();
    }
  });

  test('a cancelled put leaves the old file and nothing else', async () => {
    await withVirtualBoard({}, async (board) => {
      await withPrompt(board, async (repl) => {
        const old = randomBytes(100);
        await putFile(repl, '/x', old, job);
        const controller = new AbortController();
        const cancel = when(2048, () => controller.abort(), controller.signal);
        const cut = putFile(repl, '/x', randomBytes(9000), cancel);
        await assert.rejects(cut, (error) => isBoardError(error, 'cancelled'));
        assert.deepEqual(Buffer.from(await readFile(repl, '/x', job)), old);
        const names = (await ls(repl, '/', job)).map((entry) => entry.name);
        assert.ok(!names.includes(`x${PARTIAL_SUFFIX}`), names.join());
      });
    });
  });

  test('a file that does not fit is refused before it is sent, with both numbers', async () => {
    await withVirtualBoard({}, async (board) => {
      await withPrompt(board, async (repl) => {
        const start = performance.now();
        await assert.rejects(putFile(repl, '/big', new Uint8Array(3 << 20), job), (error) => {
          assert.ok(isBoardError(error, 'disk-full'), String(error));
          assert.ok(Number(error.details.needed) >= 3 << 20);
          assert.ok(Number(error.details.free) > 0 && Number(error.details.free) < 3 << 20);
          return true;
        });
        assert.ok(performance.now() - start < 5000);
      });
    });
  });
});

describe("the boards' own programs", { skip: notBuilt, timeout: 60_000 }, () => {
  test('are put, skipped the second time, and say on the prompt that the SSID is wrong', async () => {
    const networks = [{ ssid: 'Home', password: 'secret-enough' }];
    await withVirtualBoard({ networks }, async (board) => {
      const values = { ssid: 'Hmoe', password: 'secret-enough', mqtt_server: '127.0.0.1' };
      const files = (await readFolder('firmware/machine1', 'firmware/lib')).map((file) => {
        const source = Buffer.from(file.bytes).toString('utf8');
        return { path: file.path, bytes: Buffer.from(provision(source, values).text) };
      });
      await withPrompt(board, async (repl) => {
        const first = await putFiles(repl, files, job);
        assert.deepEqual(first.sent, ['umqttsimple.py', 'main.py', 'boot.py']);
        const second = await putFiles(repl, files, job);
        assert.deepEqual(second, { sent: [], skipped: first.sent, bytes: 0 });
      });
      const from = board.printed().length;
      await board.port.write(Uint8Array.of(0x04));
      await board.prints(/not connected to Hmoe - no network of that name/, 20_000, from);
      assert.ok(!board.printed().includes('secret-enough'), 'the password is not printed');
    });
  });
});
