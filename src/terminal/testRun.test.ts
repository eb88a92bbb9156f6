import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { junit, testFiles } from './testRun';

test('programs are the .py files below a folder, in order, without helpers', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-tests-'));
  try {
    await mkdir(path.join(folder, 'sub'));
    await mkdir(path.join(folder, '__pycache__'));
    const names = ['b.py', 'a.py', '_helper.py', '.hidden.py', 'notes.txt', 'sub/c.py'];
    for (const name of [...names, '__pycache__/d.py']) await writeFile(path.join(folder, name), '');
    const found = await testFiles(folder);
    assert.deepEqual(
      found.map((file) => path.relative(folder, file)),
      ['a.py', 'b.py', path.join('sub', 'c.py')],
    );
    assert.deepEqual(await testFiles(path.join(folder, '_helper.py')), [
      path.join(folder, '_helper.py'),
    ]);
    await assert.rejects(testFiles(path.join(folder, 'nothing')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('what a program printed cannot break the XML', () => {
  const text = junit([
    { file: 'a&b.py', ok: true, output: '\u0000\u001b[31m<"', seconds: 0.5 },
    { file: 'c.py', ok: false, output: '', error: 'x\n]]> & more\n', seconds: 1 },
  ]);
  assert.match(text, /tests="2" failures="1"/);
  assert.match(
    text,
    /name="a&amp;b\.py" time="0\.5"><system-out>\?\?\[31m&lt;&quot;<\/system-out>/,
  );
  assert.match(text, /<failure message="\]\]&gt; &amp; more">x\n\]\]&gt; &amp; more\n<\/failure>/);
});
