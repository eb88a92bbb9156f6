/**
 * A board that the window and the command line both want: each is told who has it, asks by a click
 * or by --ask, and gets it once the other lets go. Below: support.ts, dist/cli.js. Above: npm test.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGE, showFarBoard, startFarBoard } from './farBoard';
import { temporaryFolder, until, windowTest } from './support';

/** A command of `parley`, and all it has said. */
function parley(...args: string[]): {
  child: ChildProcess;
  said(): string;
  ended: Promise<number>;
} {
  const child = spawn(process.execPath, ['dist/cli.js', ...args], { stdio: 'pipe' });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  return { child, said: () => said, ended };
}

windowTest(
  'a board that another program has is asked for with a click, and let go of with one',
  { timeout: 240_000 },
  async (window) => {
    const { child: board, address } = await startFarBoard();
    const children = [board];
    try {
      const flashed = parley('flash', address, IMAGE);
      assert.equal(await flashed.ended, 0, flashed.said());

      const waits = join(temporaryFolder(), 'waits.py');
      writeFileSync(waits, 'import time\nprint("wai" + "ting")\nwhile True: time.sleep(1)\n');
      const run = parley('run', address, waits);
      children.push(run.child);
      await until('the program runs', () => run.said().includes('waiting'));

      const name = await showFarBoard(window, address);

      // The command line has it: the window says so, and asks at a click.
      await window.treeAction(name, 'Open REPL');
      const busy = await window.notification(
        /is in use by parley on the command line, process \d+/,
      );
      assert.match(await busy.innerText(), /Ask for it, or let go of it there/);
      await window.clickNotification(/is in use by parley/, 'Ask for It');
      await until('the command line is asked', () =>
        /the window “.+” asks for the board\. It is let go of when this command ends/.test(
          run.said(),
        ),
      );
      run.child.kill('SIGINT');
      await run.ended;
      await window.terminalShows(/^>>>/m, 60_000);
      await window.typeInTerminal('print(6 * 7)\n');
      await window.terminalShows(/^42$/m, 60_000);

      // The window has it: the command line asks, and gets it at a click.
      const exec = parley('--ask', 'exec', address, 'print("it is " + "mine")');
      children.push(exec.child);
      await window.clickNotification(
        /parley on the command line asks for .+, whose port is open/,
        'Let Go',
      );
      assert.equal(await exec.ended, 0, exec.said());
      assert.match(exec.said(), /it is mine/);
      // Nothing of the terminal is lost, and it says who has it.
      assert.match(await window.terminalText(), /^42$/m);
      await window.terminalShows(/let go of: parley on the command line asked for it/);
    } finally {
      for (const child of children) child.kill('SIGKILL');
    }
  },
);
