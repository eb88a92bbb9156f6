/** Programs on a board that try to get out of it. Each must end in nothing. */
import assert from 'node:assert/strict';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { TestBoard } from './runtimeTesting';

let board: TestBoard;
let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-secret-'));
  writeFileSync(join(folder, 'secret.txt'), 'the secret of the host');
});
after(() => rmSync(folder, { recursive: true }));
afterEach(() => board?.stop());

/** Finds whatever of JavaScript an object leads to, through attributes, items and calls. */
const WALK = `
def proxies(root, depth=5):
  seen = []
  found = []
  todo = [(root, 0, '')]
  while todo and len(seen) < 600:
    o, d, path = todo.pop()
    i = id(o)
    if i in seen: continue
    seen.append(i)
    if type(o).__name__ == 'JsProxy': found.append((path, o))
    if d >= depth: continue
    if isinstance(o, dict):
      for k in list(o.keys()): todo.append((o[k], d+1, path + '[%r]' % (k,)))
    elif isinstance(o, (list, tuple)):
      for k in range(len(o)): todo.append((o[k], d+1, path + '[%d]' % k))
    if isinstance(o, (int, str, bytes, float, bytearray)) or o is None: continue
    for n in ('__globals__','__dict__','__class__','__self__','__closure__','__init__','__call__'):
      try: todo.append((getattr(o, n), d+1, path + '.' + n))
      except Exception: pass
  return found
`;

describe('a program cannot', () => {
  for (const name of ['js', 'jsffi', '_host', 'node', 'process', 'pyodide', '\\x01\\x01'])
    test(`import ${name}, by any way of importing`, async () => {
      board = await TestBoard.raw();
      const out = await board.run(`
import sys, builtins, io
n='${name}'
def attempt(f):
  try: return 'GOT %r' % (f(),)
  except (ImportError, KeyError, AttributeError, TypeError, SyntaxError, ValueError): return 'no'
def by_exec():
  exec('import ' + n); return n
print(attempt(by_exec), attempt(lambda: __import__(n)), attempt(lambda: builtins.__import__(n)), attempt(lambda: sys.modules[n]),
  attempt(lambda: __import__('u' + n)), attempt(lambda: __import__('.' + n, None, None, None, 1)), n in str(sys.modules.keys()))
for key in list(sys.modules): del sys.modules[key]
print(attempt(lambda: __import__(n)))
import asyncio
print(attempt(lambda: getattr(asyncio, n)))`);
      assert.equal(out, 'no no no no no no False\r\nno\r\nno\r\n');
    });

  test('find the functions of the board under the names they had', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`
import sys, socket, machine, network, time, os, select, hashlib
for m in (sys, socket, machine, network, time, os, select, hashlib):
  print(hasattr(m, '_host') or hasattr(m, '_h'), end=' ')`);
    assert.equal(out, 'False '.repeat(8));
  });

  test('do anything with a function of the board but call it with numbers and text', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`${WALK}
import sys
f = []
for m in list(sys.modules.values()): f += proxies(m)
print(len(f) > 5)
bad = 0
for path, o in f:
  for n in ('constructor','__proto__','prototype','call','apply','bind','caller','arguments','toString','process','require','globalThis','then','new','to_js','length','name','typeof','_ref'):
    try:
      v = getattr(o, n)
      # MicroPython itself gives a proxy a way to say "new": it makes nothing.
      if n == 'new' and v() is not None and 'undefined' not in repr(v()): bad += 1; print(path, n, v())
      if n != 'new': bad += 1; print(path, n, v)
    except AttributeError: pass
  for k in (0, 'constructor', '__proto__'):
    try:
      v = o[k]
      if v is not None and 'undefined' not in repr(v): bad += 1; print(path, k, v)
    except Exception: pass
  try:
    for x in o: bad += 1; print(path, 'iterates')
  except Exception: pass
  try: o.x = 1
  except Exception: pass
  if hasattr(o, 'x'): bad += 1; print(path, 'keeps')
print(bad)`);
    assert.equal(out, 'True\r\n0\r\n');
  });

  test('make the host of a string: no code, no names, no file', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`${WALK}
import sys
f = []
for m in list(sys.modules.values()): f += proxies(m)
code = "globalThis.process.mainModule.require('fs').readFileSync('${folder}/secret.txt','utf8')"
bad = 0
# Those that wait or reset, as they should.
skip = ('_reset', '_sleep', '_get', '_wait', '_accept', '_glance', '_watchdog', '_timer', '_tx')
for path, o in f:
  if any(s in path for s in skip): continue
  for args in ((), (code,), (code, code), (code, code, code), ({}, [], lambda: 1), (1<<30, 100), (1<<29, 1<<29, 1<<29)):
    try:
      v = o(*args)
      if 'secret' in repr(v) or 'JsProxy' in repr(v): bad += 1; print(path, args, v)
    except Exception: pass
print(bad)`);
    assert.match(out, /0\r\n$/);
    assert.doesNotMatch(out, /the secret/);
    assert.equal(await board.run('print("alive")'), 'alive\r\n');
  });

  test('read a file of the computer through any file system', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`
import vfs, os
names = ['${folder}/secret.txt', '/etc/passwd', '../../etc/passwd', '/flash/../etc/passwd', '/dev/tty', '/proc/self/environ', '//etc/passwd', '/./../etc/hostname']
for i in range(2):
  for n in names:
    try: print('GOT', n, open(n).read())
    except OSError: pass
  for root in ('/', '', '.', '..', '/flash/..', '${folder}', '/proc'):
    try:
      v = vfs.VfsPosix(root)
      vfs.mount(v, '/m')
      for d in ('/m', '/m/etc', '/m/proc', '/m/..', '/m/flash/../..'):
        try:
          for e in os.listdir(d):
            if e in ('etc', 'passwd', 'proc', 'root', 'tmp', 'secret.txt', 'work'): print('GOT', d, e)
        except OSError: pass
      vfs.umount('/m')
    except (OSError, TypeError): pass
print('none')`);
    assert.equal(out, 'none\r\n');
  });

  test('reach memory beyond its own: that is a panic, and the board starts again', async () => {
    board = await TestBoard.raw();
    await board.launch(
      'import uctypes\nb = uctypes.bytearray_at(0x7fffff00, 16)\nprint(bytes(b))\nprint("GOT")',
    );
    const said = await board.until('Rebooting...\r\n');
    assert.match(said, /Guru Meditation Error/);
    assert.doesNotMatch(said, /GOT/);
    await board.when(() => board.resets.length > 0, 'waiting for the reset');
  });
});
