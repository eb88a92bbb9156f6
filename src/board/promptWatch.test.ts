import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../core/clock';
import { PromptWatch } from './promptWatch';

function setUp(): { watch: PromptWatch; clock: ManualClock; changes: unknown[] } {
  const clock = new ManualClock();
  const changes: unknown[] = [];
  const watch: PromptWatch = new PromptWatch(clock, () => changes.push(watch.activity));
  return { watch, clock, changes };
}
const bytes = (text: string): Uint8Array => Buffer.from(text);

test('a prompt is known when it shows, also cut between packets', () => {
  const { watch, changes } = setUp();
  assert.equal(watch.activity, undefined);
  watch.printed(bytes('MicroPython v1.27.0\r\n>>'));
  watch.printed(bytes('> '));
  assert.equal(watch.activity, 'prompt');
  assert.deepEqual(changes, ['prompt']);
});

test('a short command changes nothing, a long one is a program until the prompt is back', async () => {
  const { watch, clock, changes } = setUp();
  watch.printed(bytes('\r\n>>> '));
  watch.typed(bytes('1+1\r'));
  watch.printed(bytes('1+1\r\n2\r\n>>> '));
  await clock.advance(5000);
  assert.deepEqual(changes, ['prompt']);
  watch.typed(bytes('\x04'));
  watch.printed(bytes('soft reset\r\nhello\r\n'));
  await clock.advance(5000);
  assert.equal(watch.activity, 'running');
  watch.printed(bytes('\r\n>>> '));
  assert.equal(watch.activity, 'prompt');
});

test('a half-typed line is still the prompt; a board that only talks runs something', async () => {
  const { watch, clock } = setUp();
  watch.printed(bytes('\r\n>>> import o'));
  assert.equal(watch.promptShows, true);
  await clock.advance(5000);
  assert.notEqual(watch.activity, 'running');
  const other = setUp();
  other.watch.printed(bytes('tick\r\n'));
  await other.clock.advance(5000);
  assert.equal(other.watch.activity, 'running');
  other.watch.set(undefined);
  assert.equal(other.watch.promptShows, false);
});

test('a chip that waits for a download is in its loader until it prints again', async () => {
  const { watch, clock, changes } = setUp();
  watch.printed(bytes('rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT)\r\nwaiting for down'));
  watch.printed(bytes('load\r\n'));
  assert.equal(watch.activity, 'loader');
  await clock.advance(5000);
  assert.equal(watch.activity, 'loader');
  watch.printed(bytes('ets Jul 29 2019\r\nMicroPython v1.27.0\r\n>>> '));
  assert.equal(watch.activity, 'prompt');
  assert.deepEqual(changes, ['loader', undefined, 'prompt']);
});
