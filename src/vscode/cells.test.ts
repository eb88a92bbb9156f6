import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cellsOf, mayBeExpression, sourceOf } from './cells';

describe('cells', () => {
  const lines = ['import x', '', '# %% first', 'a = 1', '#%%', 'b = 2', '', '# 5 %% of'];

  test('a file is cut at its markers, with what stands before the first', () => {
    assert.deepEqual(cellsOf(lines), [
      { first: 0, last: 1, title: '' },
      { first: 2, last: 3, title: 'first' },
      { first: 4, last: 7, title: '' },
    ]);
    assert.deepEqual(cellsOf(['', '# %%', 'x']), [{ first: 1, last: 2, title: '' }]);
    assert.deepEqual(cellsOf(['x', 'y']), []);
    assert.deepEqual(cellsOf([]), []);
  });

  test('a part keeps the numbers of its lines and loses their common indent', () => {
    assert.equal(sourceOf(lines, 2, 3), '\n\n# %% first\na = 1\n');
    const inner = ['def f():', '    if x:', '', '        y = 1', '    z = 2'];
    assert.equal(sourceOf(inner, 1, 4), '\nif x:\n\n    y = 1\nz = 2\n');
    assert.equal(sourceOf(['\ta', ' b'], 0, 1), '\ta\n b\n');
    assert.equal(sourceOf(['x'], 0, 0), 'x\n');
  });

  test('only what may be an expression is asked for its value', () => {
    for (const yes of [
      'os.listdir()',
      'a == 1',
      'f(x=1)',
      '"a=b"',
      'x',
      '[i for i in y]',
      'not a',
    ]) {
      assert.equal(mayBeExpression(yes), true, yes);
    }
    for (const no of [
      'a = 1',
      'a.b += 2',
      'import os',
      'for i in y: pass',
      '',
      '# x',
      '@f',
      'a\nb',
      'x[1] = 2',
      'print(1)',
    ]) {
      assert.equal(mayBeExpression(no), false, no);
    }
  });
});
