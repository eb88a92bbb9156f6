/**
 * Programs of about a hundred lines, which cover the language and the modules of a board; what they
 * must print stands beside each of them. And the conformance page: each of its lines names a test that
 * is there. Below: dist/virtual/main.js, test/programs. Above: nothing.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { quietJob } from '../../src/core/job';
import { notBuilt, startVirtualBoard, withPrompt } from './support';

const FOLDER = 'test/programs';
const programs = readdirSync(FOLDER).filter((name) => name.endsWith('.py'));
const PAGE = 'docs/virtual-board.md';

describe('programs on a virtual board', { skip: notBuilt, timeout: 120_000 }, () => {
  for (const file of programs) {
    test(`${file} prints what stands beside it`, async () => {
      const board = await startVirtualBoard();
      try {
        const code = readFileSync(`${FOLDER}/${file}`, 'utf8');
        const printed = await withPrompt(board, (repl) => repl.exec(code, quietJob()));
        const wanted = readFileSync(`${FOLDER}/${basename(file, '.py')}.out`, 'utf8');
        assert.deepEqual(printed.replaceAll('\r\n', '\n').split('\n'), wanted.split('\n'));
      } finally {
        await board.stop();
      }
    });
  }
});

test('each line of the conformance page is backed by a test that is there', () => {
  const lines = readFileSync(PAGE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.includes('`') && !line.startsWith('| ---'));
  assert.ok(lines.length >= 20, `${lines.length} lines`);
  for (const line of lines) {
    const files = [...line.matchAll(/`((?:src|test)\/[\w/.-]+)`/g)].map(([, file]) => file!);
    assert.ok(files.length > 0, `no test is named: ${line}`);
    for (const file of files) assert.ok(existsSync(file), `${file} is not there: ${line}`);
    for (const [, title] of line.matchAll(/“([^”]+)”/g)) {
      const found = files.some((file) => readFileSync(file, 'utf8').includes(title!));
      assert.ok(found, `no test of ${files.join(', ')} is called “${title}”`);
    }
  }
});
