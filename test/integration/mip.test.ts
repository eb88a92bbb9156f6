/**
 * Packages onto a virtual board from an index on loopback: they can be imported, a second time nothing
 * is sent, and what cannot be had leaves the board as it was. Below: support.ts.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import { startFirmwareSite } from '../../src/esp/firmwareSite';
import { sha256 } from '../../src/micropython/contentHash';
import { readTree } from '../../src/micropython/tree';
import { installPackages } from '../../src/operations/installPackages';
import { boardOn, notBuilt, withVirtualBoard } from './support';

const job = quietJob();

for (const firmwareVersion of ['1.27', '1.13'] as const) {
  describe(`mip, ${firmwareVersion}`, { skip: notBuilt, timeout: 120_000 }, () => {
    test('a package and what it needs, checked, imported; again nothing is sent', async () => {
      const inner = 'def twice(x):\n    return 2 * x\n';
      const outer = 'from inner import twice\n\n\ndef four(x):\n    return twice(twice(x))\n';
      const file = (content: string): [string, string] => {
        const hash = sha256(Buffer.from(content)).slice(0, 8);
        return [`/file/${hash.slice(0, 2)}/${hash}`, content];
      };
      const hash = (content: string): string => sha256(Buffer.from(content)).slice(0, 8);
      const pages = (format: string): [string, string][] => [
        [
          `/package/${format}/outer/latest.json`,
          JSON.stringify({
            version: '2.0',
            hashes: [['outer/__init__.py', hash(outer)]],
            deps: [['inner', '1.1']],
          }),
        ],
        [
          `/package/${format}/inner/1.1.json`,
          JSON.stringify({ version: '1.1', hashes: [['inner.py', hash(inner)]] }),
        ],
      ];
      const site = await startFirmwareSite(
        Object.fromEntries([...['py', '5', '6'].flatMap(pages), file(inner), file(outer)]),
      );
      const cacheFolder = await mkdtemp(join(tmpdir(), 'parley-mip-'));
      try {
        await withVirtualBoard({ firmwareVersion }, async (virtual) => {
          const board = boardOn(virtual);
          const options = { index: site.origin, cacheFolder };
          const report = await installPackages(board, ['outer'], options, job);
          assert.equal(report.target, '/lib');
          assert.deepEqual([...report.sent].sort(), ['lib/inner.py', 'lib/outer/__init__.py']);
          const said = await board.withRawRepl('Run', job, (repl) =>
            repl.exec('import outer;print(outer.four(10))', job),
          );
          assert.equal(said.trim(), '40');

          const again = await installPackages(board, ['outer'], options, job);
          assert.deepEqual([again.sent, again.skipped.length], [[], 2]);

          const before = await board.withRawRepl('Look', job, (repl) => readTree(repl, job));
          const missing = installPackages(board, ['outer', 'nothing'], options, job);
          await assert.rejects(missing, (error) => isBoardError(error, 'package-failed'));
          const now = await board.withRawRepl('Look', job, (repl) => readTree(repl, job));
          assert.deepEqual(now.entries, before.entries);
        });
      } finally {
        await site.close();
        await rm(cacheFolder, { recursive: true, force: true });
      }
    });
  });
}
