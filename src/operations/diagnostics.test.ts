import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, before, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { BoardError, isBoardError } from '../core/errors';
import { OperationTimes } from '../core/operationTimes';
import { archiveName, logTails, writeDiagnostics, LOG_TAIL, type Diagnostics } from './diagnostics';

let folder = '';
before(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'parley-diagnostics-'))));
after(() => rm(folder, { recursive: true, force: true }));

const planted = 'planted-Zq7-password';

/** Two operations, as a board writes them. */
function operations(): OperationTimes {
  let now = 0;
  const times = new OperationTimes({ now: () => now }, () => new Date('2026-01-02T03:04:05.000Z'));
  const flash = times.begin('machine1', 'Flash');
  now = 4210;
  flash();
  const put = times.begin('machine1', 'Put');
  now = 5000;
  put(new BoardError('disk-full', `no room for ${planted}`));
  return times;
}

const from = (): Diagnostics => ({
  versions: ['Parley 0.1.0'],
  ports: ['serial  /dev/ttyUSB0  CP2102'],
  boards: ['machine1: MAC address 24:6f:28:ab:cd:ef'],
  operations: operations().all,
  settings: {
    'wifi.ssid': 'Home of Ada',
    'conversation.templates': [{ name: 'x', payload: 'mine' }],
    'broker.url': `mqtt://ada:${planted}@host`,
    'broker.users': [{ name: 'a', password: planted }],
    folders: { machine1: '/home/ada/machine1' },
  },
  logs: {
    'Parley.log': `reading /home/ada/fw.bin\nkey ${Buffer.from(planted).toString('hex')}\n`,
    '../../escape.log': 'x',
  },
  more: { 'broker.txt': `user ada, password ${planted}\n` },
});

test('one archive with everything, and nothing that is nobody’s business', async () => {
  const file = path.join(folder, 'sub', 'd.zip');
  const names = await writeDiagnostics(file, from(), { home: '/home/ada', secrets: [planted] });
  const entries = unzipSync(new Uint8Array(await readFile(file)));
  assert.deepEqual(Object.keys(entries).sort(), [...names].sort());
  assert.ok(
    names.every((name) => /^(log\/)?[\w.-]+$/.test(name)),
    String(names),
  );
  const texts = Object.fromEntries(
    Object.entries(entries).map(([name, bytes]) => [name, strFromU8(bytes)]),
  );
  assert.match(
    texts['operations.txt']!,
    /^2026-01-02T03:04:05\.000Z {2}machine1 {2}Flash {6}4\.210 s {2}done\n.*Put {8}0\.790 s {2}\[disk-full\]\n$/,
  );
  assert.match(texts['settings.json']!, /"wifi\.ssid": "\(11 characters\)"/);
  assert.match(texts['settings.json']!, /"conversation\.templates": "\(1 entries\)"/);
  assert.match(texts['log/Parley.log']!, /reading ~\/fw\.bin/);
  const all = Object.values(texts).join('\n');
  const hex = Buffer.from(planted).toString('hex');
  for (const secret of [planted, hex, '/home/ada', 'ab:cd:ef', 'Home of Ada', 'mine']) {
    assert.ok(!all.includes(secret), secret);
  }
});

test('a place that cannot be written to is said, and no half archive stays', async () => {
  await writeFile(path.join(folder, 'file'), '');
  const file = path.join(folder, 'file', 'd.zip');
  await assert.rejects(writeDiagnostics(file, from(), { home: '' }), (error) => {
    assert.ok(isBoardError(error, 'file-not-written'));
    assert.equal(error.details['file'], file);
    return true;
  });
  assert.ok(!(await readdir(folder)).some((name) => name.endsWith('.part')));
});

test('of a long log the end is taken, from the beginning of a line', async () => {
  const logs = path.join(folder, 'logs');
  await writeDiagnostics(path.join(logs, 'x.zip'), from(), { home: '' });
  const lines = Array.from({ length: 60_000 }, (_, n) => `line number ${n}`).join('\n');
  await writeFile(path.join(logs, 'Parley.log'), lines);
  const tails = await logTails(logs);
  assert.deepEqual(Object.keys(tails), ['Parley.log']);
  assert.ok(tails['Parley.log']!.length <= LOG_TAIL + 2);
  assert.match(tails['Parley.log']!, /^…\nline number \d+\n/);
  assert.match(tails['Parley.log']!, /line number 59999$/);
  assert.deepEqual(await logTails(path.join(folder, 'none')), {});
});

test('the name sorts by time', () => {
  assert.equal(archiveName(new Date(2026, 10, 9, 4, 5)), 'parley-diagnostics-2026-11-09-0405.zip');
});
