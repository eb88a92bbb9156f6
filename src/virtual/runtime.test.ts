import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { TestBoard } from './runtimeTesting';

let board: TestBoard;
afterEach(() => board?.stop());

describe('the prompt', () => {
  test('comes with the banner of the board, well under a second after the start', async () => {
    board = await TestBoard.start();
    const began = performance.now();
    const said = await board.until('>>> ');
    assert.match(said, /MicroPython v1\.27\.0 on .*; Parley virtual board with ESP32\r\n/);
    assert.ok(performance.now() - began < 2000);
    board.type('1+1\r');
    assert.match(await board.until('>>> '), /\r\n2\r\n/);
  });

  test('has no names in it that a program did not make', async () => {
    board = await TestBoard.raw();
    assert.match(await board.raises('print(sys)'), /NameError: name 'sys'/);
    assert.match(await board.raises('_host'), /NameError/);
    assert.equal(await board.run('print([n for n in dir() if n[0] != "_"])'), '[]\r\n');
  });

  test('shows the board of an ESP32 to a program that asks', async () => {
    board = await TestBoard.raw();
    const out = await board.run(
      'import sys, os, machine\nprint(sys.platform, sys.implementation.name, os.uname().sysname)\n' +
        'print(machine.unique_id(), machine.reset_cause() == machine.PWRON_RESET)\n' +
        'print(sys.path, len(os.urandom(7)))',
    );
    assert.match(out, /^esp32 micropython esp32\r\n/);
    assert.match(out, /b'\$o\(\\xaa\\xbb\\xcc' True/);
    assert.match(out, /\['', '\.frozen', '\/lib'.*\] 7/);
  });

  test('raw paste: 256 bytes of credit at the start, one byte a window, any byte in the code', async () => {
    board = await TestBoard.raw();
    board.type('\x05A\x01');
    await board.until('R\x01\x80\x00\x01');
    const code = `s='${'x'.repeat(300)}\u00e9\x01'\nprint(len(s))\n`;
    const bytes = Buffer.from(code);
    board.type(bytes.toString('latin1'));
    await board.until('\x01'.repeat(2));
    board.type('\x04');
    assert.equal(await board.until('\x04'), '\x04');
    assert.deepEqual(await board.result(), { out: '302\r\n', error: '' });
    board.type('\x05A\x01');
    await board.until('R\x01\x80\x00\x01');
    board.type('1/0\x04');
    await board.until('\x04');
    assert.match((await board.result()).error, /ZeroDivisionError/);
  });

  test('1.13 knows no raw paste: it answers with the banner of the raw prompt', async () => {
    board = await TestBoard.start({ firmwareVersion: '1.13' });
    assert.match(await board.until('>>> '), /MicroPython v1\.13 on .*ESP32\r\n/);
    board.type('\x01');
    await board.until('raw REPL; CTRL-B to exit\r\n>');
    board.type('\x05A\x01');
    assert.equal(await board.until('>'), 'raw REPL; CTRL-B to exit\r\n>');
    assert.equal(await board.run('import os; print(os.uname().release)'), '1.13.0\r\n');
    board.type('\x02');
    assert.match(await board.until('>>> '), /MicroPython v1\.13/);
  });
});

