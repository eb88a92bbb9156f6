/**
 * What a virtual board costs this computer, by what Linux counts of its process: memory of its own, CPU
 * while nobody asks anything of it, and that a program which never waits makes neither grow.
 * Below: dist/virtual/main.js. The times are in `npm run bench -- virtual`. Above: nothing.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { quietJob } from '../../src/core/job';
import { RawRepl } from '../../src/micropython/rawRepl';
import { Rfc2217Provider } from '../../src/port/rfc2217';
import { addressOf, notBuilt } from './support';

const MIB = 1 << 20;
/** What the issue of virtual boards grants one. */
const MOST_MEMORY = 60 * MIB;
/** A leak of 100 bytes a turn would be 20 MB. */
const TURNS = 200_000;
const MOST_GROWTH = 4 * MIB;
/** Of the 100 ticks that a core has in a second (as Linux gives them to programs). */
const MOST_IDLE_TICKS = 5;

/** Memory that this process alone has, in bytes. */
function ownMemory({ pid }: ChildProcess): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm)].map(([, n]) => Number(n));
  assert.equal(kib.length, 2);
  return (kib[0]! + kib[1]!) * 1024;
}

function ticks({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** What main loops do: texts, lists, a look at a socket, a clock, a callback, and an error now and then. */
const program = `
import network, socket, time, gc
w = network.WLAN(0); w.active(True); w.connect('Parley')
while not w.isconnected(): pass
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 0)); s.setblocking(False)
def turns(n):
  for i in range(n):
    text = 'reading %d of %s' % (i, {'a': [i, i + 1]})
    if i % 64 == 0:
      time.ticks_ms()
      try: s.recv(10)
      except OSError: pass
  gc.collect()
  print(gc.mem_alloc())
`;

const skip = notBuilt ?? (process.platform === 'linux' ? undefined : 'reads /proc: Linux only');

test(
  'a board has less than 60 MB, sleeps at its prompt, and a loop that never waits does not grow',
  { skip, timeout: 240_000 },
  async () => {
    const state = mkdtempSync(join(tmpdir(), 'parley-cost-'));
    const flash = Buffer.alloc(0x40_0000, 0xff);
    readFileSync('dist/firmware/parley-virtual-esp32.bin').copy(flash, 0x1000);
    writeFileSync(join(state, 'flash.bin'), flash);
    const args = ['--name', 'cost', '--state', state, '--unpaced', '--share', '100'];
    const child = spawn(process.execPath, ['dist/virtual/main.js', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    const provider = new Rfc2217Provider();
    try {
      const port = await provider.open(provider.add(await addressOf(child)), { baudRate: 115_200 });
      const repl = await RawRepl.enter(port, {}, quietJob());
      await repl.exec(program, quietJob());

      const idle = ticks(child);
      await wait(1000);
      const used = ticks(child) - idle;
      assert.ok(used <= MOST_IDLE_TICKS, `${used} ticks of CPU in a second at the prompt`);

      const seen: { own: number; heap: number }[] = [];
      // The first rounds fill what a process keeps: compiled code, buffers, the heap of JavaScript.
      for (const turns of [TURNS / 2, TURNS / 2, TURNS]) {
        const heap = Number(await repl.exec(`turns(${turns})`, quietJob()));
        seen.push({ own: ownMemory(child), heap });
      }
      const [, warm, after] = seen;
      const told = JSON.stringify(seen);
      assert.ok(after!.own < MOST_MEMORY, told);
      assert.ok(after!.own - warm!.own < MOST_GROWTH, told);
      assert.ok(after!.heap - warm!.heap < 2000, told);
      await repl.leave();
      await port.close();
    } finally {
      child.stdin!.end();
      await gone;
      rmSync(state, { recursive: true, force: true });
    }
  },
);
