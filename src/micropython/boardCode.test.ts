import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBoardError } from '../core/errors';
import { pyBytes, pyString, records } from './boardCode';
import { boardPath, folderOf } from './filesystem';
import { crc32, matches } from './contentHash';
import { pieceCode } from './plainTransfer';

test('Python literals', () => {
  assert.equal(pyString('a"b\\\n\u0001é'), '"a\\"b\\\\\\n\\u0001é"');
  assert.equal(pyBytes(Buffer.from("it's\\\r\n\t\x04é")), "b'it\\'s\\\\\\r\\n\\t\\x04\\xc3\\xa9'");
});

test('a piece of a file is sent the shorter way, and never with a control character', () => {
  const source = Buffer.from("print('hello')\n".repeat(60));
  assert.match(pieceCode(source), /write\(b'/);
  const binary = Uint8Array.from({ length: 1024 }, (_, i) => (i * 37) & 0xff);
  assert.match(pieceCode(binary), /_parley_b\('/);
  for (const piece of [source, binary]) {
    assert.match(pieceCode(piece), /^[\x20-\x7e]*$/);
    assert.ok(pieceCode(piece).length < 1450);
  }
});

test("answers are told from a timer's chatter", () => {
  const output = 'tick\r\n\x1e[1,"é"]\r\ntick\x1enull\r\n';
  assert.deepEqual(records(output), [[1, 'é'], null]);
  assert.throws(
    () => records('\x1e[1,\r\n'),
    (error) => isBoardError(error, 'port-failed'),
  );
});

test('paths on a board', () => {
  assert.equal(boardPath('lib//a.py'), '/lib/a.py');
  assert.equal(boardPath('/'), '/');
  assert.equal(folderOf('/a.py'), '/');
  assert.equal(folderOf('/lib/x/a.py'), '/lib/x');
  for (const bad of ['../a', '/lib/../a', './a', 'a\0b']) {
    assert.throws(
      () => boardPath(bad),
      (error) => isBoardError(error, 'unsupported'),
      bad,
    );
  }
});

test('content hashes', () => {
  const bytes = Buffer.from('123456789');
  assert.equal(crc32(bytes), 'cbf43926'); // the check value of CRC-32/ISO-HDLC
  assert.ok(matches({ kind: 'crc32', value: 'cbf43926', length: 9 }, bytes));
  assert.ok(!matches({ kind: 'crc32', value: 'cbf43926', length: 8 }, bytes));
  assert.ok(!matches({ kind: 'length', value: '', length: 9 }, bytes), 'a length proves nothing');
});