describe('Ctrl-C', () => {
  for (const [what, code] of [
    ['a tight loop', 'print("go")\nwhile True: pass'],
    ['a sleep', 'import time\nprint("go")\ntime.sleep(1000)'],
    ['input()', 'print("go")\ninput()'],
    ['a read', 'import sys\nprint("go")\nsys.stdin.read(1)'],
    [
      'asyncio',
      'import asyncio\nasync def f(): await asyncio.sleep(1000)\nprint("go")\nasyncio.run(f())',
    ],
    ['a flood of output', 'while True: print("go")'],
    [
      'a datagram that does not come',
      'import network, socket\nw=network.WLAN(0); w.active(True); w.connect("Open")\n' +
        'while not w.isconnected(): pass\ns=socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n' +
        's.bind(("127.0.0.1",0))\nprint("go")\ns.recv(1)',
    ],
    [
      'a socket',
      'import network, socket\nw=network.WLAN(0); w.active(True); w.connect("Open")\n' +
        'while not w.isconnected(): pass\ns=socket.socket(); s.bind(("",0)); s.listen(1)\nprint("go")\ns.accept()',
    ],
  ] as const)
    test(`stops ${what}`, async () => {
      board = await TestBoard.raw();
      await board.launch(code);
      await board.until('go\r\n');
      board.type('\x03');
      const { error } = await board.result();
      assert.match(error, /KeyboardInterrupt: \r\n$/);
      assert.equal(await board.run('print(6*7)'), '42\r\n');
    });

  test('stops boot.py, and main.py is not run then', async () => {
    board = await TestBoard.start({
      files: { 'boot.py': 'print("boot")\nwhile True: pass\n', 'main.py': 'print("main")\n' },
    });
    // install() starts boards of its own; the files come into force here.
    await board.until('boot\r\n');
    board.type('\x03');
    const said = await board.until('>>> ');
    assert.match(said, /File "boot\.py", line 2.*KeyboardInterrupt/s);
    assert.doesNotMatch(said, /main\r\n|stdin/);
  });

  test('in a function of the firmware shows the frames of the user alone', async () => {
    const program = 'import time\ndef nap():\n time.sleep(9)\nprint("go")\nnap()\n';
    board = await TestBoard.start({ files: { 'main.py': program } });
    await board.until('go\r\n');
    board.type('\x03');
    const said = await board.until('>>> ');
    assert.match(
      said,
      /File "main\.py", line 5, in <module>\r\n {2}File "main\.py", line 3, in nap\r\nKeyb/,
    );
    assert.doesNotMatch(said, /rom/);
  });

  test('at the prompt, and in what a program prints of an error, the frames are the user’s too', async () => {
    board = await TestBoard.start();
    await board.until('>>> ');
    board.type('import machine; machine.Pin("x")\r');
    const prompt = await board.until('\r\n>>> ');
    assert.match(prompt, /File "<stdin>", line 1, in <module>\r\nTypeError/);
    board.type(
      'import sys\rtry: machine.Pin("x")\rexcept Exception as e: sys.print_exception(e)\r\r\r',
    );
    const printed = await board.until('TypeError');
    assert.match(printed, /Traceback[^]*File "<stdin>"/);
    assert.doesNotMatch(prompt + printed, /rom/);
  });

  test('is a byte like any other after kbd_intr(-1)', async () => {
    board = await TestBoard.raw();
    await board.launch(
      'import sys, micropython\nmicropython.kbd_intr(-1)\nprint("go")\nd=sys.stdin.buffer.read(3)\nmicropython.kbd_intr(3)\nprint(d)',
    );
    await board.until('go\r\n');
    board.type('a\x03b');
    assert.equal((await board.result()).out, "b'a\\x03b'\r\n");
  });

  test('that comes with the program still stops it', async () => {
    board = await TestBoard.raw();
    board.type('while True: pass\x04\x03');
    await board.until('OK');
    assert.match((await board.result()).error, /KeyboardInterrupt/);
  });
});

