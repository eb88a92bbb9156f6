import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { MemoryFlash } from './flash';
import { TestBoard } from './runtimeTesting';

let board: TestBoard;
afterEach(() => board?.stop());

describe('sensors of a virtual board', () => {
  test('dht: what a user sets is what a program measures, with the checksum of the sensor', async () => {
    board = await TestBoard.raw({ readings: { 'dht.4.temperature': -7.25 } });
    const code =
      'import dht, machine\nd=dht.DHT22(machine.Pin(4))\nd.measure()\n' +
      'print("%.1f %.1f" % (d.temperature(), d.humidity()), sum(d.buf[:4])&255==d.buf[4])';
    assert.equal(await board.run(code), '-7.3 48.0 True\r\n');
    board.setReading('dht.4.temperature', 30.4);
    board.setReading('dht.4.humidity', 61);
    assert.equal(await board.run(code), '30.4 61.0 True\r\n');
    const small = await board.run(
      'd=dht.DHT11(machine.Pin(4))\nd.measure()\nprint(d.temperature(), d.humidity())',
    );
    assert.equal(small, '30 61\r\n');
    board.setReading('dht.4.temperature', null);
    assert.match(await board.raises('d.measure()'), /OSError: \[Errno 116\] ETIMEDOUT/);
  });

  test('ds18x20: found by the search, 85 degrees before the first conversion', async () => {
    board = await TestBoard.raw({ readings: { 'ds18x20.5.1': -10.5, 'ds18x20.5.4': 99 } });
    const out = await board.run(
      'import onewire, ds18x20, machine\nw=onewire.OneWire(machine.Pin(5))\n' +
        's=ds18x20.DS18X20(w)\nroms=sorted(bytes(r) for r in s.scan())\n' +
        'print(len(roms), all(w.crc8(r)==0 for r in roms), [s.read_temp(r) for r in roms])\n' +
        's.convert_temp()\nprint([s.read_temp(r) for r in roms])',
    );
    assert.equal(out, '3 True [85.0, 85.0, 85.0]\r\n[21.0, -10.5, 99.0]\r\n');
    for (const n of [0, 1, 4]) board.setReading(`ds18x20.5.${n}`, null);
    assert.equal(await board.run('print(s.scan(), w.reset())'), '[] False\r\n');
    assert.match(await board.raises('s.convert_temp()'), /OneWireError/);
  });

  test('an RFID reader on SPI: no card, a card with its four bytes, put to sleep, taken away', async () => {
    board = await TestBoard.raw();
    // Register by register, as any driver does: two calls a write, one address and one byte a read.
    await board.run(
      'from machine import Pin, SPI\ns=SPI(1)\ncs=Pin(5,Pin.OUT,value=1)\n' +
        'def w(r,v):\n cs.value(0)\n s.write(bytes([r<<1&0x7e]))\n s.write(bytes([v]))\n cs.value(1)\n' +
        'def r(r):\n cs.value(0)\n s.write(bytes([r<<1&0x7e|0x80]))\n v=s.read(1)[0]\n cs.value(1)\n return v\n' +
        'def ask(frame,bits=0):\n w(1,0)\n w(4,0x7f)\n w(10,0x80)\n' +
        ' for b in frame:\n  w(9,b)\n' +
        ' w(1,12)\n w(13,0x80|bits)\n n=r(4)\n w(13,0)\n' +
        ' return [r(9) for i in range(r(10))] if n&0x20 else n&1\n' +
        'def crc(d):\n w(10,0x80)\n for b in d:\n  w(9,b)\n w(1,3)\n return d+bytes([r(0x22),r(0x21)])',
    );
    const off = await board.run('cs.value(1)\nprint(s.read(2), s.read(1))');
    assert.equal(off, "b'\\xff\\xff' b'\\xff'\r\n");
    assert.equal(await board.run('w(1,15)\nprint(hex(r(0x37)), ask(b"\\x26",7))'), '0x92 1\r\n');
    board.setReading('rfid.5', 0xdeadbeef);
    assert.equal(await board.run('print(ask(b"\\x26",7))'), '[4, 0]\r\n');
    const uid = await board.run('u=ask(b"\\x93\\x20")\nprint([hex(b) for b in u])');
    assert.equal(uid, "['0xde', '0xad', '0xbe', '0xef', '0x22']\r\n");
    // SELECT answers SAK 08 with the CRC that the standard's examples have for it: B6 DD.
    const sak = await board.run('print(ask(crc(b"\\x93\\x70"+bytes(u))))');
    assert.equal(sak, '[8, 182, 221]\r\n');
    const asleep = 'ask(crc(b"\\x50\\x00"))\nprint(ask(b"\\x26",7), ask(b"\\x52",7))';
    assert.equal(await board.run(asleep), '1 [4, 0]\r\n');
    board.setReading('rfid.5', null);
    assert.equal(await board.run('print(r(0x37))'), '255\r\n');
  });

  test('neopixel: colours in the order of the strip', async () => {
    board = await TestBoard.raw();
    const out = await board.run(
      'import neopixel, machine\nn=neopixel.NeoPixel(machine.Pin(13),3)\nn[0]=(1,2,3)\nn[-1]=(9,8,7)\n' +
        'n.write()\nprint(len(n), n[0], n[2], bytes(n.buf))\nn.fill((0,0,5))\nprint(n[1])',
    );
    assert.equal(
      out,
      "3 (1, 2, 3) (9, 8, 7) b'\\x02\\x01\\x03\\x00\\x00\\x00\\x08\\t\\x07'\r\n(0, 0, 5)\r\n",
    );
    assert.match(await board.raises('n[3]=(0,0,0)'), /IndexError/);
  });

  test('what a program drives, and what it looks at, is seen from outside while it runs', async () => {
    board = await TestBoard.raw();
    await board.run(
      'import machine, neopixel, dht\nled=machine.Pin(2, machine.Pin.OUT, value=1)\n' +
        'machine.Pin(5, machine.Pin.IN, machine.Pin.PULL_UP)\n' +
        'servo=machine.PWM(machine.Pin(18), freq=50, duty_u16=4915)\n' +
        'n=neopixel.NeoPixel(machine.Pin(13),2)\nn[0]=(255,128,0)\nn.write()\n' +
        'dht.DHT22(machine.Pin(4)).measure()\nmachine.ADC(machine.Pin(34)).read()',
    );
    const { pins, strips, asked } = board.world;
    const seen = pins.map(({ pin, mode, level, duty, frequency }) =>
      mode === 'pwm' ? `${pin} ${duty} of 65536 at ${frequency} Hz` : `${pin} ${mode} ${level}`,
    );
    const wanted = [
      '2 out 1',
      '4 in 0',
      '5 in 1',
      '13 out 0',
      '18 4915 of 65536 at 50 Hz',
      '34 in 0',
    ];
    assert.deepEqual(seen, wanted);
    assert.deepEqual(strips, [{ pin: 13, colours: ['#ff8000', '#000000'] }]);
    assert.deepEqual([...asked].sort(), ['adc.34', 'dht.4.humidity', 'dht.4.temperature']);
    await board.run('led.toggle()\nservo.duty(512)\nservo.freq(1000)');
    assert.equal(board.world.pins[0]!.level, 0);
    const { duty, frequency } = board.world.pins[4]!;
    assert.deepEqual([duty, frequency], [32_768, 1000]);
    await board.run('servo.deinit()');
    assert.equal(board.world.pins[4]!.mode, 'out');
  });

  test('an input and an ADC: a tight loop sees them change, an irq is called', async () => {
    board = await TestBoard.raw({ readings: { 'adc.34': 1100 } });
    const adc = 'a=machine.ADC(machine.Pin(34), atten=machine.ADC.ATTN_11DB)\n';
    assert.equal(
      await board.run(`import machine\n${adc}print(a.read(), a.read_uv())`),
      '1365 1100000\r\n',
    );
    await board.launch(
      'b=machine.Pin(0, machine.Pin.IN, machine.Pin.PULL_UP)\nseen=[]\n' +
        'def called(p):\n  seen.append(p.value())\n  print("irq", p.value())\n' +
        'b.irq(called, machine.Pin.IRQ_FALLING | machine.Pin.IRQ_RISING)\n' +
        'print("ready", b.value())\nwhile len(seen) < 2: pass\nprint(seen)',
    );
    await board.until('ready 1');
    board.setReading('pin.0', 0);
    await board.until('irq 0');
    board.setReading('pin.0', 1);
    const { out, error } = await board.result();
    assert.equal(error, '');
    assert.match(out, /irq 1\r\n\[0, 1\]/);
  });
});

