import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findLinks } from './tracebackText';

describe('links in a board’s output', () => {
  test('a frame, wherever it stands in the line', () => {
    const line = '  File "lib/a b.py", line 12, in f';
    const [link] = findLinks(line);
    assert.deepEqual(link, { kind: 'frame', at: 2, length: 26, file: 'lib/a b.py', line: 12 });
    assert.equal(line.slice(2, 28), 'File "lib/a b.py", line 12');
  });

  test('a syntax error’s frame, and a line of 0', () => {
    assert.equal(findLinks('  File "main.py", line 7')[0]?.length, 22);
    const [link] = findLinks('File "x.py", line 0');
    assert.equal(link?.kind === 'frame' && link.line, 1);
  });

  test('typed code has no file; words of a program are no link', () => {
    assert.deepEqual(findLinks('  File "<stdin>", line 1, in <module>'), []);
    assert.deepEqual(findLinks('I opened File main.py at line 3'), []);
    assert.deepEqual(findLinks(''), []);
  });

  test('an error carries what to do', () => {
    const [link] = findLinks("  ImportError: no module named 'umqttsimple'  ");
    assert.ok(link?.kind === 'error');
    assert.equal(link.at, 2);
    assert.equal(link.length, "ImportError: no module named 'umqttsimple'".length);
    assert.equal(link.advice.module, 'umqttsimple');
    assert.deepEqual(findLinks('ValueError: x'), []);
  });
});
