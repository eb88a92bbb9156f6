import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { holderOnLinux, parseLsof } from './openFiles';

/** A /proc of our own: pid to name, command line and what it has open. */
function fakeProc(processes: Record<string, [string, string[], string[]]>): string {
  const proc = mkdtempSync(join(tmpdir(), 'parley-proc-'));
  for (const [pid, [comm, cmdline, open]] of Object.entries(processes)) {
    mkdirSync(join(proc, pid, 'fd'), { recursive: true });
    writeFileSync(join(proc, pid, 'comm'), `${comm}\n`);
    writeFileSync(join(proc, pid, 'cmdline'), cmdline.map((arg) => `${arg}\0`).join(''));
    open.forEach((target, fd) => symlinkSync(target, join(proc, pid, 'fd', String(fd))));
  }
  mkdirSync(join(proc, 'self', 'fd'), { recursive: true });
  return proc;
}

describe('who has a file open', () => {
  test('a program is named; an interpreter by the script it runs, without its arguments', async () => {
    const proc = fakeProc({
      '7': ['init', ['/sbin/init'], ['/dev/null']],
      '41': ['picocom', ['picocom', '/dev/ttyUSB1'], ['/dev/null', '/dev/ttyUSB1']],
      '42': [
        'python3',
        ['/usr/bin/python3', '-u', '/opt/x/miniterm.py', '--password=hunter2'],
        ['/dev/ttyUSB0'],
      ],
    });
    const holder = (path: string) => holderOnLinux(new Set([path]), proc);
    assert.deepEqual(await holder('/dev/ttyUSB1'), { name: 'picocom', pid: 41 });
    assert.deepEqual(await holder('/dev/ttyUSB0'), { name: 'python3 (miniterm.py)', pid: 42 });
    assert.equal(await holder('/dev/ttyUSB9'), undefined);
    rmSync(proc, { recursive: true });
    assert.equal(await holder('/dev/ttyUSB0'), undefined);
  });

  const skip = process.platform === 'linux' ? false : 'reads /proc';
  test('a real program with a real file', { skip }, async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-open-')));
    const file = join(folder, 'device');
    writeFileSync(file, '');
    const script = `require('fs').openSync(${JSON.stringify(file)}, 'r'); console.log('open'); setInterval(() => 0, 1e6)`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      assert.equal((await holderOnLinux(new Set([file])))?.pid, child.pid);
    } finally {
      child.kill();
      rmSync(folder, { recursive: true });
    }
  });

  test('lsof output', () => {
    assert.deepEqual(parseLsof('p812\ncmosquitto\nf5\n'), { name: 'mosquitto', pid: 812 });
    assert.equal(parseLsof(''), undefined);
  });
});
