import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { BoardError, isBoardError } from '../core/errors';
import { quietJob, withProgress } from '../core/job';
import { FakeBoard, type FakeOptions } from './fakeBoard';
import { RawRepl } from './rawRepl';

const job = quietJob();

/** Runs `work` to its end, moving the clock on while it waits. */
async function settle<T>(clock: ManualClock, work: Promise<T>, limitMs = 60_000): Promise<T> {
  let done = false;
  const watched = work.finally(() => (done = true));
  watched.catch(() => undefined);
  for (let t = 0; !done && t < limitMs; t += 10) await clock.advance(10);
  assert.ok(done, `still waiting after ${limitMs} ms`);
  return watched;
}

async function enter(options: FakeOptions = {}): Promise<[RawRepl, FakeBoard, ManualClock]> {
  const clock = new ManualClock();
  const board = new FakeBoard(options);
  return [await settle(clock, RawRepl.enter(board, { clock }, job)), board, clock];
}

const answers = (out: string): FakeOptions => ({ run: () => ({ out }) });

describe('entering the raw prompt', () => {
  test('an idle board: no time passes, nothing half-typed is run, no soft reset is sent', async () => {
    const clock = new ManualClock();
    const board = new FakeBoard();
    await RawRepl.enter(board, { clock }, job);
    assert.equal(clock.now(), 0);
    assert.equal(board.mode, 'raw');
    assert.equal(board.writes[0]?.[0], 0x03, 'the first byte cancels the line, it does not run it');
    assert.ok(!board.writes[0]?.includes(0x04), 'a Ctrl-D at the friendly prompt is a soft reset');
  });

  test('a program that swallows KeyboardInterrupt 150 times', async () => {
    const [, board] = await enter({ swallows: 150 });
    assert.equal(board.mode, 'raw');
  });

  test('a board that prints between every two answers', async () => {
    const [repl, , clock] = await enter({ ...answers('42\r\n'), chatter: 'tick 1\r\n' });
    const text = await settle(clock, repl.exec('print(42)', job));
    assert.match(text, /42\r\n$/);
  });

  test('a board that never stops talking does not hold us beyond the deadline', async () => {
    const clock = new ManualClock();
    const board = new FakeBoard({ noPrompt: 'temperature 21\r\n' });
    const work = RawRepl.enter(board, { clock, deadlineMs: 2000 }, job);
    const outcome = work.catch((error: unknown) => error);
    for (let t = 0; t < 2600; t += 5) {
      board.say('temperature 21\r\n');
      await clock.advance(5);
    }
    const error = await outcome;
    assert.ok(isBoardError(error, 'prompt-timeout'));
    assert.match(String(error.details.seen), /temperature 21/);
    assert.ok(String(error.details.seen).length <= 200);
  });

  test('a dead line is no-micropython at the deadline', async () => {
    const clock = new ManualClock();
    const work = RawRepl.enter(new FakeBoard({ noPrompt: '' }), { clock, deadlineMs: 3000 }, job);
    await assert.rejects(settle(clock, work), (error) => {
      assert.ok(isBoardError(error, 'no-micropython'));
      assert.equal(error.details.reason, 'silent');
      return true;
    });
    assert.ok(clock.now() >= 3000 && clock.now() < 3100, `at ${clock.now()} ms`);
  });

  test("the ROM's boot loop is no-micropython, long before the deadline", async () => {
    const clock = new ManualClock();
    const board = new FakeBoard({ noPrompt: 'invalid header: 0xffffffff\r\n'.repeat(2) });
    await assert.rejects(settle(clock, RawRepl.enter(board, { clock }, job)), (error) => {
      assert.ok(isBoardError(error, 'no-micropython'));
      assert.equal(error.details.reason, 'boot-loop');
      return true;
    });
    assert.ok(clock.now() < 3000);
  });

  test('cancelled at once, lost at once', async () => {
    for (const [how, code] of [
      ['cancel', 'cancelled'],
      ['lose', 'port-lost'],
    ] as const) {
      const clock = new ManualClock();
      const controller = new AbortController();
      const board = new FakeBoard({ noPrompt: '' });
      const work = RawRepl.enter(board, { clock }, quietJob(controller.signal));
      const outcome = work.catch((error: unknown) => error);
      await clock.advance(100);
      if (how === 'cancel') controller.abort();
      else board.lose();
      await clock.advance(0);
      assert.ok(isBoardError(await outcome, code));
      assert.equal(clock.now(), 100);
    }
  });
});

