/**
 * The law of files on a board, said as tests that any board must pass: whole or untouched, whatever
 * the names, the bytes and the firmware, and the prompt is back whatever happens on the way.
 * Below: micropython. Above: files.test.ts runs it on every kind of board.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { isBoardError } from '../../src/core/errors';
import { quietJob, type Job, type ProgressUpdate } from '../../src/core/job';
import { matches } from '../../src/micropython/contentHash';
import { ls, mkdir, remove, stat } from '../../src/micropython/filesystem';
import { getSession } from '../../src/micropython/getSession';
import { getPlain, putPlain } from '../../src/micropython/plainTransfer';
import { putSession } from '../../src/micropython/putSession';
import { RawRepl } from '../../src/micropython/rawRepl';
import { getAll, hashes, putAll, putFile, readFile } from '../../src/micropython/transfer';
import { readTree } from '../../src/micropython/tree';
import type { Port } from '../../src/port/port';
import { DyingPort, LossyPort } from './badPorts';

export interface FilesBoard {
  readonly port: Port;
  dispose(): Promise<void>;
}

export interface FilesOptions {
  readonly skip?: string | undefined;
  /** Python that takes from the board what this kind does not have; run once, before all. */
  readonly prelude?: string;
  /** Largest file of the random trees, in bytes. */
  readonly mostBytes?: number;
  /** Longest path of the random trees, in bytes of UTF-8. */
  readonly longestPath?: number;
  /** How many random trees. */
  readonly trees?: number;
}

/** Nothing outside of it is touched: a real board may hold someone's files. */
const ROOT = '/parley test';
const job = quietJob();

