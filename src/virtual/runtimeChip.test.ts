/** What a program can ask of the chip itself: partitions, the flash past the files, and names. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, before, describe, test } from 'node:test';
import { MemoryFlash } from './flash';
import { TestBoard } from './runtimeTesting';

let board: TestBoard;
afterEach(() => board?.stop());

describe('the flash of a board, past its files', () => {
  let image: Buffer;
  before(() => {
    const dir = mkdtempSync(join(tmpdir(), 'parley-image-'));
    execFileSync(process.execPath, ['scripts/makeVirtualImage.mjs', join(dir, 'image.bin')]);
    image = readFileSync(join(dir, 'image.bin'));
    rmSync(dir, { recursive: true });
  });

  /** A board with MicroPython in its flash. */
  async function flashed(): Promise<TestBoard> {
    const flash = new MemoryFlash();
    flash.program(0x1000, image);
    return (board = await TestBoard.raw({ flash }));
  }

  test('esp32.Partition: those of the table, which runs, and what is in them', async () => {
    await flashed();
    const out = await board.run(`
from esp32 import Partition
print(Partition(Partition.RUNNING).info(), Partition(Partition.BOOT).info()[4])
print([p.info()[4] for p in Partition.find(Partition.TYPE_DATA)], len(Partition.find()))
vfs = Partition('vfs')
print(vfs, vfs.ioctl(4, 0), vfs.ioctl(5, 0), Partition.find(1, subtype=0x81) != [])
buf = bytearray(4)
Partition('factory').readblocks(0, buf); print(buf)
Partition('factory').readblocks(1, buf, 4); print(buf == bytearray(4), len(buf))
for bad in (lambda: Partition('none'), vfs.get_next_update, vfs.set_boot, lambda: vfs.readblocks(512, buf), lambda: vfs.writeblocks(0, buf)):
  try: bad()
  except OSError as e: print(e)`);
    const [first, second, third, start, , ...errors] = out.trim().split('\r\n');
    assert.equal(first, "(0, 0, 65536, 2031616, 'factory', False) factory");
    assert.equal(second, "['nvs', 'phy_init', 'vfs'] 1");
    assert.match(
      third!,
      /^<Partition type=1, subtype=\d+, address=2097152, size=2097152, label=vfs, encrypted=0> 512 4096/,
    );
    // The header of an application: magic, segments, and so on.
    assert.ok(start!.startsWith("bytearray(b'\\xe9"), start);
    assert.deepEqual(errors, [
      '[Errno 2] ENOENT',
      '[Errno 2] ENOENT',
      "(-261, 'ESP_ERR_NOT_FOUND')",
      "(-260, 'ESP_ERR_INVALID_SIZE')",
      // A real board would let a program write over its own files.
      "(-269, 'ESP_ERR_NOT_ALLOWED')",
    ]);
  });

  test('esp.flash_read and its like, and blocks that are written, are the chip’s own bytes', async () => {
    await flashed();
    const out = await board.run(`
import esp, esp32
phy = esp32.Partition('phy_init')
phy.writeblocks(0, b'calibrated')
phy.writeblocks(0, bytearray(b'\\x00'), 9)
print(esp.flash_read(phy.info()[2], 11), esp.flash_size())
buf = bytearray(2); esp.flash_read(0x1000, buf); print(buf[0] == 0xe9)
print(phy.ioctl(6, 0), esp.flash_read(0xf000, 3))
esp.flash_write(0xf000, b'ab'); esp.flash_write(0xf001, b'\\x00'); print(esp.flash_read(0xf000, 3))
esp.flash_erase(15); print(esp.flash_read(0xf000, 3))
try: esp.flash_read(esp.flash_size(), 1)
except OSError as e: print(e.errno)
esp.flash_write(0xf000, b'kept')`);
    assert.equal(
      out,
      "b'calibrate\\x00\\xff' 4194304\r\nTrue\r\n0 b'\\xff\\xff\\xff'\r\nb'a\\x00\\xff'\r\nb'\\xff\\xff\\xff'\r\n-260\r\n",
    );
    await board.stop();
    assert.equal(Buffer.from(board.flash.read(0xf000, 4)).toString(), 'kept');
  });
});