describe('soft reset', () => {
  const files = { 'boot.py': 'print("boot")\nx=41\n', 'main.py': 'x+=1\nprint("main", x)\n' };

  test('at the friendly prompt runs boot.py, then main.py with its names', async () => {
    board = await TestBoard.start({ files });
    assert.match(await board.until('>>> '), /boot\r\nmain 42\r\n/);
    board.type('y=1\r');
    await board.until('>>> ');
    board.type('\x04');
    assert.match(await board.until('>>> '), /MPY: soft reboot\r\nboot\r\nmain 42\r\n/);
    board.type('y\r');
    assert.match(await board.until('>>> '), /NameError/);
  });

  test('in raw mode stays raw and runs boot.py alone', async () => {
    board = await TestBoard.raw({ files });
    board.type('\x04');
    const said = await board.until('raw REPL; CTRL-B to exit\r\n>');
    assert.equal(said, 'OK\r\nMPY: soft reboot\r\nboot\r\nraw REPL; CTRL-B to exit\r\n>');
    assert.equal(await board.run('print(x)'), '41\r\n');
  });

  test('follows sys.exit() of main.py and of the prompt', async () => {
    board = await TestBoard.start({
      files: {
        'main.py':
          'import os, sys\nif "again" in os.listdir(): print("second")\nelse:\n open("again","w").close()\n sys.exit()\n',
      },
    });
    assert.match(await board.until('>>> '), /MPY: soft reboot\r\nsecond\r\n/);
    board.type('import machine; machine.soft_reset()\r');
    await board.until('MPY: soft reboot\r\n');
    await board.until('>>> ');
  });

  test('leaves no socket and no timer of the program before', async () => {
    board = await TestBoard.raw();
    await board.run(
      'import machine\nt=machine.Timer(0)\nt.init(period=5, callback=lambda t: print("tick"))\nimport time\ntime.sleep_ms(50)',
    );
    board.type('\x04');
    await board.until('raw REPL; CTRL-B to exit\r\n>');
    assert.equal(await board.run('import time\ntime.sleep_ms(50)\nprint("quiet")'), 'quiet\r\n');
  });
});

describe('reset', () => {
  test('machine.reset() asks for a hard reset and the board stands still', async () => {
    board = await TestBoard.raw();
    await board.launch('import machine\nprint("bye")\nmachine.reset()\nprint("never")');
    // What was printed comes in pieces, at the pace of the line, and may be behind the request.
    const over = (): boolean => board.resets.length > 0 && board.said !== '';
    await board.when(over, 'waiting for the reset');
    assert.deepEqual(board.resets, [{ cause: 'software', afterMs: undefined }]);
    assert.equal(board.said, 'bye\r\n');
  });

  test('deep sleep says for how long; a watchdog nobody feeds resets out of a tight loop', async () => {
    board = await TestBoard.raw();
    await board.launch('import machine\nmachine.deepsleep(1500)');
    await board.when(() => board.resets.length > 0, 'waiting for the reset');
    assert.deepEqual(board.resets, [{ cause: 'deep-sleep', afterMs: 1500 }]);
    await board.stop();
    board = await TestBoard.raw();
    await board.launch('import machine\nmachine.WDT(timeout=100)\nwhile True: pass');
    await board.when(() => board.resets.length > 0, 'waiting for the watchdog');
    assert.equal(board.resets[0]!.cause, 'watchdog');
  });
});

describe('memory', () => {
  test('is that of a chip: about 160 KB, MemoryError when it is full, and the board goes on', async () => {
    board = await TestBoard.raw();
    const free = Number(await board.run('import gc\ngc.collect()\nprint(gc.mem_free())'));
    assert.ok(free > 140_000 && free < 200_000, `${free} bytes free`);
    const error = await board.raises('def f():\n l=[]\n while True: l.append(bytes(500))\nf()');
    assert.match(error, /MemoryError/);
    const again = Number(await board.run('gc.collect()\nprint(gc.mem_free())'));
    assert.ok(again > free - 10_000, `${again} of ${free} bytes free again`);
  });

  test('that a program has filled for good is free again after a soft reset', async () => {
    board = await TestBoard.raw();
    assert.match(await board.raises('l=[]\nwhile True: l.append(bytes(500))'), /MemoryError/);
    board.type('\x04');
    await board.until('raw REPL; CTRL-B to exit\r\n>');
    assert.equal(await board.run('print(len(bytes(100000)))'), '100000\r\n');
  });

  test('is collected anywhere, with what a program still uses left alone', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`
class Node:
  def __init__(self, v, n): self.v = v; self.n = n
def work(k):
  head = None
  d = {}
  for j in range(60):
    l = ['value %d' % i for i in range(200)]
    head = Node(l, head if j % 7 else None)
    d[j % 9] = sorted([str(i * 7919 % 1000) for i in range(100)], key=lambda s: (len(s), s + 'x' * 20))
    g = (str(x) + 'y' for x in range(50))
    assert ''.join(g).count('y') == 50
    assert l[5] == 'value 5' and l[199] == 'value 199'
    for q in d.values(): assert q[0] == '0' and len(q) == 100, q[:3]
    n = head; c = 0
    while n: assert n.v[7] == 'value 7'; n = n.n; c += 1
  return c
for k in range(6): work(k)
import gc
gc.collect()
print(gc.mem_free() > 120000)
x = 1.5
for i in range(200000): x = x * 1.0000001
print(gc.mem_alloc() < 100000)
`);
    assert.equal(out, 'True\r\nTrue\r\n');
  });

  test('recursion ends in a RuntimeError', async () => {
    board = await TestBoard.raw();
    assert.match(await board.raises('def f(): f()\nf()'), /RuntimeError/);
    await board.run('l=[]\nfor i in range(1500): l=[l]\nprint(repr(l))');
    assert.equal(await board.run('print("on")'), 'on\r\n');
  });
});