export function filesContract(
  name: string,
  open: () => Promise<FilesBoard>,
  options: FilesOptions = {},
): void {
  const { mostBytes = 300 * 1024, longestPath = Infinity, trees = 4 } = options;

  let board: FilesBoard | undefined;

  const law = (what: string, body: (port: Port) => Promise<void>): void => {
    test(what, { skip: options.skip, timeout: 240_000 }, async () => {
      assert.ok(board);
      const { port } = board;
      await prompt(port, emptied);
      await body(port);
      await prompt(port, (repl) => remove(repl, ROOT, job));
    });
  };

  describe(`files contract: ${name}`, { concurrency: 1 }, () => {
    before(async () => {
      if (options.skip) return;
      board = await open();
      await prompt(board.port, (repl) => repl.exec(options.prelude ?? '', job));
    });
    after(() => board?.dispose());

    law('any length around a block, any bytes, any name', async (port) => {
      const every = Uint8Array.from({ length: 1024 }, (_, i) => i & 0xff);
      const files: [string, Uint8Array][] = [
        ...[0, 1, 2, 31, 32, 33, 4095, 4096, 4097, 9000].map((n): [string, Uint8Array] => [
          `${ROOT}/${n}`,
          new Uint8Array(randomBytes(n)),
        ]),
        [`${ROOT}/a b 'c' "d" \\ # é ž 漢 😀.py`, every],
        [`${ROOT}/${'n'.repeat(200)}`, Buffer.from('long name')],
        [`${ROOT}/x/y/z/deep`, new Uint8Array(3000).fill(0x03)],
        [`${ROOT}/four`, new Uint8Array(3000).fill(0x04)],
        [`${ROOT}/blank`, new Uint8Array(5000).fill(0xff)],
        [`${ROOT}/source.py`, Buffer.from("print('it\\'s \"ž\"')\r\n".repeat(400))],
      ];
      await prompt(port, async (repl) => {
        await putAll(
          repl,
          files.map(([path, bytes]) => ({ path, bytes })),
          job,
        );
        await holds(repl, files);
        const known = await hashes(repl, [...files.map(([path]) => path), ROOT, '/no'], job);
        for (const [path, bytes] of files) {
          const hash = known.get(path);
          assert.ok(hash && matches(hash, bytes, true), path);
        }
        assert.equal(known.get(ROOT), undefined);
        assert.equal(known.get('/no'), undefined);
      });
    });

    law('the fast way is the one that is taken', async (port) => {
      await prompt(port, async (repl) => {
        // Straight to it: putAll would go the plain way without a word where this one fails.
        const files = [{ path: `${ROOT}/x`, bytes: Buffer.from("print('quick')\n".repeat(300)) }];
        await putSession(repl, files, job, {
          onFile: () => undefined,
          onProgress: () => undefined,
        });
        const got: Uint8Array[] = [];
        await getSession(
          repl,
          [`${ROOT}/x`],
          job,
          (_, bytes) => void got.push(bytes),
          () => undefined,
        );
        assert.deepEqual(got.map(Buffer.from), [files[0]?.bytes]);
      });
    });

    law('the plain way carries any byte as well', async (port) => {
      await prompt(port, async (repl) => {
        for (const length of [0, 1, 1023, 1024, 1025, 5000]) {
          const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff);
          await putPlain(repl, `${ROOT}/a/ž 'b'/x`, bytes, job);
          const back = await getPlain(repl, `${ROOT}/a/ž 'b'/x`, job);
          assert.deepEqual(Buffer.from(back), Buffer.from(bytes), `${length} bytes`);
        }
        const names = (await ls(repl, `${ROOT}/a/ž 'b'`, job)).map((entry) => entry.name);
        assert.deepEqual(names, ['x']);
      });
    });

    law("the names of the user's program survive, and none of ours stays", async (port) => {
      await prompt(port, async (repl) => {
        await repl.exec('n=5;k=6;p=7;x=8', job);
        await putFile(repl, `${ROOT}/x`, new Uint8Array(randomBytes(3000)), job);
        await readFile(repl, `${ROOT}/x`, job);
        await putPlain(repl, `${ROOT}/x`, Buffer.from('x'), job);
        await readTree(repl, job);
        const ours = "[v for v in globals() if 'parley' in v]";
        assert.equal((await repl.exec(`print(n,k,p,x,${ours})`, job)).trim(), '5 6 7 8 []');
      });
    });

    law('random trees come back as they went', async (port) => {
      await prompt(port, (repl) =>
        fc.assert(
          fc.asyncProperty(tree(mostBytes, longestPath), async (files) => {
            await emptied(repl);
            await putAll(
              repl,
              files.map(([path, bytes]) => ({ path, bytes })),
              job,
            );
            await holds(repl, files);
          }),
          { numRuns: trees, endOnFailure: true, includeErrorInReport: true },
        ),
      );
    });

    law(
      'a put that is cancelled leaves the old file or the new one, and nothing else',
      async (port) => {
        const old = new Uint8Array(randomBytes(700));
        await prompt(port, async (repl) => {
          await putFile(repl, `${ROOT}/x`, old, job);
          for (const at of [0, 1, 3000, 6000]) {
            const controller = new AbortController();
            const fresh = new Uint8Array(randomBytes(6500));
            const cut = putFile(
              repl,
              `${ROOT}/x`,
              fresh,
              when(at, controller.signal, () => controller.abort()),
            );
            await assert.rejects(cut, (error) => isBoardError(error, 'cancelled'), `at ${at}`);
            await whole(repl, [old, fresh]);
            await putFile(repl, `${ROOT}/x`, old, job);
          }
        });
      },
    );

    law(
      'a host that dies at any byte leaves the prompt to the next one, and files whole',
      async (port) => {
        const old = new Uint8Array(randomBytes(700));
        const fresh = new Uint8Array(randomBytes(9000));
        await prompt(port, (repl) => putFile(repl, `${ROOT}/x`, old, job));
        const total = await written(port, fresh);
        // In its code, half-way through its frames, and in the last bytes before the end.
        const cuts = [0, 40, 1000, total - 9000, total - 5000, total - 2000, total - 8, total - 2];
        for (const cut of cuts) {
          const dying = new DyingPort(port);
          const repl = await RawRepl.enter(dying, {}, job);
          dying.dieAfter(Math.max(0, cut));
          await putFile(repl, `${ROOT}/x`, fresh, job).catch((error: unknown) => {
            assert.ok(isBoardError(error, 'port-lost'), String(error));
          });
          // A board that was slow when the bytes were counted was said more then than now.
          dying.die();
          await prompt(port, async (repl) => {
            await interruptible(repl);
            await whole(repl, [old, fresh]);
            await putFile(repl, `${ROOT}/x`, old, job);
          });
        }
      },
    );

    law('bytes that the line loses are noticed, and the file is sent again', async (port) => {
      const bytes = new Uint8Array(randomBytes(12_000));
      for (const lose of [1, 120, 3000, 7700]) {
        const lossy = new LossyPort(port);
        const repl = await RawRepl.enter(lossy, {}, job);
        try {
          await putFile(
            repl,
            `${ROOT}/x`,
            bytes,
            when(1, job.signal, () => lossy.lose(lose)),
          );
          assert.ok(lossy.lost, 'a byte was lost');
          assert.deepEqual(Buffer.from(await readFile(repl, `${ROOT}/x`, job)), Buffer.from(bytes));
        } finally {
          await repl.leave();
        }
      }
    });

    law('Ctrl-C stops a program again after files were carried', async (port) => {
      await prompt(port, async (repl) => {
        for (const length of [300, 5000]) {
          await putFile(repl, `${ROOT}/x`, new Uint8Array(randomBytes(length)), job);
          await interruptible(repl);
        }
        await readFile(repl, `${ROOT}/x`, job);
        await interruptible(repl);
      });
    });

    law('what does not fit is refused before it is sent, and the old file stays', async (port) => {
      await prompt(port, async (repl) => {
        await putFile(repl, `${ROOT}/x`, Buffer.from('old'), job);
        const { freeBytes } = await readTree(repl, job);
        const sent: number[] = [];
        const watched = {
          ...job,
          progress: { report: (u: ProgressUpdate) => sent.push(u.doneBytes ?? 0) },
        };
        const huge = putFile(repl, `${ROOT}/x`, new Uint8Array(freeBytes + 8192), watched);
        await assert.rejects(huge, (error) => {
          assert.ok(isBoardError(error, 'disk-full'), String(error));
          assert.ok(Number(error.details.needed) > Number(error.details.free));
          return true;
        });
        assert.ok(sent.every((bytes) => bytes === 0));
        await whole(repl, [Buffer.from('old')]);
      });
    });

    law(
      'a file that is not there is told by its name; folders stand in the way of nothing',
      async (port) => {
        await prompt(port, async (repl) => {
          await mkdir(repl, `${ROOT}/folder`, job);
          const missing = (error: unknown): boolean =>
            isBoardError(error, 'file-missing') && error.details['path'] === `${ROOT}/nothing`;
          await assert.rejects(readFile(repl, `${ROOT}/nothing`, job), missing);
          await assert.rejects(putFile(repl, `${ROOT}/folder`, Buffer.from('x'), job));
          assert.equal((await stat(repl, `${ROOT}/folder`, job)).kind, 'folder');
        });
      },
    );
  });
}