describe('the receive ring of a virtual board', () => {
  test('a program that does not read keeps 259 bytes of its input; one that reads in time loses none', async () => {
    board = await TestBoard.raw();
    board.setReading('pin.5', 0);
    await board.launch(
      'import sys, time, select, micropython\nfrom machine import Pin\nmicropython.kbd_intr(-1)\n' +
        'gate=Pin(5, Pin.IN)\nprint("busy")\nwhile not gate.value(): time.sleep_ms(5)\ntime.sleep_ms(400)\n' +
        'p=select.poll()\np.register(sys.stdin, select.POLLIN)\nn=0\n' +
        'while p.poll(300):\n  sys.stdin.buffer.read(1)\n  n+=1\n' +
        'print(n, "now")\nb=bytearray(250)\n' +
        'for i in range(16):\n  sys.stdin.buffer.readinto(b)\n  print(i, b == bytes(range(250)))',
    );
    await board.until('busy');
    board.type('x'.repeat(1000));
    board.setReading('pin.5', 1);
    assert.match(await board.until('now'), /\b259 now/);
    const piece = Buffer.from(Array.from({ length: 250 }, (_, n) => n)).toString('latin1');
    for (let i = 0; i < 16; i++) {
      board.type(piece);
      await board.until(`${i} True`);
    }
    await board.result();
  });
});

