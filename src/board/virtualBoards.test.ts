/** Against a program of a few lines, which lives and dies as it is told. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ManualClock } from '../core/clock';
import { silentLog } from '../core/log';
import type { Board } from './board';
import { BoardRegistry } from './registry';
import { VirtualBoards, type UnexpectedEnd } from './virtualBoards';

/** Says that it listens, and its process id; dies of a "die" file where there is one. */
const PROGRAM = `
  const fs = require('node:fs');
  const state = process.argv[process.argv.indexOf('--state') + 1];
  fs.mkdirSync(state, { recursive: true });
  fs.appendFileSync(state + '/starts', process.pid + '\\n');
  fs.appendFileSync(state + '/told', process.argv.slice(2).join(' ') + '\\n' + process.env.PARLEY_VIRTUAL_WIFI + '\\n');
  process.stdin.on('data', (text) => fs.appendFileSync(state + '/told', text));
  if (fs.existsSync(state + '/broken')) { console.error('it is broken'); process.exit(3); }
  if (fs.existsSync(state + '/lingers')) require('node:child_process').spawn('sleep', ['0.5'], { stdio: 'inherit' });
  process.on('SIGUSR2', () => { console.error('the last words'); process.exit(7); });
  console.log(JSON.stringify({ event: 'listening', host: '127.0.0.1', port: 1, mac: '02:00:00:00:00:01' }));
  process.stdin.on('end', () => process.exit(0)).resume();
`;

function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-virtual-'));
  const program = join(folder, 'program.cjs');
  writeFileSync(program, PROGRAM);
  const clock = new ManualClock();
  const registry = new BoardRegistry({
    providers: [],
    store: { get: () => undefined, update: async () => undefined },
    rates: () => ({ repl: 115_200, flash: 460_800 }),
  });
  const errors: string[] = [];
  const log = { ...silentLog, error: (text: string) => void errors.push(text) };
  const boards = new VirtualBoards({
    program,
    stateFolder: folder,
    registry,
    networks: () => [],
    clock,
    log,
  });
  t.after(async () => {
    await boards.stopAll();
    registry.dispose();
    rmSync(folder, { recursive: true, force: true });
  });
  const starts = (): number[] =>
    readFileSync(join(folder, 'one', 'starts'), 'utf8')
      .trim()
      .split('\n')
      .map(Number);
  /** From now on a board's output stays open for a while after its process has ended. */
  const linger = (): void => {
    mkdirSync(join(folder, 'one'), { recursive: true });
    writeFileSync(join(folder, 'one', 'lingers'), '');
  };
  const end = (signal: NodeJS.Signals): Promise<UnexpectedEnd> =>
    new Promise((resolve) => {
      const told = boards.onUnexpectedEnd((event) => (told.dispose(), resolve(event)));
      process.kill(starts().at(-1)!, signal);
    });
  /** Starts it and kills it: resolves between the end of the process and the end of its output. */
  const killed = async (): Promise<{ board: Board; told: Promise<UnexpectedEnd> }> => {
    linger();
    const board = await boards.start('one');
    const gone = new Promise<void>((resolve) => board.onDidChange(() => board.where ?? resolve()));
    const told = end('SIGKILL');
    await gone;
    return { board, told };
  };
  return { boards, registry, clock, errors, starts, end, killed, folder };
}

test('a board that ends by itself is started again, and its last words are kept', async (t) => {
  const { boards, registry, errors, starts, end } = setUp(t);
  const board = await boards.start('one');
  const { name, error } = await end('SIGUSR2');
  assert.equal(name, 'one');
  assert.equal(error.code, 'virtual-ended');
  assert.deepEqual(error.details, { board: 'one', why: 'the last words', again: 'yes' });
  assert.deepEqual(errors, ['virtual board one ended by itself: the last words']);
  assert.equal(starts().length, 2);
  assert.equal(registry.find('virtual:one'), board);
  assert.ok(board.where, 'it is plugged in again');
});

test('one that is started by hand the moment it ended has one process, and stays plugged in', async (t) => {
  const { boards, registry, starts, killed } = setUp(t);
  const { board, told } = await killed();
  assert.equal(await boards.start('one'), board);
  assert.equal((await told).error.details['again'], 'yes');
  assert.equal(starts().length, 2);
  assert.ok(registry.find('virtual:one')?.where);
});