async function prompt<T>(port: Port, body: (repl: RawRepl) => Promise<T>): Promise<T> {
  const repl = await RawRepl.enter(port, {}, job);
  try {
    return await body(repl);
  } finally {
    await repl.leave();
  }
}

async function emptied(repl: RawRepl): Promise<void> {
  await mkdir(repl, ROOT, job);
  await remove(repl, ROOT, job);
  await mkdir(repl, ROOT, job);
}

/** Exactly these files are below ROOT, with these bytes. */
async function holds(repl: RawRepl, files: readonly [string, Uint8Array][]): Promise<void> {
  const { entries } = await readTree(repl, job);
  const there = entries.filter(({ path, kind }) => kind === 'file' && path.startsWith(`${ROOT}/`));
  assert.deepEqual(there.map(({ path }) => path).sort(), files.map(([path]) => path).sort());
  const wanted = new Map(files);
  let seen = 0;
  await getAll(repl, [...wanted.keys()], job, (path, bytes) => {
    assert.deepEqual(Buffer.from(bytes), Buffer.from(wanted.get(path) ?? []), path);
    seen++;
  });
  assert.equal(seen, wanted.size);
}

/** `x` is one of these, byte for byte, and no partial file lies beside it. */
async function whole(repl: RawRepl, either: readonly Uint8Array[]): Promise<void> {
  const now = Buffer.from(await readFile(repl, `${ROOT}/x`, job));
  assert.ok(
    either.some((bytes) => now.equals(Buffer.from(bytes))),
    `${now.length} bytes are neither the old file nor the new one`,
  );
  const names = (await ls(repl, ROOT, job)).map((entry) => entry.name);
  assert.deepEqual(names, ['x']);
}

