/** asyncio on a virtual board: MicroPython's own scheduler with the board's loop and streams. */
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { TestBoard } from './runtimeTesting';

let board: TestBoard;
afterEach(() => board?.stop());

const JOIN =
  'import network\nw=network.WLAN(network.STA_IF)\nw.active(True)\nw.connect("Parley","secret")\nwhile not w.isconnected(): pass\nimport asyncio\n';

describe('the loop', () => {
  test('gives back what main returns and raises what it raises, whatever else is always due', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`
import asyncio
n = 0
async def busy():
  global n
  while True:
    n += 1
    await asyncio.sleep_ms(0)
async def main(fail):
  asyncio.create_task(busy())
  await asyncio.sleep_ms(20)
  assert asyncio.current_task()
  if fail: raise ValueError('mine')
  return 7
print(asyncio.run(main(False)), n > 2)
try: asyncio.run(main(True))
except ValueError as e: print(repr(e))
asyncio.new_event_loop()
print(asyncio.get_event_loop().run_until_complete(main(False)))
try: asyncio.current_task()
except RuntimeError as e: print(e)
async def nested(): return asyncio.run(main(False)) + 1
print(asyncio.run(nested()))
async def out():
  raise SystemExit
try: asyncio.run(out())
except SystemExit: print('left')
`);
    assert.equal(
      out,
      "7 True\r\nValueError('mine',)\r\n7\r\nno running event loop\r\n8\r\nleft\r\n",
    );
  });

  test('runs for ever until it is stopped, and ends when nobody can wake another', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`
import asyncio
loop = asyncio.get_event_loop()
async def a():
  await asyncio.sleep(0.02)
  loop.stop()
async def never(): await asyncio.Event().wait()
loop.create_task(a())
loop.run_forever()
print('stopped', asyncio.run(never()))
loop.run_forever()
print('ended')
`);
    assert.equal(out, 'stopped None\r\nended\r\n');
  });

  test('cancels, gathers, times out, locks; a task that fails alone is told', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`
import asyncio, machine
from asyncio import CancelledError
async def value(v, ms=5):
  await asyncio.sleep_ms(ms)
  if v is None: raise KeyError('k')
  return v
async def main():
  print(await asyncio.gather(value(1), value(2)), await asyncio.gather(value(1), value(None), return_exceptions=True))
  try: await asyncio.wait_for_ms(value(1, 500), 10)
  except asyncio.TimeoutError: print('late')
  print(await asyncio.wait_for(value(3), 1))
  t = asyncio.create_task(value(1, 500)); await asyncio.sleep_ms(5); print(t.cancel())
  try: await t
  except CancelledError: print('cancelled', t.done())
  lock = asyncio.Lock(); seen = []
  async def turn(i):
    async with lock:
      seen.append(i); await asyncio.sleep_ms(2); seen.append(i)
  await asyncio.gather(turn(1), turn(2)); print(seen)
  flag = asyncio.ThreadSafeFlag()
  timer = machine.Timer(0); timer.init(period=20, mode=machine.Timer.ONE_SHOT, callback=lambda t: flag.set())
  await flag.wait(); print('flag')
  asyncio.create_task(value(None, 1)); await asyncio.sleep_ms(20)
asyncio.run(main())
`);
    assert.match(
      out,
      /^\[1, 2\] \[1, KeyError\('k',\)\]\r\nlate\r\n3\r\nTrue\r\ncancelled True\r\n\[1, 1, 2, 2\]\r\nflag\r\nTask exception wasn't retrieved\r\n[\s\S]*KeyError: k\r\n$/,
    );
  });

  test('uses no CPU while all sleep; Ctrl-C ends it, and it can start again', async () => {
    board = await TestBoard.raw();
    await board.launch(
      'import asyncio\nasync def f(): await asyncio.sleep(1000)\nasync def g():\n  asyncio.create_task(f())\n  await f()\nprint("go")\nasyncio.run(g())',
    );
    await board.until('go\r\n');
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const used = process.cpuUsage(before);
    assert.ok(used.user + used.system < 100_000, `${used.user + used.system} us of CPU`);
    board.type('\x03');
    assert.match((await board.result()).error, /KeyboardInterrupt/);
    assert.equal(await board.run('async def h(): return 5\nprint(asyncio.run(h()))'), '5\r\n');
    await board.launch(
      'async def spin():\n  while True: await asyncio.sleep_ms(0)\nprint("go")\nasyncio.run(spin())',
    );
    await board.until('go\r\n');
    board.type('\x03');
    assert.match((await board.result()).error, /KeyboardInterrupt/);
  });

  test('cannot be led to a browser, however often the frozen part is imported', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`
import sys, asyncio
for again in range(2):
  import _syncio.core
  core = sys.modules['_syncio.core']
  print([n for n, v in core.__dict__.items() if type(v) is type(sys)], hasattr(core, 'js'), hasattr(core, 'jsffi'))
  for name in list(sys.modules):
    if 'syncio' in name: del sys.modules[name]
print('JsProxy' in ' '.join(type(v).__name__ for v in core.__dict__.values()))
try: exec('import asyncio.core')
except ImportError: print('no')
`);
    assert.equal(out, "['sys'] False False\r\n['sys'] False False\r\nFalse\r\nno\r\n");
  });
});

describe('streams', () => {
  test('read in every way, write much, and tell the end', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`${JOIN}
async def serve(r, w):
  print(w.get_extra_info('peername')[0], await r.readline())
  w.write(b'abcdef'); w.write(b'line\\nrest'); await w.drain()
  print(len(await r.readexactly(20000)))
  try: await r.readexactly(10)
  except EOFError: print('short')
  await w.wait_closed(); print('served')
async def main():
  async with await asyncio.start_server(serve, '127.0.0.1', 28131) as server:
    r, w = await asyncio.open_connection('127.0.0.1', 28131)
    await w.awrite(b'hello\\n')
    print(await r.read(3), await r.readexactly(3), await r.readline())
    b = bytearray(4); n = await r.readinto(b); print(n, b)
    w.write(bytes(10000)); w.write(bytes(10000) + b'12345'); await w.drain()
    await w.wait_closed()
    await asyncio.sleep_ms(100)
  await server.wait_closed()
  try: await asyncio.open_connection('127.0.0.1', 28131)
  except OSError as e: print('refused', e.errno)
asyncio.run(main())
`);
    assert.equal(
      out,
      "127.0.0.1 b'hello\\n'\r\nb'abc' b'def' b'line\\n'\r\n4 bytearray(b'rest')\r\n20000\r\nshort\r\nserved\r\nrefused 111\r\n",
    );
  });

  test('a wait for data can be timed out, and the stream lives on; cancelling closes a server', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`${JOIN}
async def serve(r, w):
  await asyncio.sleep_ms(400)
  w.write(b'late'); await w.drain(); w.close(); await w.wait_closed()
async def main():
  server = await asyncio.start_server(serve, '127.0.0.1', 28132)
  r, w = await asyncio.open_connection('127.0.0.1', 28132)
  try: await asyncio.wait_for_ms(r.read(4), 20)
  except asyncio.TimeoutError: print('nothing yet')
  print(await r.read())
  t = asyncio.create_task(server.wait_closed())
  await asyncio.sleep_ms(0); t.cancel()
  try: await t
  except asyncio.CancelledError: print('cancelled')
  await server.wait_closed()
asyncio.run(main())
`);
    assert.equal(out, "nothing yet\r\nb'late'\r\ncancelled\r\n");
  });
});