describe('output', () => {
  test('waits for the line: no more than a kilobyte is on its way', async () => {
    board = await TestBoard.raw();
    board.held = true;
    board.type('for i in range(100): print("x"*100)\nprint("end")\x04');
    await board.until('OK');
    board.release();
    board.held = true;
    await board.when(() => board.said.length > 0, 'waiting for the first bytes');
    assert.ok(board.said.length < 2048, `${board.said.length} bytes were sent at once`);
    board.release();
    const { out } = await board.result();
    assert.equal(out.length, 100 * 102 + 5);
  });

  test('a timer ticks in a tight loop, in a sleep and at the prompt', async () => {
    board = await TestBoard.raw();
    const out = await board.run(
      'from machine import Timer\nimport time\nn=[0]\ndef count(t): n[0]+=1\nt=Timer(0)\nt.init(period=10, callback=count)\n' +
        'while n[0] < 5: pass\nprint("loop")\nn[0]=0\ntime.sleep_ms(300)\nprint(n[0] > 5)\nn[0]=0',
    );
    assert.equal(out, 'loop\r\nTrue\r\n');
    await board.run(
      't.deinit()\nt.init(mode=Timer.ONE_SHOT, period=20, callback=lambda t: print("once"))',
    );
    await board.until('once\r\n');
  });
});

describe('stdin and stdout', () => {
  test('text ends a line at Enter and holds any character; bytes are bytes', async () => {
    board = await TestBoard.raw();
    await board.launch(
      'import sys\nprint("go")\na=sys.stdin.readline()\nprint(a, sys.stdin.read(2))',
    );
    await board.until('go\r\n');
    board.type(Buffer.from('gr\u00fc\u00df\r\u00e4\u20ac').toString('latin1'));
    const out = Buffer.from((await board.result()).out, 'latin1').toString();
    assert.equal(out, 'gr\u00fc\u00df\r\n \u00e4\u20ac\r\n');
    await board.launch('print("go")\nx=input("name? ")\nprint(x, len(x))');
    await board.until('name? ');
    board.type(Buffer.from('J\u00f6rgx\b\r').toString('latin1'));
    assert.match(Buffer.from((await board.result()).out, 'latin1').toString(), /J\u00f6rg 4/);
    assert.equal(await board.run('n=sys.stdout.buffer.write(b"a\\nb\\x00\\xff")'), 'a\nb\x00\xff');
    await board.launch('print("go")\nb=bytearray(4)\nsys.stdin.buffer.readinto(b)\nprint(b)');
    await board.until('go\r\n');
    board.type('a\r\x00\xff');
    assert.equal((await board.result()).out, "bytearray(b'a\\r\\x00\\xff')\r\n");
  });
});

after(() => undefined);
