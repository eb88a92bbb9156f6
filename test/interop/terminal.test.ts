/**
 * Programs that want a serial device: picocom, and Thonny's MicroPython backend. socat makes one of the
 * virtual board's TCP port. Runs the built process, dist/virtual/main.js.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MAIN, PYTHON, run, runPython, withBoard } from './support';

/** Why a test of `program` cannot run here, or false. */
function missing(program: 'picocom' | 'thonny'): string | false {
  for (const needed of ['socat', program]) {
    if (spawnSync(needed, ['-h']).error) return `${needed} is not installed`;
  }
  if (program === 'thonny' && spawnSync(PYTHON, ['-c', 'import thonny']).status !== 0) {
    return 'thonny is not installed for Debian’s Python';
  }
  return existsSync(MAIN) ? false : `${MAIN} is not built`;
}

/** A device of this computer that is the board's line, for the length of `body`. */
async function withDevice(body: (device: string) => Promise<void>): Promise<void> {
  await withBoard({ flashed: true }, async ({ port }) => {
    const dir = mkdtempSync(join(tmpdir(), 'parley-device-'));
    const device = join(dir, 'ttyV0');
    const socat = spawn(
      'socat',
      ['-d', '-d', `PTY,link=${device},raw,echo=0`, `TCP:127.0.0.1:${port}`],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const gone = new Promise((resolve) => socat.once('exit', resolve));
    try {
      await new Promise<void>((resolve, reject) => {
        let said = '';
        socat.stderr.on('data', (bytes) => {
          said += bytes;
          if (said.includes('starting data transfer loop')) resolve();
        });
        socat.once('exit', () => reject(new Error(said)));
      });
      await body(device);
    } finally {
      socat.kill();
      await gone;
      rmSync(dir, { recursive: true, force: true });
    }
  });
}

describe('picocom through socat', { skip: missing('picocom') }, () => {
  test('is at the prompt, runs a line, and gets the answer', async () => {
    await withDevice(async (device) => {
      // picocom ends after so many milliseconds without a byte from either side.
      const args = ['-b', '115200', '--omap', 'crcrlf', '-x', '4000', '--noreset', device];
      const out = await run('picocom', args, { input: '\r\r1000 + 337\r' });
      assert.match(out, />>> 1000 \+ 337\r\n1337\r\n>>> /);
    });
  });
});

describe('Thonny’s MicroPython backend', { skip: missing('thonny') }, () => {
  test('writes, lists, reads and runs', async () => {
    await withDevice(async (device) => {
      const out = await runPython(['test/interop/thonny_script.py', device]);
      const found = JSON.parse(out) as Record<string, unknown>;
      assert.match(String(found['welcome']), /MicroPython v1\.27/);
      assert.equal(found['size'], 5120);
      assert.equal(found['same'], true);
      assert.match(String(found['printed']), /sum 45\s+esp32/);
      assert.match(String(found['failed']), /line 2, in f\s+ZeroDivisionError: divide by zero/);
    });
  });
});
