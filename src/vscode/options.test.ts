import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from './options';

test('options of the right type are kept, everything else is dropped', () => {
  assert.deepEqual(
    parseOptions({ board: 'machine1', port: 1883, wipe: ['a', 3], confirm: true, what: 1 }),
    { board: 'machine1', port: 1883, wipe: ['a'], confirm: true },
  );
  assert.deepEqual(parseOptions({ board: 7, port: 70_000, confirm: 'yes', throws: 1 }), {});
  assert.deepEqual(parseOptions({ port: 1.5, offset: -1 }), {});
  assert.deepEqual(parseOptions({ remove: ['a.py', 1] }), { remove: ['a.py'] });
  assert.deepEqual(parseOptions({ remove: 'a.py' }), {});
  assert.deepEqual(parseOptions({ line: 0 }), {});
  assert.deepEqual(parseOptions({ line: 12 }), { line: 12 });
  assert.deepEqual(parseOptions({ url: 'https://x/y.bin', offset: 0 }), {
    url: 'https://x/y.bin',
    offset: 0,
  });
  for (const nothing of [undefined, null, 'text', 5]) assert.deepEqual(parseOptions(nothing), {});
});
