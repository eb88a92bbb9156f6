/**
 * The program `parley` as a person or a CI service calls it, on virtual boards.
 * Below: dist/cli.js. Above: npm test.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { startFirmwareSite } from '../../src/esp/firmwareSite';
import { notBuilt } from './support';

const program = 'dist/cli.js';

/** The ways a text is written without meaning to hide it. */
const forms = (text: string): string[] => [
  text,
  Buffer.from(text).toString('base64').replace(/=+$/, ''),
  Buffer.from(text).toString('hex'),
];

describe('the command line', { skip: notBuilt, timeout: 180_000 }, () => {
  let folder = '';
  const here = (name: string): string => path.join(folder, name);

  /** Runs `parley`; when it has printed `until`, Ctrl-C is pressed. */
  async function parley(args: readonly string[], until?: RegExp, env: NodeJS.ProcessEnv = {}) {
    const all = ['--state', here('state'), '--unpaced', ...args];
    const child = spawn(process.execPath, [program, ...all], { env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    let pressed = false;
    const look = (): void => {
      if (!until?.test(stdout + stderr) || pressed) return;
      pressed = true;
      child.kill('SIGINT');
    };
    child.stdout.on('data', (text: Buffer) => ((stdout += text.toString()), look()));
    child.stderr.on('data', (text: Buffer) => ((stderr += text.toString()), look()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, stdout, stderr };
  }

  before(async () => {
    assert.ok(existsSync(program), `${program} is built`);
    folder = await mkdtemp(path.join(tmpdir(), 'parley-cli-'));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  test('speaks the language of the locale, or of --lang', async () => {
    const english = { LC_ALL: '', LC_MESSAGES: '', LANG: 'C.UTF-8' };
    assert.match((await parley(['--help'], undefined, english)).stdout, /^Usage: parley/);
    const locale = { ...english, LANG: 'vi_VN.UTF-8' };
    assert.match((await parley(['--help'], undefined, locale)).stdout, /^Cách dùng: parley/);
    const asked = await parley(['--lang', 'vi', 'erase', '/dev/ttyNONE'], undefined, english);
    assert.match(asked.stderr, /^Mọi thứ trên \/dev\/ttyNONE sẽ mất/);
  });

  test('from a blank virtual board to its files, in the words of every step', async () => {
    const flash = await parley(['flash', 'virtual:one']);
    assert.equal(flash.code, 0, flash.stderr);
    assert.match(flash.stderr, /one: .* is in the flash, verified/);

    const put = await parley(
      ['put', 'virtual:one', 'firmware/machine1', 'firmware/lib', '--ssid', 'Parley'],
      undefined,
      { PARLEY_WIFI_PASSWORD: 'planted-word' },
    );
    assert.equal(put.code, 0, put.stderr);
    assert.match(put.stderr, /boot\.py {2}\(filled in: ssid, password\)/);
    assert.match(put.stderr, /one: 3 put\./);
    assert.ok(!put.stderr.includes('planted-word'));

    const again = await parley(['--json', 'put', 'virtual:one', 'firmware/lib']);
    assert.deepEqual(JSON.parse(again.stdout).skipped, ['umqttsimple.py']);

    const ls = await parley(['ls', 'virtual:one', '--json']);
    const { entries } = JSON.parse(ls.stdout) as { entries: { path: string; size: number }[] };
    assert.deepEqual(
      entries.map((entry) => entry.path),
      ['/boot.py', '/main.py', '/umqttsimple.py'],
    );

    const got = await parley(['get', 'virtual:one', '/boot.py', '--into', here('got')]);
    assert.equal(got.code, 0, got.stderr);
    const boot = await readFile(here('got/boot.py'), 'utf8');
    assert.ok(!boot.includes('planted-word'), 'the password is taken out');
    assert.match(boot, /ssid = 'Parley'/);

    const missing = await parley(['get', 'virtual:one', '/no.py', '--into', here('got')]);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /\/no\.py is not there/);
  });

  test('sync says what it would do, does it, and deletes only when told', async () => {
    await mkdir(here('synced/lib'), { recursive: true });
    await writeFile(here('synced/main.py'), 'ssid = ""\nprint(ssid)\n');
    await writeFile(here('synced/lib/a.py'), 'a = 1\n');
    assert.equal((await parley(['flash', 'virtual:synced'])).code, 0);
    await writeFile(here('boot.py'), "# the board's own\n");
    await writeFile(here('old.py'), 'old = 1\n');
    assert.equal(
      (await parley(['put', 'virtual:synced', here('boot.py'), here('old.py')])).code,
      0,
    );

    const sync = (...more: string[]) =>
      parley(['sync', 'virtual:synced', here('synced'), '--ssid', 'Parley', ...more]);
    const dry = await sync('--delete', '--dry-run');
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stderr, /put {5}main\.py {2}\(filled in: ssid\)/);
    assert.match(dry.stderr, /delete {2}old\.py/);
    assert.match(dry.stderr, /keep {4}boot\.py {2}\(only on the board; --delete-boot deletes it\)/);
    assert.match(dry.stderr, /2 put .*, 1 deleted, 0 unchanged – nothing was changed\./);

    const first = await sync('--json');
    assert.equal(first.code, 0, first.stderr);
    const report = JSON.parse(first.stdout) as { sent: string[]; left: { path: string }[] };
    assert.deepEqual(report.sent, ['lib/a.py', 'main.py']);
    assert.deepEqual(
      report.left.map((left) => left.path),
      ['boot.py', 'old.py'],
    );

    const last = await sync('--delete', '--json');
    const { sent, deleted } = JSON.parse(last.stdout) as { sent: string[]; deleted: string[] };
    assert.deepEqual([sent, deleted], [[], ['old.py']]);
  });

  test('the whole flash goes into a file and back', async () => {
    const file = here('one.bin');
    const backup = await parley(['backup', 'virtual:one', file]);
    assert.equal(backup.code, 0, backup.stderr);
    assert.match(backup.stderr, /one: its flash \(4 MB, ESP32\) is in .*one\.bin/);
    const second = await parley(['backup', 'virtual:one', file]);
    assert.equal(second.code, 2);
    assert.match(second.stderr, /is there already\. Say --force/);

    await parley(['erase', 'virtual:one']);
    const restore = await parley(['restore', 'virtual:one', file]);
    assert.equal(restore.code, 0, restore.stderr);
    assert.match(restore.stderr, /one: its flash is as in .*one\.bin again, verified/);
    const ls = await parley(['--json', 'ls', 'virtual:one']);
    assert.match(ls.stdout, /umqttsimple\.py/);

    const same = await parley(['--json', 'flash', 'virtual:one']);
    const report = JSON.parse(same.stdout) as { stub: boolean; files: string };
    // The stub is a chunk of its own beside the program; without it all would only be slower.
    assert.deepEqual([report.stub, report.files], [true, 'kept']);

    const wrong = await parley(['restore', 'virtual:one', 'package.json']);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /package\.json cannot be restored onto one: it has/);
  });

  test('a program that ends is a success, one that raises is not, Ctrl-C stops it', async () => {
    await writeFile(here('sum.py'), 'print(20 + 22)\n');
    const sum = await parley(['run', 'virtual:one', here('sum.py')]);
    assert.equal(sum.code, 0, sum.stderr);
    assert.equal(sum.stdout.trim(), '42');

    const raises = await parley(['exec', 'virtual:one', '1/0', '--json']);
    assert.equal(raises.code, 1);
    const { ok, error } = JSON.parse(raises.stdout) as { ok: boolean; error: string };
    assert.equal(ok, false);
    assert.match(error, /ZeroDivisionError/);

    await writeFile(here('spin.py'), 'print("spinning")\nwhile True: pass\n');
    const stopped = await parley(['run', 'virtual:one', here('spin.py')], /spinning/);
    assert.equal(stopped.code, 130, stopped.stderr);
    const info = await parley(['info', 'virtual:one', '--json']);
    assert.equal(JSON.parse(info.stdout).platform, 'esp32');
  });

  test('tests of a project run on a fresh board: counts, reasons and JUnit', async () => {
    const tests = here('tests');
    await mkdir(here('lib'));
    await mkdir(tests);
    await writeFile(here('lib/helper.py'), 'def double(x): return 2 * x\n');
    await writeFile(path.join(tests, 'a_good.py'), 'import helper\nassert helper.double(2) == 4\n');
    await writeFile(path.join(tests, 'b_leak.py'), 'assert "helper" not in globals()\n');
    await writeFile(path.join(tests, 'c_bad.py'), 'assert 1 == 2, "sums"\n');
    await writeFile(path.join(tests, 'd_hangs.py'), 'while True: pass\n');
    await writeFile(path.join(tests, 'e_resets.py'), 'import machine\nmachine.reset()\n');
    await writeFile(path.join(tests, 'f_after.py'), 'print("still here")\n');
    const xml = here('results.xml');
    const options = ['--run', tests, '--put', here('lib'), '--timeout', '5', '--junit', xml];
    const { code, stdout, stderr } = await parley(['virtual', ...options]);
    assert.equal(code, 1, stderr);
    assert.match(stdout, /^3 passed, 3 failed$/m);
    assert.match(stdout, /✗ .*c_bad\.py[^]*AssertionError: sums/);
    assert.match(stdout, /✗ .*d_hangs\.py[^]*still ran after 5 s/);
    assert.match(stdout, /✗ .*e_resets\.py[^]*It reset the board/);
    assert.match(stdout, /✓ .*f_after\.py/);
    assert.match(await readFile(xml, 'utf8'), /tests="6" failures="3"/);
  });

  test('a virtual board stays until Ctrl-C, and other tools get its address', async () => {
    const { code, stdout } = await parley(['virtual', 'two', '--json'], /rfc2217:/);
    assert.equal(code, 0);
    const { url, mac } = JSON.parse(stdout) as { url: string; mac: string };
    assert.match(url, /^rfc2217:\/\/127\.0\.0\.1:\d+$/);
    assert.match(mac, /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
  });

  test('clock, wifi, i2c and soft-reset', async () => {
    const clock = await parley(['clock', 'virtual:one']);
    assert.match(clock.stdout, /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\n$/);
    const wifi = await parley(['wifi', 'virtual:one', '--json']);
    assert.equal((JSON.parse(wifi.stdout) as { ssid: string }).ssid, 'Parley');
    const i2c = await parley(['i2c', 'virtual:one', '--sda', '4', '--scl', '5']);
    assert.match(i2c.stderr, /one: nothing answers/);
    assert.match((await parley(['soft-reset', 'virtual:one'])).stderr, /one: soft reset/);
  });

  test('mip installs a package through this computer', async () => {
    const site = await startFirmwareSite({
      '/one/one.py': 'x = 1\n',
    });
    try {
      const manifest = { version: '3.1', urls: [['one.py', `${site.origin}/one/one.py`]] };
      site.files.set('/one/package.json', Buffer.from(JSON.stringify(manifest)));
      const home = { HOME: here('home') };
      const args = ['mip', 'virtual:one', `${site.origin}/one`];
      const done = await parley(args, undefined, home);
      assert.equal(done.code, 0, done.stderr);
      assert.match(done.stderr, /\/one 3\.1\n/);
      assert.match(done.stderr, /one: 1 put in \/lib, 0 unchanged/);
      const missing = await parley(['mip', 'virtual:one', `${site.origin}/two`], undefined, home);
      assert.equal(missing.code, 1);
      assert.match(missing.stderr, /one was left as it was: the package .*\/two cannot be had/);
    } finally {
      await site.close();
    }
  });

  test('the doctor names what is wrong, and its exit code says that something is', async () => {
    const args = ['doctor', 'virtual:one', '--stop', '--ssid', 'Parley'];
    const told = await parley([...args, '--broker', 'mqtt://127.0.0.1:1', '--json']);
    assert.equal(told.code, 1, told.stderr);
    const found = told.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { board?: string; state: string; sentence: string });
    assert.equal(found[0]?.state, 'bad');
    assert.match(found[0].sentence, /127\.0\.0\.1:1 does not pass messages on/);
    assert.ok(found.slice(1).every(({ board }) => board === 'one'));
    assert.equal(found.at(-1)?.state, 'bad');
    const words = await parley([...args, '--broker', 'mqtt://127.0.0.1:1']);
    assert.match(words.stdout, /^✗ The broker .*\n✓ one answers: MicroPython/);
  });

  test('diagnostics: one archive of what the runs before did, without the password', async () => {
    const archive = path.join(folder, 'd.zip');
    const made = await parley(['diagnostics', archive]);
    assert.equal(made.code, 0, made.stderr);
    assert.equal(made.stdout.trim(), archive);
    const files = unzipSync(new Uint8Array(await readFile(archive)));
    const texts = Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)] as const);
    const text = (name: string): string => texts.find(([one]) => one === name)?.[1] ?? '';
    assert.match(text('versions.txt'), /^Parley \d.*, command line\n/);
    assert.match(text('operations.txt'), /^\S+ +one +Flash +\d+\.\d{3} s +done$/m);
    for (const [name, said] of texts) {
      for (const form of forms('planted-word')) assert.ok(!said.includes(form), name);
    }
    const refused = await parley(['diagnostics', path.join(archive, 'below')]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /cannot be written on this computer .*\[file-not-written\]\n$/);
  });

  test('the broker says who said what, and watch hears it', async () => {
    const broker = spawn(process.execPath, [program, 'broker', '--port', '0', '--json']);
    try {
      let said = '';
      const port = await new Promise<number>((resolve, reject) => {
        broker.once('exit', () => reject(new Error('the broker ended')));
        broker.stdout.on('data', (text: Buffer) => {
          said += text.toString();
          const found = /"port":(\d+)/.exec(said);
          if (found) resolve(Number(found[1]));
        });
      });
      for (const step of [
        ['flash', 'virtual:three'],
        ['put', 'virtual:three', 'firmware/lib'],
      ]) {
        assert.equal((await parley(step)).code, 0);
      }
      const url = `mqtt://127.0.0.1:${port}`;
      const watching = parley(['watch', url, '--filter', 'hello', '--count', '1', '--json']);
      const source = [
        'import network, time, umqttsimple',
        'wifi = network.WLAN(network.STA_IF)',
        'wifi.active(True)',
        'wifi.connect("Parley")',
        'while not wifi.isconnected(): time.sleep_ms(50)',
        `c = umqttsimple.MQTTClient("cli-one", "127.0.0.1", ${port})`,
        'c.connect()',
        'c.publish(b"hello", b"from a board", True)', // retained, so that watch cannot come too late
        'c.disconnect()',
      ];
      const spoke = await parley(['exec', 'virtual:three', source.join('\n')]);
      assert.equal(spoke.code, 0, `${spoke.stdout}${spoke.stderr}${said}`);
      const { code, stdout } = await watching;
      assert.equal(code, 0);
      const { topic, text } = JSON.parse(stdout) as { topic: string; text: string };
      assert.deepEqual([topic, text], ['hello', 'from a board']);
      assert.match(said, /"clientId":"cli-one"/);
    } finally {
      broker.kill('SIGINT');
      const [code] = (await once(broker, 'close')) as [number];
      assert.equal(code, 0);
    }
  });
});