describe('running code', () => {
  for (const firmware of ['paste', 'refuse', 'old'] as const) {
    test(`${firmware}: answers, and says whether it has flow control`, async () => {
      const [repl, board, clock] = await enter({ ...answers('hello\r\n'), firmware });
      assert.equal(await settle(clock, repl.exec("print('hello')", job)), 'hello\r\n');
      assert.equal(await settle(clock, repl.exec("print('hello')", job)), 'hello\r\n');
      assert.equal(repl.rawPaste, firmware === 'paste');
      assert.deepEqual(board.programs, ["print('hello')", "print('hello')"]);
    });

    for (const length of [1, 127, 128, 129, 255, 256, 257, 384, 1000]) {
      test(`${firmware}: ${length} bytes of code arrive whole, never more than the board can take`, async () => {
        const [repl, board, clock] = await enter({ firmware });
        const reported: number[] = [];
        const watched = withProgress(job, (update) => reported.push(update.doneBytes ?? -1));
        const code = '#'.repeat(length);
        await settle(clock, repl.exec(code, watched));
        assert.deepEqual(board.programs, [code]);
        assert.equal(board.overrun, 0);
        assert.ok(board.writes.every((write) => write.length <= 256));
        assert.equal(reported.at(-1), length);
      });
    }
  }

  for (const firmware of ['paste', 'refuse', 'old'] as const) {
    test(`${firmware}: nothing to run is not sent as nothing, which would soft reset`, async () => {
      const [repl, board, clock] = await enter({ firmware });
      await settle(clock, repl.exec(' \n', job));
      assert.deepEqual(board.programs, ['pass']);
    });
  }

  test('plain raw mode waits for the wire and 10 ms after every 256 bytes', async () => {
    const [repl, , clock] = await enter({ firmware: 'old' });
    await settle(clock, repl.exec('1', job));
    const start = clock.now();
    await settle(clock, repl.exec('#'.repeat(1024), job));
    const lineMs = (1024 * 10_000) / 115_200;
    assert.ok(clock.now() - start >= lineMs + 40, `${clock.now() - start} ms`);
  });

  test('a board that stops the code half-way (a syntax error) gets its 0x04 and is heard', async () => {
    const traceback =
      'Traceback (most recent call last):\r\n  File "<stdin>", line 1\r\nSyntaxError: invalid syntax\r\n';
    const [repl, board, clock] = await enter({
      stopsAfter: 100,
      run: () => ({ error: traceback }),
    });
    await assert.rejects(settle(clock, repl.exec('('.repeat(2000), job)), (error) => {
      assert.ok(isBoardError(error, 'python-error'));
      assert.match(String(error.details.traceback), /SyntaxError: invalid syntax$/);
      return true;
    });
    assert.equal(board.mode, 'raw');
    await assert.rejects(settle(clock, repl.exec('1', job)), BoardError);
  });

  test('characters are whole in every piece of output, whatever the packets', async () => {
    const text = 'žluťoučký kůň 🐎 日本\r\n';
    for (let packet = 1; packet <= 5; packet++) {
      const [repl, , clock] = await enter({ ...answers(text), packet });
      const pieces: string[] = [];
      const onOutput = (bytes: Uint8Array): void => {
        pieces.push(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
      };
      assert.equal(await settle(clock, repl.exec('x', job, { onOutput })), text);
      assert.equal(pieces.join(''), text);
    }
  });

  test('bytes that are no UTF-8 are handed on, not held back', async () => {
    const out = Uint8Array.of(0xff, 0x80, 0x41, 0xe2);
    const [repl, , clock] = await enter({ run: () => ({ out }) });
    const pieces: Buffer[] = [];
    await settle(clock, repl.exec('x', job, { onOutput: (b) => pieces.push(Buffer.from(b)) }));
    assert.deepEqual(Buffer.concat(pieces), Buffer.from(out));
  });

  test('cancel stops the code and finds the prompt again', async () => {
    for (const firmware of ['paste', 'old'] as const) {
      const [repl, board, clock] = await enter({
        firmware,
        run: (code) => (code === 'loop' ? { out: 'on', hangs: true } : { out: 'back' }),
      });
      const controller = new AbortController();
      const work = repl.exec('loop', quietJob(controller.signal));
      work.catch(() => undefined);
      await clock.advance(1000);
      assert.equal(board.mode, 'running');
      controller.abort();
      await assert.rejects(settle(clock, work), (error) => {
        assert.ok(isBoardError(error, 'cancelled'));
        assert.equal(error.details.prompt, 'back');
        return true;
      });
      assert.equal(await settle(clock, repl.exec('x', job)), 'back');
    }
  });

  test('cancel says so when the program cannot be stopped', async () => {
    const clock = new ManualClock();
    const board = new FakeBoard({ run: () => ({ hangs: true }) });
    const repl = await RawRepl.enter(board, { clock }, job);
    const controller = new AbortController();
    const work = repl.exec('loop', quietJob(controller.signal));
    work.catch(() => undefined);
    await clock.advance(100);
    Object.assign(board, { left: 1e9 });
    controller.abort();
    await assert.rejects(settle(clock, work), (error) => {
      assert.ok(isBoardError(error, 'cancelled'));
      assert.equal(error.details.prompt, 'lost');
      return true;
    });
  });

  test('a timeout stops the code too', async () => {
    const [repl, board, clock] = await enter({ run: () => ({ hangs: true }) });
    const start = clock.now();
    const work = settle(clock, repl.exec('loop', job, { timeoutMs: 500 }));
    await assert.rejects(work, (error) => isBoardError(error, 'prompt-timeout'));
    assert.ok(clock.now() - start < 600);
    assert.equal(board.mode, 'raw');
  });

  test('a restart while code runs is seen, not waited out', async () => {
    const out =
      'ets Jul 29 2019 12:21:46\r\n\r\nrst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n';
    const [repl, , clock] = await enter({ run: () => ({ out, hangs: true }), packet: 7 });
    await assert.rejects(settle(clock, repl.exec('machine.reset()', job)), (error) => {
      assert.ok(isBoardError(error, 'prompt-timeout'));
      assert.equal(error.details.reason, 'reset');
      return true;
    });
  });

  test('a restart that swallows the end of raw paste, and much else after it, is seen too', async () => {
    const restarts = `rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n${'x'.repeat(500)}`;
    const [repl, , clock] = await enter({ run: () => ({ restarts }) });
    const work = settle(clock, repl.exec('machine.reset()', job));
    await assert.rejects(work, (error) => {
      assert.ok(isBoardError(error, 'prompt-timeout'));
      assert.equal(error.details.reason, 'reset');
      return true;
    });
  });

  test('after SystemExit (the board restarts softly) the next code finds the prompt', async () => {
    let first = true;
    const [repl, board, clock] = await enter({
      run: () => {
        if (!first) return { out: 'again' };
        first = false;
        return { error: '\x04MPY: soft reboot\r\n', hangs: false };
      },
    });
    await settle(clock, repl.exec('import sys; sys.exit()', job));
    assert.equal(await settle(clock, repl.exec('x', job)), 'again');
    assert.equal(board.mode, 'raw');
  });

  test('a lost port ends a run at once', async () => {
    const [repl, board, clock] = await enter({ run: () => ({ hangs: true }) });
    const outcome = repl.exec('loop', job).catch((error: unknown) => error);
    await clock.advance(10);
    board.lose();
    await clock.advance(0);
    assert.ok(isBoardError(await outcome, 'port-lost'));
  });

  test('two at a time, and control characters, are refused', async () => {
    const [repl, , clock] = await enter();
    const first = repl.exec('1', job);
    await assert.rejects(repl.exec('2', job), (error) => isBoardError(error, 'board-busy'));
    await settle(clock, first);
    await assert.rejects(repl.exec('"\x04"', job), (error) => isBoardError(error, 'unsupported'));
  });
});

test('leaving goes back to the friendly prompt, and never throws', async () => {
  const [repl, board, clock] = await enter();
  await settle(clock, repl.leave());
  assert.equal(board.mode, 'friendly');
  const [second, lost, again] = await enter();
  lost.lose();
  await settle(again, second.leave());
});