describe('the modules of a board', () => {
  test('a servo by nanoseconds, an access point by name, a clock that is set right, a nap', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`
import machine, network, ntptime, time, micropython
micropython.alloc_emergency_exception_buf(100)
servo = machine.PWM(machine.Pin(18), freq=50, duty_ns=1500000)
print(servo.duty_u16(), servo.duty_ns() // 1000)
servo.init(duty_ns=20000000); print(servo.duty_u16())
try: servo.duty_ns(20000001)
except ValueError as e: print(e)
ap = network.WLAN(network.AP_IF)
ap.config(ssid='Lab', password='12345678', authmode=network.AUTH_WPA2_PSK)
print(ap.config('ssid'), ap.config('essid'), ap.active(True), ap.ifconfig()[0], ap.isconnected())
machine.RTC().datetime((2001, 2, 3, 5, 4, 5, 6, 0))
wrong = time.localtime()[0]; ntptime.settime()
print(wrong, time.localtime()[0] > 2024, abs(ntptime.time() - time.time()) < 5)
t = time.ticks_ms(); machine.lightsleep(40); print(time.ticks_diff(time.ticks_ms(), t) >= 39)
print(time.time() - time.mktime((2000, 1, 1, 0, 0, 0, 0, 0)) > 8e8, time.gmtime(0)[:3])`);
    assert.equal(
      out,
      '4915 1499\r\n65535\r\nduty_ns must be from 0 to 20000000ns\r\n' +
        'Lab Lab True 192.168.4.1 False\r\n2001 True True\r\nTrue\r\nTrue (2000, 1, 1)\r\n',
    );
    assert.equal(board.world.pins.find(({ pin }) => pin === 18)?.duty, 65535);
  });

  test('files have the kind, the size and one time, as on littlefs', async () => {
    board = await TestBoard.raw();
    const out = await board.run(`
import os, time
open('t', 'w').write('four'); os.mkdir('d'); import gc; gc.collect()
s = os.stat('t'); print(s[:7], s[7] == s[8] == s[9], abs(s[8] - time.time()) < 60, os.stat('d')[:7])`);
    const wanted = '(32768, 0, 0, 0, 0, 0, 4) True True (16384, 0, 0, 0, 0, 0, 0)\r\n';
    assert.equal(out, wanted);
  });

  test('help(’modules’) lists what can be imported, and all that is built in', async () => {
    board = await TestBoard.raw();
    const said = await board.run("help('modules')");
    const listed = said.split('Plus any')[0]!.trim().split(/\s+/);
    const built = readdirSync('firmware/virtual')
      .filter((name) => /^[a-z].*\.py$/.test(name))
      .map((name) => name.slice(0, -3));
    assert.deepEqual(
      built.filter((name) => !listed.includes(name)),
      [],
    );
    const names = listed
      .filter((name) => name !== '__main__')
      .map((name) => name.replace('/', '.'));
    for (const name of names) await board.run(`import ${name}`);
    assert.ok(names.length > 35, `${names.length}`);
  });

  test('each name that the stubs promise an editor is there, but those the page of differences tells', async () => {
    // Classes and functions that a virtual board has no part for; docs/virtual-board.md says so.
    const absent =
      /^(machine\.(I2S|SDCard|bootloader)|network\.(LAN|PHY_LAN8720)|esp32\.(PCNT|RMT|ULP|idf_task_info)|os\.(AbstractBlockDev|VfsFat|VfsLfs2))\b/;
    // Names that only an object has, and what other ports have.
    const elsewhere =
      /^(machine\.(SoftI2C\.|dht_readinto)|network\.STAT_CONNECT_FAIL|ssl\.(SSLContext\.|SSLSocket)|neopixel\.NeoPixel\.|onewire\.OneWire\.pin|socket\.SO_BINDTODEVICE|micropython\.(native|viper|asm_|heap_locked)|sys\.(atexit|settrace|tracebacklimit))/;
    board = await TestBoard.raw();
    const page = readFileSync('docs/virtual-board.md', 'utf8');
    const modules =
      'machine network esp esp32 os socket ssl select time dht ds18x20 onewire neopixel ntptime micropython gc sys hashlib binascii json deflate framebuf';
    let seen = 0;
    for (const module of modules.split(' ')) {
      const names = namesOf(readFileSync(`stubs/${module}.pyi`, 'utf8'));
      seen += names.length;
      const gone = await board.run(
        `m=__import__('${module}')\nfor n in ${JSON.stringify(names)}:\n o=m\n try:\n  for p in n.split('.'): o=getattr(o,p)\n except AttributeError: print(n)`,
      );
      for (const name of gone.split('\r\n').filter(Boolean)) {
        const full = `${module}.${name}`;
        if (elsewhere.test(full)) continue;
        assert.match(full, absent);
        const told = full.split('.').slice(0, 2).join('.');
        assert.ok(page.includes(`\`${told}\``), `the page does not tell of ${told}`);
      }
    }
    assert.ok(seen > 400, `${seen}`);
  });
});

/** What a stub defines: its names, and those of its classes after a dot. */
function namesOf(stub: string): string[] {
  const names: string[] = [];
  let inside = '';
  for (const line of stub.split('\n')) {
    const [, indent, name] = /^( {4})?(?:def |class )?([A-Za-z]\w*)\b(?=[:(]| *:)/.exec(line) ?? [];
    if (name && !/^(else|try|if)$/.test(name)) {
      if (!indent) inside = line.startsWith('class ') ? name : '';
      if (!indent) names.push(name);
      else if (inside) names.push(`${inside}.${name}`);
    }
  }
  return [...new Set(names)];
}
