import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastLine, nameStdin, parseTraceback } from './traceback';
import { wholeLength } from './utf8';

const head = 'Traceback (most recent call last):\r\n';

test('frames, outermost first, and the error', () => {
  const text = `${head}  File "<stdin>", line 3, in <module>\r\n  File "lib/a b.py", line 12, in f\r\nNameError: name 'x' isn't defined\r\n`;
  assert.deepEqual(parseTraceback(text), {
    frames: [
      { file: '<stdin>', line: 3, function: '<module>' },
      { file: 'lib/a b.py', line: 12, function: 'f' },
    ],
    type: 'NameError',
    message: "name 'x' isn't defined",
  });
});

test('OSError of old and new firmware has its number', () => {
  assert.equal(parseTraceback(`${head}OSError: 28\r\n`).errno, 28);
  assert.equal(parseTraceback(`${head}OSError: [Errno 2] ENOENT\r\n`).errno, 2);
  assert.equal(parseTraceback(`${head}OSError: (2, 'no file')\r\n`).errno, 2);
  assert.equal(parseTraceback(`${head}OSError: Wifi Internal Error\r\n`).errno, undefined);
  assert.equal(parseTraceback(`${head}ValueError: 28\r\n`).errno, undefined);
});

test('a syntax error has a frame without a function; a message may have lines', () => {
  const syntax = parseTraceback(
    `${head}  File "main.py", line 7\r\nSyntaxError: invalid syntax\r\n`,
  );
  assert.deepEqual(syntax.frames, [{ file: 'main.py', line: 7 }]);
  assert.equal(parseTraceback(`${head}ValueError: a\r\nb\r\n`).message, 'a\nb');
  assert.equal(parseTraceback(`${head}KeyboardInterrupt: \r\n`).type, 'KeyboardInterrupt');
});

test('text that is no traceback is kept as a message', () => {
  assert.deepEqual(parseTraceback('out of luck, all of it'), {
    frames: [],
    type: '',
    message: 'out of luck, all of it',
  });
});

test('prompt code gets the name of its file', () => {
  assert.equal(nameStdin('  File "<stdin>", line 1', 'a$&.py'), '  File "a$&.py", line 1');
  assert.equal(lastLine('a\r\nb\r\n'), 'b');
});

test('wholeLength cuts before a character that is still on its way', () => {
  const bytes = Buffer.from('aé日🐎');
  const wholes = new Set([0, 1, 3, 6, 10]);
  for (let n = 0; n <= bytes.length; n++) {
    const whole = wholeLength(bytes.subarray(0, n));
    assert.ok(wholes.has(whole) && whole <= n && n - whole <= 3, `${n} -> ${whole}`);
  }
  assert.equal(wholeLength(Uint8Array.of(0x80, 0x80, 0x80, 0x80)), 4);
  assert.equal(wholeLength(Uint8Array.of(0xff)), 1);
});
