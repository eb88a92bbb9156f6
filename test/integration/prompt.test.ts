/**
 * The prompt of a real MicroPython on a virtual board, new firmware and old: entered from any
 * state, stopped in any loop, never reset unasked. Below: support.ts.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import { ls } from '../../src/micropython/filesystem';
import { readBoardInfo } from '../../src/micropython/info';
import { RawRepl } from '../../src/micropython/rawRepl';
import { putFile } from '../../src/micropython/transfer';
import { runSource } from '../../src/operations/run';
import { notBuilt, withPrompt, withVirtualBoard, type VirtualBoard } from './support';

const job = quietJob();
const versions = ['1.27', '1.13'] as const;

/** Presses EN: RTS alone pulls it low. */
async function pressEn(board: VirtualBoard): Promise<void> {
  await board.port.setSignals({ dtr: false, rts: true });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await board.port.setSignals({ dtr: false, rts: false });
}

/** Runs `code`, cancels once something was printed, and tells whether the prompt was back at once. */
async function stop(repl: RawRepl, code: string): Promise<'back' | 'lost'> {
  const controller = new AbortController();
  let aborted = false;
  let prompt: unknown;
  const onOutput = (): void => {
    if (aborted) return;
    aborted = true;
    controller.abort();
  };
  const work = runSource(repl, code, 'x.py', quietJob(controller.signal), onOutput);
  await assert.rejects(work, (error) => {
    assert.ok(isBoardError(error, 'cancelled'), String(error));
    prompt = error.details.prompt;
    return true;
  });
  assert.ok(prompt === 'back' || prompt === 'lost', String(prompt));
  return prompt;
}