test('one that is stopped the moment it ended does not run in the end', async (t) => {
  const { boards, registry, starts, killed } = setUp(t);
  const { told } = await killed();
  await boards.stop('one');
  await told;
  assert.equal(registry.find('virtual:one')?.where, undefined);
  for (const pid of starts()) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('one that is killed says by which signal', async (t) => {
  const { boards, end } = setUp(t);
  await boards.start('one');
  assert.equal((await end('SIGKILL')).error.details['why'], 'ended by SIGKILL');
});

test('a board that ends all the time is left alone, until a minute has gone by', async (t) => {
  const { boards, registry, clock, starts, end } = setUp(t);
  await boards.start('one');
  for (let i = 0; i < 3; i++) assert.equal((await end('SIGUSR2')).error.details['again'], 'yes');
  assert.equal((await end('SIGUSR2')).error.details['again'], 'no');
  assert.equal(starts().length, 4);
  assert.equal(registry.find('virtual:one')?.where, undefined);
  await clock.advance(60_000);
  await boards.start('one');
  assert.equal((await end('SIGUSR2')).error.details['again'], 'yes');
});

test('one that cannot start again is told of as not running', async (t) => {
  const { boards, end, folder } = setUp(t);
  await boards.start('one');
  writeFileSync(join(folder, 'one', 'broken'), '');
  assert.equal((await end('SIGKILL')).error.details['again'], 'no');
});

test('a board that is stopped stays stopped', async (t) => {
  const { boards, starts } = setUp(t);
  const told: string[] = [];
  boards.onUnexpectedEnd(({ name }) => told.push(name));
  await boards.start('one');
  await boards.stop('one');
  await boards.start('one');
  await boards.stop('one');
  assert.equal(starts().length, 2);
  assert.deepEqual(told, []);
});

/** What the board's process was started with and told, a line each. */
const told = (folder: string): string[] =>
  readFileSync(join(folder, 'one', 'told'), 'utf8')
    .trim()
    .split('\n');

test('what is set around a board is there for the next window, and goes with the board', async (t) => {
  const { boards, folder, registry } = setUp(t);
  await boards.start('one');
  boards.setReading('one', 'dht.4.temperature', 30);
  boards.setReading('one', 'adc.34', null);
  boards.setReading('one', 'pin.5', 1);
  boards.setReading('one', 'pin.5', undefined);
  await boards.stop('one');

  const program = join(folder, 'program.cjs');
  const next = new VirtualBoards({ program, stateFolder: folder, registry, networks: () => [] });
  assert.deepEqual(next.readings('one'), { 'dht.4.temperature': 30, 'adc.34': null });
  await next.start('one');
  assert.match(told(folder).at(-2)!, /--set dht\.4\.temperature=30 --set adc\.34=none$/);
  await next.remove('one');
  assert.deepEqual(next.readings('one'), {});
});

test('what is set around a board is set around its copy, and each has its own from then on', async (t) => {
  const { boards, folder } = setUp(t);
  await boards.start('one');
  boards.setReading('one', 'dht.4.temperature', 30);
  await boards.stop('one');
  await boards.start('two', { like: 'one' });
  const told = (): string => readFileSync(join(folder, 'two', 'told'), 'utf8');
  assert.match(told(), /--set dht\.4\.temperature=30/);
  boards.setReading('two', 'dht.4.temperature', 12);
  assert.deepEqual(boards.readings('one'), { 'dht.4.temperature': 30 });
  await boards.stop('two');
  await boards.start('two', { like: 'one' });
  assert.deepEqual(boards.readings('two'), { 'dht.4.temperature': 12 });
});

test('a network of its own is told at once and at each start; its password is in no argument and no file', async (t) => {
  const { boards, folder } = setUp(t);
  await boards.start('one');
  assert.equal(told(folder).at(-1), '[]');
  boards.setAir('one', { ssid: 'Lab', password: 'a long secret' });
  assert.deepEqual(boards.air('one'), { ssid: 'Lab', password: 'a long secret' });
  await boards.stop('one');
  const said = told(folder).at(-1)!;
  assert.deepEqual(JSON.parse(said), { wifi: [{ ssid: 'Lab', password: 'a long secret' }] });
  await boards.start('one');
  const [args, air] = told(folder).slice(-2);
  assert.doesNotMatch(args!, /secret/);
  assert.equal(air, '[{"ssid":"Lab","password":"a long secret"}]');
  boards.setAir('one', undefined);
  await boards.stop('one');
  assert.equal(told(folder).at(-1), '{"wifi":[]}');
  assert.deepEqual(
    readdirSync(join(folder, 'one')).filter((name) => name !== 'told' && name !== 'starts'),
    [],
  );
});

test('the share of a core is told at the start, and again when it is another', async (t) => {
  const { folder, registry } = setUp(t);
  let share = 50;
  const program = join(folder, 'program.cjs');
  const boards = new VirtualBoards({
    ...{ program, stateFolder: folder, registry },
    networks: () => [],
    share: () => share,
  });
  await boards.start('one');
  assert.match(told(folder).at(-2)!, / --share 50$/);
  share = 20;
  boards.shareAgain();
  await boards.stop('one');
  assert.equal(told(folder).at(-1), '{"share":20}');
});

test('whether others may watch is told at the start, and again when it is another', async (t) => {
  const { folder, registry } = setUp(t);
  let may = true;
  const program = join(folder, 'program.cjs');
  const boards = new VirtualBoards({
    ...{ program, stateFolder: folder, registry },
    networks: () => [],
    watchers: () => may,
  });
  await boards.start('one');
  assert.match(told(folder).at(-2)!, / --watchers$/);
  may = false;
  boards.watchersAgain();
  await boards.stop('one');
  assert.equal(told(folder).at(-1), '{"watchers":false}');
});
