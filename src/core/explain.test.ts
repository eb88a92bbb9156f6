import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { BoardError, type BoardErrorCode, type ErrorDetails } from './errors';
import { explain, withCode } from './explain';

/** Every code of the union, read from its source, so that none can be forgotten here. */
const codes = [...readFileSync('src/core/errors.ts', 'utf8').matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(
  (match) => match[1] as BoardErrorCode,
);

const PAGE_HEAD = `# What went wrong, by its code

Each failure is one sentence with its code behind it, such as \`[disk-full]\`: in the window, on the command line, and in Parley's log. Here each sentence stands as it is for a board called machine1 where nothing more is known; the real one names files, chips, programs and numbers. Made from \`src/core/errors.ts\` and \`src/core/explain.ts\` by a test.
`;

test('no room is said with numbers where there are any', () => {
  const sentence = (details: ErrorDetails): string =>
    explain(new BoardError('disk-full', '', { details }), 'machine1').sentence;
  const known = { path: '/a.py', needed: 8192, free: 4096 };
  assert.match(sentence(known), /no room for \/a\.py: 8 KB needed, 4 KB free\. What was there/);
  assert.match(sentence({ path: '/a.py', needed: 9 }), /no room for \/a\.py\. What was there/);
});

test('every code has a sentence that names the board (or the broker, folder, file or recording) and ends', () => {
  assert.ok(codes.length > 25);
  for (const code of codes) {
    const { sentence } = explain(new BoardError(code, 'm'), 'machine1');
    assert.match(
      sentence,
      /machine1|Broker|^The folder|^The file|^Recording|^The board with a /,
      code,
    );
    assert.match(sentence, /[.?]$/, code);
    assert.doesNotMatch(sentence, /undefined/, code);
  }
});

test('docs/errors.md has each code, when it comes, and its sentence', () => {
  const source = readFileSync('src/core/errors.ts', 'utf8');
  const parts = codes.map((code) => {
    const comment = new RegExp(`/\\*\\* ([^\\n]*?) \\*/\\n {2}\\| '${code}'`).exec(source)?.[1];
    assert.ok(comment, `${code} is described in one line`);
    const when = comment.replace(/ details: .*$/, '');
    const { sentence } = explain(new BoardError(code, '…'), 'machine1');
    return `## ${code}\n\n${when}\n\n> ${sentence}\n`;
  });
  const page = `${PAGE_HEAD}\n${parts.join('\n')}`;
  if (process.env['PARLEY_WRITE_DOCS']) writeFileSync('docs/errors.md', page);
  assert.equal(readFileSync('docs/errors.md', 'utf8'), page, 'write it: PARLEY_WRITE_DOCS=1');
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

const said = (code: BoardErrorCode, details: Record<string, string | number> = {}) =>
  explain(new BoardError(code, 'm', { details }), 'machine1');

test('a busy port names the program where the system tells', () => {
  const { sentence } = said('port-busy', { path: '/dev/ttyUSB0', owner: 'thonny, process 41' });
  assert.match(
    sentence,
    /ttyUSB0 is in use by thonny, process 41\. Close it there, then try again/,
  );
  assert.match(said('port-busy').sentence, /another program\. Close it there \(Thonny/);
});

test('a forbidden port has the exact command, with a button that copies it', () => {
  const command = 'sudo usermod -aG uucp $USER';
  const { sentence, actions } = said('port-permission', {
    path: '/dev/ttyUSB0',
    group: 'uucp',
    command,
  });
  assert.ok(sentence.includes(`group uucp. Run: ${command} – then log out and in again`), sentence);
  assert.deepEqual(actions, ['copyCommand', 'retry']);
  const again = said('port-permission', { group: 'dialout', relogin: 'yes' });
  assert.match(again.sentence, /in the group dialout, but was not yet.*Log out and in again/);
  assert.deepEqual(again.actions, ['retry']);
});

test('a bootloader that is silent: which buttons to press, what was seen, a picture', () => {
  const { sentence, actions } = said('no-bootloader', { seen: 'it is silent' });
  assert.match(sentence, /does not answer \(it is silent\)\. Hold BOOT, press and release EN/);
  assert.ok(actions.includes('retry') && actions.includes('showButtons'));
});

test('flash id ffffff, brown-out and a missing driver each say what to do', () => {
  assert.match(said('bootloader-failed', { reason: 'flash' }).sentence, /ffffff.*GPIO6 to GPIO11/);
  assert.match(said('brown-out').sentence, /brown-out.*USB cable/);
  const mac = { bridge: 'CH340', ids: '1A86:7523', platform: 'darwin', url: 'https://x' };
  assert.match(said('driver-missing', mac).sentence, /CH340 \(1A86:7523\).*driver is missing/);
  assert.deepEqual(said('driver-missing', mac).actions, ['openPage', 'retry']);
  const linux = { bridge: 'CH340', ids: '1A86:7523', platform: 'linux', command: 'sudo x' };
  assert.match(said('driver-missing', linux).sentence, /brltty.*Run: sudo x/);
  assert.match(said('driver-missing', { platform: 'linux' }).sentence, /dmesg/);
});

test('what failed in a restore is to be restored again, not flashed', () => {
  const details = { flash: 'partly', restoring: 'yes' };
  for (const code of ['port-lost', 'cancelled', 'bootloader-failed', 'verify-failed'] as const) {
    assert.match(said(code, details).sentence, /[Rr]estore it again/, code);
    assert.match(said(code, { flash: 'partly' }).sentence, /[Ff]lash it again/, code);
  }
});

test('a board that only had bad luck is not said to be blank, nor to be erased', () => {
  for (const reason of ['reset', 'no-answer', 'download-mode']) {
    const { sentence, actions } = said('prompt-timeout', { reason });
    assert.doesNotMatch(sentence, /erase|flash/i, reason);
    assert.ok(actions.includes('retry'), reason);
  }
  assert.match(said('prompt-timeout', { reason: 'reset' }).sentence, /restarted in the middle/);
  const silent = said('no-micropython', { reason: 'silent' });
  assert.match(silent.sentence, /cable and at parley\.repl\.baudRate, reset it, and try again/);
  assert.equal(silent.actions[0], 'resetBoard');
  assert.match(said('port-failed', { reason: 'damaged' }).sentence, /arrived damaged/);
});

test('the code stands behind the first line', () => {
  const error = new BoardError('disk-full', 'm');
  assert.equal(withCode('No room. Go.', error), 'No room. Go. [disk-full]');
  assert.equal(withCode('one\ntwo', error), 'one [disk-full]\ntwo');
  assert.equal(withCode('x', new Error('y')), 'x');
});
