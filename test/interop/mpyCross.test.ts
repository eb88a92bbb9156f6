/**
 * Files that MicroPython's own compiler made, on a board: they are imported, and their tracebacks name
 * the source. Below: mpy-cross.mjs (its WebAssembly build), or the mpy-cross of the PATH; dist/virtual.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import { RawRepl } from '../../src/micropython/rawRepl';
import { findCompiler, putCompiled } from '../../src/operations/compile';
import { notBuilt, withVirtualBoard } from '../integration/support';

const job = quietJob();
const file = (path: string, text: string) => ({ path, bytes: new Uint8Array(Buffer.from(text)) });

const onPath = spawnSync('mpy-cross', ['--version']).status === 0;
const compilers = [
  { name: 'the WebAssembly build', program: resolve('test/interop/mpy-cross.mjs') },
  { name: 'mpy-cross of the PATH', program: onPath ? '' : undefined },
];

for (const { name, program } of compilers) {
  const skip = notBuilt ?? (program !== undefined ? false : 'no mpy-cross on the PATH');
  describe(`compiled by ${name}`, { skip, timeout: 120_000 }, () => {
    test('a board imports it, and its errors name the source', async () => {
      const compiler = await findCompiler(program ?? '');
      await withVirtualBoard({}, async ({ port }) => {
        const repl = await RawRepl.enter(port, {}, job);
        const source =
          'import time\n\n\ndef answer():\n    return 42\n\n\ndef fails():\n    return 1 // 0\n';
        const { sent } = await putCompiled(repl, [file('lib/part.py', source)], compiler, job);
        assert.deepEqual(sent, ['lib/part.mpy']);
        assert.equal((await repl.exec('import part\nprint(part.answer())', job)).trim(), '42');
        await assert.rejects(repl.exec('part.fails()', job), (error) => {
          assert.ok(isBoardError(error, 'python-error'), String(error));
          assert.match(
            String(error.details['traceback']),
            /File "lib\/part\.py", line 9, in fails/,
          );
          return true;
        });
        const wrong = putCompiled(repl, [file('wrong.py', 'x = 1\ndef f(:\n')], compiler, job);
        await assert.rejects(wrong, (error) => {
          assert.ok(isBoardError(error, 'mpy-compile'), String(error));
          assert.deepEqual([error.details['path'], error.details['line']], ['wrong.py', 2]);
          return true;
        });
        await repl.leave();
      });
    });
  });
}
