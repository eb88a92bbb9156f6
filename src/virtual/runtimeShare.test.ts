/** A program that never waits, held to its share of a core. CPU time is measured, not how long it takes. */
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { TestBoard } from './runtimeTesting';

let board: TestBoard;
afterEach(() => board?.stop());

/** Milliseconds of CPU that this process uses while `program` runs. */
async function cost(program: string): Promise<{ cpu: number; passed: number; out: string }> {
  await board.launch(program);
  await board.until('go\r\n');
  const [before, start] = [process.cpuUsage(), performance.now()];
  const { out, error } = await board.result();
  const { user, system } = process.cpuUsage(before);
  assert.equal(error, '');
  return { cpu: (user + system) / 1000, passed: performance.now() - start, out };
}

describe('a program that spins', () => {
  test('is held to its share, in a loop that calls nothing', async () => {
    board = await TestBoard.raw({ share: 0.1 });
    // A timer of the board ends it; the loop itself never looks at the clock.
    const { cpu, passed } = await cost(
      "from machine import Timer\non = True\ndef end(t):\n  global on\n  on = False\nprint('go')\nt = Timer(0); t.init(mode=Timer.ONE_SHOT, period=3000, callback=end)\nwhile on: pass",
    );
    // A burst of 250 ms and a tenth of the rest; without it, all of it.
    assert.ok(cpu < passed * 0.4, `${cpu} ms of CPU in ${passed} ms`);
  });

  test('hears Ctrl-C while it rests, and is let go when its share is the whole core', async () => {
    board = await TestBoard.raw({ share: 0.01 });
    await board.launch('print("go")\nwhile True: pass');
    await board.until('go\r\n');
    board.type('\x03');
    assert.match((await board.result()).error, /KeyboardInterrupt/);
    await board.launch('n = 0\nprint("go")\nwhile n < 3000000: n += 1');
    board.setShare(1);
    assert.equal((await board.result()).error, '');
  });
});
