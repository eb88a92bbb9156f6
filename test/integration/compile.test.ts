/**
 * Compiled on the way to a board: what becomes .mpy, what goes, and what is said when it cannot be.
 * The compiler is a small script here; MicroPython's own: test/interop/mpyCross.test.ts.
 * Below: support.ts.
 */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import { RawRepl } from '../../src/micropython/rawRepl';
import { getAll, putAll } from '../../src/micropython/transfer';
import { readTree } from '../../src/micropython/tree';
import { findCompiler, putCompiled } from '../../src/operations/compile';
import { IgnoreRules } from '../../src/operations/ignoreRules';
import { sync } from '../../src/operations/sync';
import { notBuilt, withVirtualBoard } from './support';

const job = quietJob();
const file = (path: string, text: string) => ({ path, bytes: new Uint8Array(Buffer.from(text)) });
const files = [
  file('boot.py', '# boot\n'),
  file('main.py', 'import helper\n'),
  file('helper.py', 'x = 1\n'),
  file('lib/deep/part.py', 'y = 2\n'),
  file('data.txt', 'text'),
];

describe('compile on the way', { skip: notBuilt, timeout: 120_000 }, () => {
  let folder = '';
  let started = 0;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-cross-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** A compiler that says `version`, and makes of a source "MPY", its name and its text. */
  async function fake(version: string): Promise<string> {
    const program = join(folder, `mpy-cross-${started++}`);
    const script = `#!${process.execPath}
const fs = require('node:fs');
const args = process.argv.slice(2);
if (args[0] === '--version') { console.log('MicroPython v1.27.0 on 2025-12-09; mpy-cross emitting mpy ${version}'); process.exit(0); }
const [from] = args.slice(-1);
const text = fs.readFileSync(from, 'utf8');
if (text.includes('def (')) {
  console.error('Traceback (most recent call last):\\n  File "' + args[args.indexOf('-s') + 1] + '", line 3\\nSyntaxError: invalid syntax');
  process.exit(1);
}
fs.writeFileSync(args[args.indexOf('-o') + 1], 'MPY ' + args[args.indexOf('-s') + 1] + '\\n' + text);
`;
    await writeFile(program, script);
    await chmod(program, 0o755);
    return program;
  }

  async function onBoard(
    body: (repl: RawRepl, there: () => Promise<string[]>) => Promise<void>,
  ): Promise<void> {
    await withVirtualBoard({}, async ({ port }) => {
      const repl = await RawRepl.enter(port, {}, job);
      const there = async (): Promise<string[]> =>
        (await readTree(repl, job)).entries.filter((e) => e.kind === 'file').map((e) => e.path);
      await body(repl, there);
      await repl.leave();
    });
  }

  test('modules become .mpy, the old source goes, and a second time nothing is sent', async () => {
    const compiler = await findCompiler(await fake('v6.3'));
    await onBoard(async (repl, there) => {
      // As it was put before compiling was turned on.
      await putAll(repl, files, job);
      const first = await putCompiled(repl, files, compiler, job);
      assert.deepEqual([...first.replaced].sort(), ['helper.py', 'lib/deep/part.py']);
      assert.deepEqual([...first.sent].sort(), ['helper.mpy', 'lib/deep/part.mpy']);
      assert.deepEqual((await there()).sort(), [
        '/boot.py',
        '/data.txt',
        '/helper.mpy',
        '/lib/deep/part.mpy',
        '/main.py',
      ]);
      await getAll(repl, ['/lib/deep/part.mpy'], job, (_, bytes) =>
        assert.equal(Buffer.from(bytes).toString(), 'MPY lib/deep/part.py\ny = 2\n'),
      );
      const second = await putCompiled(repl, files, compiler, job);
      assert.deepEqual([second.sent, second.replaced], [[], []]);
    });
  });

  test('sync takes the compiled files, and the sources for what they were made of', async () => {
    const compiler = await findCompiler(await fake('v6'));
    await onBoard(async (repl, there) => {
      await putAll(repl, [...files, file('other.py', 'mine')], job);
      const compiled = await compiler.compile(repl, files, job);
      const local = { files: compiled.files, rules: [IgnoreRules.from('')] };
      const remove = ({ path }: { path: string }): boolean => compiled.sources.includes(path);
      const report = await sync(repl, local, { remove }, job);
      assert.deepEqual([...report.deleted].sort(), ['helper.py', 'lib/deep/part.py']);
      assert.deepEqual(
        report.left.map(({ path }) => path),
        ['other.py'],
      );
      assert.ok((await there()).includes('/helper.mpy'));
    });
  });

  test('the compiler of another MicroPython: said before anything is put', async () => {
    for (const version of ['v5', 'v7.1', 'of no number']) {
      const compiler = await findCompiler(await fake(version));
      await onBoard(async (repl, there) => {
        const before = await there();
        await assert.rejects(putCompiled(repl, files, compiler, job), (error) => {
          assert.ok(isBoardError(error, 'mpy-version'), String(error));
          assert.equal(error.details['boardVersion'], 6);
          return true;
        });
        assert.deepEqual(await there(), before);
      });
    }
  });

  test('a file that does not compile is named with its line, and nothing is put', async () => {
    const compiler = await findCompiler(await fake('v6.3'));
    await onBoard(async (repl, there) => {
      const before = await there();
      const bad = [...files, file('lib/bad.py', '1\n2\ndef (\n')];
      await assert.rejects(putCompiled(repl, bad, compiler, job), (error) => {
        assert.ok(isBoardError(error, 'mpy-compile'), String(error));
        const { path, line, error: said } = error.details;
        assert.deepEqual([path, line, said], ['lib/bad.py', 3, 'SyntaxError: invalid syntax']);
        return true;
      });
      assert.deepEqual(await there(), before);
    });
  });

  test('a compiler that is not there is said; one on the PATH is found', async () => {
    const missing = (error: unknown): boolean => isBoardError(error, 'mpy-missing');
    await assert.rejects(findCompiler(join(folder, 'nothing')), missing);
    await assert.rejects(findCompiler('', { PATH: folder }), missing);
    await writeFile(join(folder, 'mpy-cross'), '');
    await assert.rejects(findCompiler('', { PATH: folder }), missing);
    await chmod(join(folder, 'mpy-cross'), 0o755);
    assert.ok(await findCompiler('', { PATH: `.:${folder}` }));
  });
});
