import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

test('each trap that docs/flashing.md names has the test it names', () => {
  const rows = [
    ...readFileSync('docs/flashing.md', 'utf8').matchAll(/^\| ([^|]+) \| `([^`]+)`: ([^|]+) \|$/gm),
  ];
  assert.ok(rows.length >= 16, `${rows.length}`);
  for (const [, trap = '', file = '', title = ''] of rows) {
    const titles = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /\btest\(/.test(line));
    assert.ok(
      titles.some((line) => line.includes(title.trim())),
      `${trap}: ${file} has no "${title.trim()}"`,
    );
  }
});