for (const firmwareVersion of versions) {
  describe(`the prompt of ${firmwareVersion}`, { skip: notBuilt, timeout: 120_000 }, () => {
    test('answers, says who it is, keeps the names of the user', async () => {
      await withVirtualBoard({ firmwareVersion }, async (board) => {
        await withPrompt(board, async (repl) => {
          assert.equal(
            await repl.exec("print('žluťoučký', 6 * 7, '🐎')", job),
            'žluťoučký 42 🐎\r\n',
          );
          assert.equal(repl.rawPaste, firmwareVersion === '1.27');
          const info = await readBoardInfo(repl, job);
          assert.ok(info.version.startsWith(firmwareVersion), info.version);
          assert.match(info.uniqueId, /^[0-9a-f]{12}$/);
          assert.ok(info.freeBytes > 0 && info.freeBytes <= info.totalBytes);
          await repl.exec('e = 1; O = 2; J = 3; M = 4', job);
          const names = 'print(e, O, J, M, sorted(globals()))';
          const before = await repl.exec(names, job);
          await ls(repl, '/', job);
          await putFile(repl, '/x.txt', Buffer.from('x'), job);
          assert.equal(await repl.exec(names, job), before);
        });
        await board.prints(/>>> $/);
      });
    });

    test('takes 12 KB of code whole, and tells where it is wrong', async () => {
      await withVirtualBoard({ firmwareVersion }, async (board) => {
        await withPrompt(board, async (repl) => {
          const lines = Array.from({ length: 600 }, (_, i) => `s += ${i} # ${'x'.repeat(8)}`);
          const code = ['s = 0', ...lines, 'print(s)'].join('\n');
          assert.ok(code.length > 10_000);
          assert.equal(await repl.exec(code, job), `${(599 * 600) / 2}\r\n`);
          const wrong = ['x = 1', 'def f():', '  return y', 'f()'].join('\n');
          await assert.rejects(
            runSource(repl, wrong, 'w.py', job, () => undefined),
            (error) => {
              assert.ok(isBoardError(error, 'python-error'));
              const said = String(error.details.traceback);
              assert.match(said, /File "w\.py", line 3, in f\nNameError: /);
              return true;
            },
          );
          const syntax = repl.exec(`${'x = 1\n'.repeat(50)}x = = 1\n${'y = 2\n'.repeat(500)}`, job);
          await assert.rejects(syntax, (error) => {
            assert.ok(isBoardError(error, 'python-error'), String(error));
            assert.match(error.message, /SyntaxError/);
            return true;
          });
          assert.equal(await repl.exec('print(s)', job), `${(599 * 600) / 2}\r\n`);
        });
      });
    });

    test('Stop works on tight loops, sleeps, floods, and code that swallows Ctrl-C', async () => {
      await withVirtualBoard({ firmwareVersion }, async (board) => {
        await withPrompt(board, async (repl) => {
          const stubborn = /except/;
          for (const code of [
            'print(1)\nwhile True: pass',
            'import time\nprint(1)\nwhile True: time.sleep(60)',
            "while True: print('flood ' * 10)",
            'print(1)\nwhile True:\n try:\n  while True: pass\n except: pass',
            'import time\nprint(1)\nwhile True:\n try:\n  time.sleep(1)\n except KeyboardInterrupt: print("no")',
          ]) {
            const prompt = await stop(repl, code);
            // Code that swallows each Ctrl-C needs one at the right moment: on a busy computer that
            // may take longer than one attempt. Then the next use of the prompt stops it.
            if (!stubborn.test(code)) assert.equal(prompt, 'back', code);
            for (let attempt = 1; ; attempt++) {
              const said = await repl.exec('print(2)', job).catch((error: unknown) => {
                if (attempt === 4 || prompt === 'back') throw error;
              });
              if (said === undefined) continue;
              assert.equal(said, '2\r\n');
              break;
            }
          }
        });
      });
    });

    test('is taken from a main.py that loops for ever and swallows Ctrl-C', async () => {
      await withVirtualBoard({ firmwareVersion }, async (board) => {
        const main = "print('main')\nwhile True:\n try:\n  while True: pass\n except: pass\n";
        await withPrompt(board, (repl) => putFile(repl, '/main.py', Buffer.from(main), job));
        const from = board.printed().length;
        await pressEn(board);
        await board.prints(/main\r\n/, 20_000, from);
        await withPrompt(board, async (repl) => {
          assert.equal(await repl.exec('print(1)', job), '1\r\n');
        });
      });
    });

    test('is taken while boot.py waits for a Wi-Fi that is not there', async () => {
      await withVirtualBoard({ firmwareVersion }, async (board) => {
        const boot =
          "import network\ns = network.WLAN(network.STA_IF)\ns.active(True)\nprint('boot')\n" +
          "s.connect('nobody', 'x')\nwhile s.isconnected() == False:\n  pass\n";
        await withPrompt(board, (repl) => putFile(repl, '/boot.py', Buffer.from(boot), job));
        const from = board.printed().length;
        await pressEn(board);
        await board.prints(/boot\r\n/, 20_000, from);
        await withPrompt(board, async (repl) => {
          const files = await ls(repl, '/', job);
          assert.ok(files.some((file) => file.name === 'boot.py'));
        });
      });
    });

    test('survives SystemExit; machine.reset() in a program is told', async () => {
      await withVirtualBoard({ firmwareVersion }, async (board) => {
        await withPrompt(board, async (repl) => {
          await repl.exec('import sys\nsys.exit()', job);
          assert.equal(await repl.exec('print(1)', job), '1\r\n');
          const reset = repl.exec('import machine\nmachine.reset()', job, { timeoutMs: 10_000 });
          await assert.rejects(reset, (error) => {
            assert.ok(isBoardError(error, 'prompt-timeout'), String(error));
            assert.equal(error.details.reason, 'reset');
            return true;
          });
          assert.equal(await repl.exec('print(2)', job), '2\r\n');
        });
      });
    });
  });
}

describe('where there is no prompt', { skip: notBuilt, timeout: 60_000 }, () => {
  test('a blank board is no-micropython, soon', async () => {
    await withVirtualBoard({ flashed: false }, async (board) => {
      const start = performance.now();
      await assert.rejects(RawRepl.enter(board.port, {}, job), (error) => {
        assert.ok(isBoardError(error, 'no-micropython'), String(error));
        assert.equal(error.details.reason, 'boot-loop');
        return true;
      });
      assert.ok(performance.now() - start < 6000);
    });
  });

  test('a board that goes away while code runs is port-lost, at once', async () => {
    await withVirtualBoard({}, async (board) => {
      const repl = await RawRepl.enter(board.port, {}, job);
      let killed = 0;
      const onOutput = (): void => {
        killed = performance.now();
        void board.kill();
      };
      const work = repl.exec('print(1)\nwhile True: pass', job, { onOutput });
      await assert.rejects(work, (error) => isBoardError(error, 'port-lost'));
      assert.ok(performance.now() - killed < 2000);
      await repl.leave();
    });
  });
});
