import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../core/clock';
import { GONE_MS, VirtualRoster } from './virtualRoster';

function setUp(named: string[] = []) {
  const clock = new ManualClock();
  const settings = { names: named };
  const done: string[] = [];
  const broken = new Set<string>();
  const roster = new VirtualRoster<string>({
    clock,
    read: () => settings.names,
    write: async (names) => {
      settings.names = [...names];
      done.push(`write ${names.join(' ')}`);
    },
    start: async (name) => {
      if (broken.has(name)) throw new Error('no');
      done.push(`start ${name}`);
      return name;
    },
    end: async (name) => void done.push(`end ${name}`),
    remove: async (name) => void done.push(`remove ${name}`),
  });
  return { clock, settings, done, broken, roster };
}

test('starts what the settings name, and ends what a person takes out of them', async () => {
  const { clock, settings, done, roster } = setUp(['one', 'two']);
  await roster.sync();
  assert.deepEqual(done.splice(0), ['start one', 'start two']);
  settings.names = ['two'];
  const synced = roster.sync();
  await clock.advance(GONE_MS - 1);
  assert.deepEqual(done, []);
  await clock.advance(1);
  await synced;
  assert.deepEqual(done, ['end one', 'start two']);
});

test('a settings file that reads as empty for a moment ends no board', async () => {
  const { clock, settings, done, roster } = setUp(['one', 'two']);
  await roster.sync();
  settings.names = [];
  const synced = roster.sync();
  await clock.advance(GONE_MS / 2);
  settings.names = ['one', 'two'];
  await clock.advance(GONE_MS);
  await synced;
  assert.equal(
    done.some((what) => what.startsWith('end')),
    false,
  );
});

test('a board that is added while the settings read as empty leaves the others in them', async () => {
  const { settings, roster } = setUp(['one']);
  await roster.sync();
  settings.names = [];
  assert.equal(await roster.add('two'), 'two');
  assert.deepEqual(settings.names.sort(), ['one', 'two']);
});

test('a change of the settings that comes while a board is being added does not end it', async () => {
  const { clock, settings, done, roster } = setUp();
  const added = roster.add('one');
  const synced = roster.sync();
  await clock.advance(2 * GONE_MS);
  await Promise.all([added, synced]);
  assert.deepEqual(done, ['start one', 'write one', 'start one']);
  assert.deepEqual(settings.names, ['one']);
});

test('a board that cannot start is not put into the settings, and the next sync tries again', async () => {
  const { settings, done, broken, roster } = setUp(['good']);
  broken.add('bad');
  await assert.rejects(roster.add('bad'), /no/);
  assert.deepEqual(settings.names, ['good']);
  settings.names = ['bad', 'good'];
  await roster.sync();
  assert.deepEqual(done.splice(0), ['start good']);
  broken.clear();
  await roster.sync();
  assert.deepEqual(done, ['start bad', 'start good']);
});

test('a removed board is out of the settings, and the others stay in', async () => {
  const { settings, done, roster } = setUp(['one', 'two']);
  await roster.sync();
  done.length = 0;
  await roster.remove('one');
  assert.deepEqual(done, ['remove one', 'write two']);
  assert.deepEqual(settings.names, ['two']);
});
