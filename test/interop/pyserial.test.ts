/**
 * A peer that is not ours: pyserial's RFC 2217 client opens a virtual board, presses EN, and reads
 * what comes. Runs the built process, dist/virtual/main.js.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, test } from 'node:test';

const PYTHON = '/usr/bin/python3';
const MAIN = 'dist/virtual/main.js';

/** Why the tests cannot run here, or false. */
function missing(): string | false {
  if (spawnSync(PYTHON, ['-c', 'import serial.rfc2217']).status !== 0) {
    return 'python3-serial is not installed';
  }
  return existsSync(MAIN) ? false : `${MAIN} is not built`;
}

/** MicroPython as the build makes it for a virtual ESP32. */
function flashedImage(): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'parley-image-'));
  execFileSync(process.execPath, ['scripts/makeVirtualImage.mjs', join(dir, 'image.bin')]);
  const image = readFileSync(join(dir, 'image.bin'));
  rmSync(dir, { recursive: true });
  return image;
}

const PRELUDE = `
import sys, time, serial, warnings
warnings.simplefilter('ignore')
port = serial.serial_for_url('rfc2217://127.0.0.1:' + sys.argv[1], baudrate=115200, timeout=0.05)
def until(text, seconds):
    got, end = b'', time.time() + seconds
    while text not in got and time.time() < end:
        got += port.read(4096)
    if text not in got:
        raise SystemExit('no %r within %d s, but %r' % (text, seconds, got))
    return got
def reset():
    port.dtr = False
    port.rts = True
    time.sleep(0.1)
    port.rts = False
`;

