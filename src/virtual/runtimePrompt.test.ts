/** The friendly prompt of a virtual board, key by key, as somebody at a terminal has it. */
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { TestBoard } from './runtimeTesting';

let board: TestBoard;
afterEach(() => board?.stop());

/** A board at its prompt. */
async function prompt(files: Record<string, string> = {}): Promise<TestBoard> {
  board = await TestBoard.start({ files });
  await board.until('>>> ');
  return board;
}

/** What comes back of `keys`, up to and with `end`. */
async function answer(keys: string, end = '\r\n>>> '): Promise<string> {
  board.type(keys);
  return board.until(end);
}

const [UP, DOWN, LEFT] = ['\x1b[A', '\x1b[B', '\x1b[D'];

describe('the keys of the friendly prompt', () => {
  test('paste mode takes lines as they are, runs them at Ctrl-D and drops them at Ctrl-C', async () => {
    await prompt();
    const banner = '\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== ';
    assert.equal(await answer('\x05', '=== '), banner);
    assert.equal(
      await answer('if True:\r    print(6 * 7)\r\x04'),
      'if True:\r\n===     print(6 * 7)\r\n=== \r\n42\r\n>>> ',
    );
    await answer('\x05', '=== ');
    assert.equal(await answer('lost = 1\x03'), 'lost = 1\r\n>>> ');
    assert.match(await answer('lost\r'), /NameError/);
  });

  test('Tab completes what is one name, lists what are several, and knows modules after import', async () => {
    await prompt();
    await answer('import machine\r');
    assert.equal(await answer('machine.uni\t()\r', '()'), 'machine.unique_id()');
    await board.until('>>> ');
    const listed = await answer('machine.TIMER\t\x03');
    assert.equal(listed.replaceAll(/[\r\n]/g, ''), 'machine.TIMER_WAKE>>> ');
    const several = await answer('machine.PW\t');
    assert.match(several, /^machine\.PW\r\nPWRON_RESET\s+PWM\r\n>>> $/);
    // What was typed stands there again, to be gone on with.
    assert.match(await answer('M\r'), /^machine\.PWM\r\n<class 'PWM'>\r\n>>> $/);
    assert.match(await answer('import mat\t\r'), /^import math\r\n>>> $/);
  });

  test('up and down go through what was typed before', async () => {
    await prompt();
    await answer('1 + 2\r');
    await answer('10 + 20\r');
    assert.match(await answer(`${UP}${UP}\r`), /\r\n3\r\n>>> $/);
    // The list is now 1 + 2, 10 + 20, 1 + 2.
    assert.match(await answer(`${UP}${UP}${UP}${DOWN}\r`), /\r\n30\r\n>>> $/);
  });

  test('a line can be mended in the middle', async () => {
    await prompt();
    assert.match(await answer(`print(14)${LEFT}${LEFT}\x7f2\r`), /\r\n24\r\n>>> $/);
  });

  test('a block is indented by itself, and an empty line ends it', async () => {
    await prompt();
    assert.equal(await answer('for i in (1, 2):\r', '... '), 'for i in (1, 2):\r\n... ');
    assert.equal(await answer('', '    '), '    ');
    assert.equal(await answer('if i > 1:\r', '        '), 'if i > 1:\r\n...        ');
    await answer('print(i)\r', '...         ');
    // One Backspace takes a whole level back.
    assert.match(await answer('\x7f\x7f\r'), /\r\n2\r\n>>> $/);
  });

  test('Ctrl-C ends an import that does not, and the frames are those of the user', async () => {
    await prompt({ 'slow.py': 'print("in")\nwhile True: pass\n' });
    await answer('import slow\r', 'in\r\n');
    assert.equal(
      await answer('\x03'),
      'Traceback (most recent call last):\r\n  File "<stdin>", line 1, in <module>\r\n' +
        '  File "slow.py", line 2, in <module>\r\nKeyboardInterrupt: \r\n>>> ',
    );
  });

  test('a line ends with CR LF where text is printed, and bytes go as they are', async () => {
    await prompt();
    const code = 'import sys; n = sys.stdout.write("a\\nb\\r\\nc\\n")\r';
    assert.match(await answer(code), /\r\na\r\nb\r\nc\r\n>>> $/);
    const raw = 'n = sys.stdout.buffer.write(b"a\\nb\\r\\nc\\n")\r';
    assert.match(await answer(raw, 'c\n>>> '), /\r\na\nb\r\nc\n>>> $/);
  });
});
