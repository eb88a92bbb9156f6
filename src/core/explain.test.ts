import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BoardError, type BoardErrorCode } from './errors';
import { explain } from './explain';

/** Every code of the union, read from its source, so that none can be forgotten here. */
const codes = [...readFileSync('src/core/errors.ts', 'utf8').matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(
  (match) => match[1] as BoardErrorCode,
);

test('every code has a sentence that names the board (or the broker, folder or recording) and ends', () => {
  assert.ok(codes.length > 25);
  for (const code of codes) {
    const { sentence } = explain(new BoardError(code, 'm'), 'machine1');
    assert.match(sentence, /machine1|Broker|^The folder|^Recording/, code);
    assert.match(sentence, /[.?]$/, code);
    assert.doesNotMatch(sentence, /undefined/, code);
  }
});

test('details are said: which file, which chip, which program', () => {
  const wrong = new BoardError('wrong-chip', 'm', {
    details: { file: 's3.bin', imageChip: 'ESP32-S3', boardChip: 'ESP32' },
  });
  assert.match(
    explain(wrong, 'machine1').sentence,
    /s3\.bin is for ESP32-S3, but machine1 is ESP32/,
  );
  const taken = new BoardError('broker-port-taken', 'm', {
    details: { host: '127.0.0.1', port: 1883, owner: 'mosquitto', mqtt: 'yes' },
  });
  assert.match(explain(taken).sentence, /1883 on 127\.0\.0\.1 is already used by mosquitto/);
  assert.deepEqual(explain(taken).actions, ['useThatBroker', 'useOtherPort']);
});

test('a foreign error shows its first line and no stack', () => {
  assert.equal(
    explain(new Error('boom\n at x'), 'machine1').sentence,
    'machine1: boom. The log has the details.',
  );
});
