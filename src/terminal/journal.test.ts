import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { Journal, keptOperations } from './journal';

test('what a run did is found by a later one; nonsense between is left out', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-journal-'));
  try {
    assert.deepEqual(await keptOperations(folder), []);
    const first = new Journal();
    first.times.begin('one', 'Put')(new Error('x'));
    first.warn('the port is slow');
    await first.keep(folder);
    await appendFile(path.join(folder, 'operations.jsonl'), '{"at":1}\nnull\n[]\n{"half\n');
    const second = new Journal();
    second.times.begin('one', 'Reset')();
    await second.keep(folder);
    const kept = await keptOperations(folder);
    assert.deepEqual(
      kept.map(({ board, operation, ended }) => [board, operation, ended]),
      [
        ['one', 'Put', 'failed'],
        ['one', 'Reset', 'done'],
      ],
    );
    assert.match(
      await readFile(path.join(folder, 'parley.log'), 'utf8'),
      /warn {2}the port is slow/,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('its files do not grow without end, and a folder that cannot be made ends nothing', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-journal-'));
  try {
    for (let run = 0; run < 6; run++) {
      const journal = new Journal();
      for (let n = 0; n < 1000; n++) journal.info(`${run}.${n} ${'x'.repeat(200)}`);
      await journal.keep(folder);
    }
    const log = path.join(folder, 'parley.log');
    assert.ok((await stat(log)).size < 600 * 1024);
    assert.match(await readFile(log, 'utf8'), /5\.999 x+\n$/);
    const journal = new Journal();
    journal.info('x');
    await journal.keep(path.join(log, 'below-a-file'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
