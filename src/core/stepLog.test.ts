import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from './clock';
import { BoardError } from './errors';
import { StepLog } from './stepLog';

function setUp() {
  const clock = new ManualClock();
  const lines: string[] = [];
  const line = (level: string) => (text: string) => void lines.push(`${level} ${text}`);
  const log = {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
  };
  return { clock, lines, steps: new StepLog(log, 'Flash machine1', clock) };
}

test('a line for each step, however many updates it had, with bytes and seconds', async () => {
  const { clock, lines, steps } = setUp();
  steps.report({ message: 'Entering the bootloader' });
  await clock.advance(1200);
  for (const doneBytes of [0, 1024, 2048]) {
    steps.report({ message: 'Writing at 0x1000', doneBytes, totalBytes: 2048 });
    await clock.advance(1000);
  }
  steps.report({ message: 'Verifying' });
  steps.end();
  assert.deepEqual(lines, [
    'info Flash machine1: Entering the bootloader (1.2 s)',
    'info Flash machine1: Writing at 0x1000 (2 KB, 3.0 s)',
    'info Flash machine1: Verifying (0.0 s)',
    'info Flash machine1: done in 4.2 s',
  ]);
});

test('what failed says in which step, how far it was, and the code', () => {
  const { lines, steps } = setUp();
  steps.report({ message: 'Writing at 0x1000', doneBytes: 1024, totalBytes: 4096 });
  steps.end(new BoardError('port-lost', 'ttyUSB0: gone\nand a second line'));
  assert.deepEqual(lines, [
    'info Flash machine1: Writing at 0x1000 (failed, 1 KB of 4 KB, 0.0 s)',
    'error Flash machine1: failed after 0.0 s: [port-lost] ttyUSB0: gone',
  ]);
});

test('a cancel is no error', () => {
  const { lines, steps } = setUp();
  steps.end(new BoardError('cancelled', 'm'));
  assert.deepEqual(lines, ['info Flash machine1: cancelled after 0.0 s']);
});