describe('what outlives a reset', () => {
  test('NVS is in the flash: over Ctrl-D, a reset, and a new board on the same flash', async () => {
    const flash = new MemoryFlash();
    board = await TestBoard.raw({ flash });
    await board.run(
      'import esp32\nn=esp32.NVS("app")\nn.set_i32("tries", -5)\nn.set_blob("key", b"abc\\x00d")',
    );
    board.type('\x04');
    await board.until('soft reboot');
    await board.until('>');
    const read =
      'import esp32\nn=esp32.NVS("app")\nb=bytearray(8)\nk=n.get_blob("key", b)\n' +
      'print(n.get_i32("tries"), k, bytes(b[:k]))';
    assert.equal(await board.run(read), "-5 5 b'abc\\x00d'\r\n");
    await board.stop();
    board = await TestBoard.raw({ flash });
    assert.equal(await board.run(read), "-5 5 b'abc\\x00d'\r\n");
    assert.match(
      await board.raises('n.get_i32("none")'),
      /OSError: \(-4354, 'ESP_ERR_NVS_NOT_FOUND'\)/,
    );
    assert.match(await board.raises('n.get_blob("key", bytearray(2))'), /NVS_INVALID_LENGTH/);
    assert.match(await board.raises('n.set_i32("0123456789abcdef", 1)'), /NVS_KEY_TOO_LONG/);
    await board.run('n.erase_key("tries")');
    assert.match(await board.raises('n.get_i32("tries")'), /NOT_FOUND/);
  });

  test('reset_cause tells a soft reset, machine.reset() and the watchdog apart', async () => {
    const cause = 'import machine\nprint(machine.reset_cause())';
    board = await TestBoard.raw({ resetCause: 'software' });
    assert.equal(await board.run(cause), '2\r\n');
    board.type('\x04');
    await board.until('soft reboot');
    await board.until('>');
    assert.equal(await board.run(cause), '5\r\n');
    await board.stop();
    board = await TestBoard.raw({ resetCause: 'watchdog' });
    assert.equal(await board.run(cause), '3\r\n');
  });
});
