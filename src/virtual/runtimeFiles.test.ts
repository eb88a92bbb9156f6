import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { MemoryFlash } from './flash';
import { TestBoard } from './runtimeTesting';

let board: TestBoard;
afterEach(() => board?.stop());

describe('the files of a board', () => {
  test('are those of a new board at first, and statvfs tells the size', async () => {
    board = await TestBoard.raw();
    const out = await board.run(
      'import os\nprint(os.listdir(), os.getcwd())\ns=os.statvfs("/")\nprint(s[0]*s[2], s[0]*s[3] > 1900000)',
    );
    assert.equal(out, "['boot.py'] /\r\n2097152 True\r\n");
  });

  test('what was closed, flushed, renamed or made is kept when the power goes a moment later', async () => {
    const flash = new MemoryFlash();
    board = await TestBoard.raw({ flash });
    await board.launch(`
import os
with open('a.txt','w') as f: f.write('closed')
f=open('b.txt','wb'); f.write(b'flushed'); f.flush(); f.write(b' lost')
os.mkdir('lib'); os.mkdir('/lib/umqtt')
open('/lib/umqtt/x.py','w').write('q=1')
import gc; gc.collect()
with open('old','w') as g: g.write('renamed')
os.rename('old','new')
with open('gone','w') as g: g.write('x')
os.remove('gone')
print('now')
while True: pass`);
    await board.until('now\r\n');
    await board.stop();
    board = await TestBoard.raw({ flash });
    const out = await board.run(
      'import os\nprint(sorted(os.listdir()), os.listdir("/lib"))\nfor n in ("a.txt","b.txt","new"): print(open(n).read())',
    );
    assert.equal(
      out,
      "['a.txt', 'b.txt', 'boot.py', 'lib', 'new'] ['umqtt']\r\nclosed\r\nflushed\r\nrenamed\r\n",
    );
  });

  test('are gone when their flash is erased', async () => {
    const flash = new MemoryFlash();
    board = await TestBoard.raw({ flash, files: { 'main.py': 'print("hello")\n' } });
    await board.stop();
    flash.erase(0, flash.size);
    board = await TestBoard.raw({ flash });
    assert.equal(await board.run('import os; print(os.listdir())'), "['boot.py']\r\n");
  });

  test('fill the flash and no more: ENOSPC, and the board goes on', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`
import os
b=bytes(8192); n=0
f=open('big','wb')
try:
  while True: n+=f.write(b)
except OSError as e: print(e.errno, n > 1900000)
f.close()
print(os.stat('big')[6] == n, os.statvfs('/')[3] < 4)
os.remove('big')
print(os.statvfs('/')[3] > 470)`);
    assert.equal(out, '28 True\r\nTrue True\r\nTrue\r\n');
  });

  test('lie in their partition: a copy of it brings them along, an erase takes them', async () => {
    board = await TestBoard.raw();
    await board.run("f = open('kept.txt', 'w'); f.write('in the flash'); f.close()");
    await board.stop();
    const [from, length] = [0x20_0000, 0x20_0000];
    const region = board.flash.read(from, length).slice();
    assert.ok(Buffer.from(region).includes('in the flash'), 'what read_flash gives has no file');
    assert.ok(
      Buffer.from(board.flash.read(0x1_0000, 0x1f_0000)).every((byte) => byte === 0xff),
      'something of it lies elsewhere',
    );
    const list = "import os; print('kept.txt' in os.listdir('/'))";

    const other = new MemoryFlash();
    other.program(from, region);
    board = await TestBoard.raw({ flash: other });
    assert.equal(
      await board.run(`${list}; print(open('kept.txt').read())`),
      'True\r\nin the flash\r\n',
    );
    await board.stop();

    other.erase(0, 0x40_0000);
    board = await TestBoard.raw({ flash: other });
    assert.equal(await board.run(list), 'False\r\n');
  });

  test('are opened, read, written and listed as MicroPython has it', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`
import os
with open('t','w') as f: print(f.write('one\\ntwo\\n'))
with open('t','a') as f: f.write('three')
with open('t') as f: print(f.readline(), f.readlines())
with open('t','rb') as f: f.seek(-5,2); print(f.read(), f.tell())
with open('t','r+b') as f: f.seek(1); f.write(b'X')
print(open('t','rb').read())
print(os.stat('t')[6], list(os.ilistdir('/')))
for bad in ('open("none")','os.mkdir("t")','os.rmdir("t")','os.listdir("none")','os.chdir("none")','os.remove("none")','open("none/x","w")','open("/rom/machine.py","w")'):
  try: exec(bad); print('?')
  except OSError as e: print(e.errno)
os.mkdir('d'); os.chdir('d'); open('x','w').close(); print(os.getcwd(), os.listdir(), os.listdir('..'))
`);
    assert.equal(
      out,
      "8\r\none\r\n ['two\\n', 'three']\r\nb'three' 13\r\nb'oXe\\ntwo\\nthree'\r\n" +
        "13 [('boot.py', 32768, 0, 139), ('t', 32768, 0, 13)]\r\n" +
        "2\r\n17\r\n20\r\n2\r\n2\r\n2\r\n2\r\n30\r\n/d ['x'] ['boot.py', 't', 'd']\r\n",
    );
  });

  test('modules are found in the root, in /lib, and in what the board has built in', async () => {
    board = await TestBoard.raw();
    const out = await board.run(
      'import os\nopen("own.py","w").write("v=1")\nos.mkdir("lib")\nopen("lib/lib1.py","w").write("v=2")\n' +
        'import gc; gc.collect()\nimport own, lib1, umqtt.simple, umqtt.robust, ntptime, uasyncio, utime, ujson, ustruct, ubinascii, ure, uos, uio, usocket, uselect, uhashlib\n' +
        'import machine, network, esp, esp32, array, random, json, collections, framebuf, deflate\nprint(own.v, lib1.v)',
    );
    assert.equal(out, '1 2\r\n');
  });
});