async function interruptible(repl: RawRepl): Promise<void> {
  let onOutput: () => void = () => undefined;
  const started = new Promise<void>((resolve) => (onOutput = resolve));
  const endless = repl.exec("print('on')\nwhile True:\n pass", job, { onOutput });
  await started;
  await repl.interrupt();
  await assert.rejects(endless, (error) => {
    assert.ok(isBoardError(error, 'python-error'));
    assert.match(String(error.details.traceback), /KeyboardInterrupt/);
    return true;
  });
}

/** Bytes the host writes at the raw prompt from the beginning of a put to its end. */
async function written(port: Port, bytes: Uint8Array): Promise<number> {
  const counting = new DyingPort(port);
  const repl = await RawRepl.enter(counting, {}, job);
  const before = counting.passed;
  await putFile(repl, `${ROOT}/y`, bytes, job);
  const total = counting.passed - before;
  await remove(repl, `${ROOT}/y`, job);
  await repl.leave();
  return total;
}

/** A job that runs `action` once, when `bytes` of the file are done. */
function when(bytes: number, signal: AbortSignal, action: () => void): Job {
  let done = false;
  const report = ({ doneBytes = -1 }: ProgressUpdate): void => {
    if (done || doneBytes < bytes) return;
    done = true;
    action();
  };
  return { signal, progress: { report } };
}

/** Files in folders up to three deep; names as people and other systems make them. */
function tree(mostBytes: number, longestPath: number): fc.Arbitrary<[string, Uint8Array][]> {
  const name = fc
    .oneof(
      fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
      fc.constantFrom('boot file.py', "it's.txt", '"q".bin', '漢字.py', 'ž 😀', 'n'.repeat(200)),
    )
    .map((text) => text.replace(/[/\0]/g, '_'))
    .filter((text) => text !== '.' && text !== '..' && Buffer.byteLength(text) <= 240);
  const byte = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0x03, 0x04, 0xff, 0x00, 0x1e, 0x0d, 0x0a) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 255 }) },
  );
  const small = fc.uint8Array({ maxLength: 600 });
  const nasty = fc.array(byte, { maxLength: 2000 }).map((bytes) => Uint8Array.from(bytes));
  const large = fc.integer({ min: 0, max: mostBytes }).map((n) => new Uint8Array(randomBytes(n)));
  const content = fc.oneof(
    { weight: 6, arbitrary: small },
    { weight: 6, arbitrary: nasty },
    { weight: 1, arbitrary: large },
  );
  const path = fc
    .array(name, { minLength: 1, maxLength: 3 })
    .filter((parts) => Buffer.byteLength(parts.join('/')) <= longestPath);
  const file = fc.tuple(path, content);
  return fc.array(file, { minLength: 1, maxLength: 8 }).map((files) => {
    const placed = new Map<string, Uint8Array>();
    // A folder of its own for each, so that none is both a file and a folder.
    files.forEach(([parts, bytes], n) => placed.set(`${ROOT}/${n}/${parts.join('/')}`, bytes));
    return [...placed];
  });
}
