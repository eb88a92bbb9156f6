import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TracebackFilter, withoutOwnFrames } from './vmTraceback';

const printed =
  'one\x04Traceback (most recent call last):\n' +
  '  File "main.py", line 3, in <module>\n' +
  '  File "/rom/machine.py", line 105, in __init__\n' +
  '  File "/rom/machine.py", line 9, in _check\n' +
  '  File "/romeo.py", line 1, in f\n' +
  "TypeError: can't convert '  File \"/rom/' to int\n" +
  '  File "/rom/x.py", line 1\n>>> ';
const shown =
  'one\x04Traceback (most recent call last):\n' +
  '  File "main.py", line 3, in <module>\n' +
  '  File "/romeo.py", line 1, in f\n' +
  "TypeError: can't convert '  File \"/rom/' to int\n" +
  '  File "/rom/x.py", line 1\n>>> ';

test('frames of our own modules go, and nothing else, however the text is cut', () => {
  assert.equal(withoutOwnFrames(printed), shown);
  for (let size = 1; size < printed.length; size++) {
    const filter = new TracebackFilter();
    let out = '';
    for (let at = 0; at < printed.length; at += size)
      out += filter.pass(printed.slice(at, at + size));
    assert.equal(out, shown, `in pieces of ${size}`);
  }
});

test('outside of a traceback nothing waits', () => {
  const filter = new TracebackFilter();
  for (const text of ['  File', ' "/rom/a.py"', '\n', 'Trace', 'back', '\n', '  Fi'])
    assert.equal(filter.pass(text), text);
});
