import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BoardError } from './errors';
import { explain } from './explain';
import { adviceForLine, pythonAdvice } from './pythonAdvice';

describe('advice on Python errors', () => {
  test('a full heap, a missing file, a closed port', () => {
    assert.match(pythonAdvice('MemoryError', '')!.text, /gc\.collect/);
    assert.match(pythonAdvice('OSError', '[Errno 2] ENOENT', 2)!.text, /No file of that name/);
    assert.match(pythonAdvice('OSError', '[Errno 111] ECONNREFUSED', 111)!.text, /Nothing listens/);
    assert.match(pythonAdvice('OSError', '-2', -2)!.text, /resolved/);
    assert.match(pythonAdvice('OSError', 'Wifi Internal Error')!.text, /active\(True\)/);
  });

  test('a missing module: ours, of micropython-lib, of CPython, and unknown', () => {
    const of = (name: string) => pythonAdvice('ImportError', `no module named '${name}'`)!;
    assert.match(of('umqttsimple').text, /Put the board’s folder/);
    assert.match(
      of('umqtt.robust').text,
      /\(mip\) puts umqtt\.simple on the board, with or without Wi-Fi/,
    );
    assert.equal(of('umqtt.robust').module, 'umqtt');
    assert.equal(of('umqtt.robust').package, 'umqtt.simple');
    assert.equal(of('umqttsimple').package ?? of('numpy').package, undefined);
    assert.match(of('numpy').text, /computers/);
    assert.match(of('mine').text, /mine\.py/);
    assert.match(pythonAdvice('ImportError', "can't import name x")!.text, /dir\(module\)/);
  });

  test('nothing is said where nothing is known', () => {
    assert.equal(pythonAdvice('ValueError', 'no'), undefined);
    assert.equal(pythonAdvice('OSError', '[Errno 200]', 200), undefined);
  });

  test('a line is read as old and new firmware print it; other lines mean nothing', () => {
    for (const line of ['OSError: [Errno 2] ENOENT', 'OSError: 2', "OSError: (2, 'x')\r"]) {
      assert.match(adviceForLine(line)!.text, /No file/, line);
    }
    assert.match(adviceForLine('OSError: -2')!.text, /resolved/);
    assert.match(
      adviceForLine('MemoryError: memory allocation failed, allocating 4 bytes')!.text,
      /heap/,
    );
    assert.match(adviceForLine('umqttsimple.MQTTException: 5')!.text, /password/);
    assert.equal(adviceForLine('the OSError: 2'), undefined);
    assert.equal(adviceForLine('hello'), undefined);
  });

  test('a command says it too', () => {
    const traceback = 'Traceback (most recent call last):\nOSError: [Errno 28] ENOSPC';
    const error = new BoardError('python-error', 'x', { details: { traceback } });
    assert.match(explain(error, 'machine1').sentence, /ENOSPC\. The file system is full/);
  });
});