describe('pyserial', { skip: missing() }, () => {
  const boards: { child: ChildProcess; dir: string }[] = [];

  afterEach(async () => {
    for (const { child, dir } of boards.splice(0)) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.stdin!.end();
      if (child.exitCode === null) await gone;
      rmSync(dir, { recursive: true });
    }
  });

  /** Starts a board, blank or with the image of the build in its flash; its port. */
  async function board(image?: Buffer, flags: readonly string[] = []): Promise<number> {
    const dir = mkdtempSync(join(tmpdir(), 'parley-pyserial-'));
    if (image) {
      const flash = Buffer.alloc(0x40_0000, 0xff);
      image.copy(flash, 0x1000);
      writeFileSync(join(dir, 'flash.bin'), flash);
    }
    const args = [MAIN, '--name', 'machine1', '--state', dir, ...flags];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    boards.push({ child, dir });
    for await (const line of createInterface({ input: child.stdout! })) {
      const event = JSON.parse(line) as { event: string; port?: number; message?: string };
      if (event.event === 'listening') return event.port!;
      throw new Error(line);
    }
    throw new Error('the board ended before it listened');
  }

  function python(port: number, code: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(PYTHON, ['-c', PRELUDE + code, `${port}`], { timeout: 60_000 });
      let [out, err] = ['', ''];
      child.stdout.on('data', (bytes) => (out += bytes));
      child.stderr.on('data', (bytes) => (err += bytes));
      child.on('close', (status) => (status === 0 ? resolve(out) : reject(new Error(err || out))));
    });
  }

  test('opens a blank board, presses EN, and reads what an erased board says', async () => {
    const out = await python(
      await board(),
      `
reset()
print(until(b'invalid header: 0xffffffff', 10).decode('latin1'))
`,
    );
    assert.match(out, /rst:0x1 \(POWERON_RESET\),boot:0x13 \(SPI_FAST_FLASH_BOOT\)/);
  });

  test('reads the modem state, each time it opens the port', async () => {
    const out = await python(
      await board(),
      `
states = []
for i in range(5):
    states += [port.cts, port.dsr]
    port.close()
    port.open()
print(all(states), len(states))
`,
    );
    assert.equal(out.trim(), 'True 10');
  });

  test('leads the board into the loader, which answers SYNC eight times, a line at a time', async () => {
    const out = await python(
      await board(),
      `
port.dtr = False
port.rts = True
time.sleep(0.1)
port.dtr = True
port.rts = False
time.sleep(0.05)
port.dtr = False
until(b'waiting for download', 10)
port.write(b'\\xc0\\x00\\x08\\x24\\x00\\x00\\x00\\x00\\x00\\x07\\x07\\x12\\x20' + b'\\x55' * 32 + b'\\xc0')
got, end = b'', time.time() + 10
while got.count(b'\\x01\\x08') < 8 and time.time() < end:
    got += port.read(4096)
print(got.count(b'\\x01\\x08'))
`,
    );
    assert.equal(out.trim(), '8');
  });

  test('a second client reads who is in the way', async () => {
    const out = await python(
      await board(),
      `
import socket
second = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 10)
got = b''
while True:
    more = second.recv(4096)
    if not more: break
    got += more
print(got.decode())
`,
    );
    assert.match(out, /machine1 is in use by another client/);
  });

  test('a second one watches where that is allowed, and its lines and bytes have no effect', async () => {
    const out = await python(
      await board(undefined, ['--watchers']),
      `
reset()
until(b'invalid header', 10)
watcher = serial.serial_for_url('rfc2217://127.0.0.1:' + sys.argv[1], baudrate=115200, timeout=0.05)
watcher.dtr = True
watcher.rts = True
watcher.write(b'typed')
watcher.reset_input_buffer()
got, end = b'', time.time() + 10
while got.count(b'invalid header') < 2 and time.time() < end:
    got += watcher.read(4096)
# RTS of the watcher would have held the chip in reset: the first client hears it going on.
until(b'invalid header', 10)
print(got.count(b'invalid header') >= 2)
watcher.close()
print(port.read(1) is not None)
`,
    );
    assert.equal(out.trim(), 'True\nTrue');
  });

  test('every kind of flow control, a break, and each setting of the line are accepted', async () => {
    const out = await python(
      await board(),
      `
for name, values in (('xonxoff', (True, False)), ('rtscts', (True, False)), ('bytesize', (7, 8)),
                     ('parity', ('E', 'O', 'M', 'S', 'N')), ('stopbits', (2, 1.5, 1)),
                     ('baudrate', (9600, 2000000, 115200)), ('break_condition', (True, False))):
    for value in values:
        setattr(port, name, value)
port.reset_input_buffer()
port.reset_output_buffer()
port.send_break(0.01)
print(port.cts, port.dsr, port.ri, port.cd)
`,
    );
    assert.equal(out.trim(), 'True True False False');
  });

  test('at a wrong rate it reads noise and has no prompt; at the right one it has', async () => {
    const out = await python(
      await board(flashedImage()),
      `
port.baudrate = 57600
reset()
got, end = b'', time.time() + 20
while len(got) < 200 and time.time() < end:
    got += port.read(4096)
port.write(b'\\rprint(6 * 7)\\r')
end = time.time() + 1
while time.time() < end:
    got += port.read(4096)
print(len(got) >= 200, b'MicroPython' in got, b'>>>' in got, b'42\\r\\n' in got)
port.baudrate = 115200
reset()
until(b'>>> ', 30)
port.write(b'print(6 * 7)\\r')
until(b'42\\r\\n', 10)
`,
    );
    assert.equal(out.trim(), 'True False False False');
  });

  test('gets the prompt of a flashed board, and the ROM after machine.reset()', async () => {
    const out = await python(
      await board(flashedImage()),
      `
reset()
print(until(b'>>> ', 30).decode('latin1'))
port.write(b'print(6 * 7)\\r')
until(b'42\\r\\n', 10)
port.write(b'import machine\\r')
until(b'>>> ', 10)
port.write(b'print("goodbye"); machine.reset()\\r')
print(until(b'>>> ', 30).decode('latin1').rpartition('machine.reset()')[2])
`,
    );
    assert.match(out, /MicroPython v1\.27/);
    assert.match(out, /goodbye[\s\S]*rst:0xc \(SW_CPU_RESET\)[\s\S]*MicroPython v1\.27/);
  });
});
