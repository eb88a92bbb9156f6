import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../core/clock';
import { isBoardError } from '../core/errors';
import { Emitter } from '../core/event';
import { quietJob } from '../core/job';
import type { Port } from '../port/port';
import { isAtPrompt } from './atPrompt';

/** A board whose prompt answers from the `from`th time it is asked; the earlier ones are lost. */
function boardThatAnswers(from: number) {
  const data = new Emitter<Uint8Array>();
  const asked: number[] = [];
  const port = {
    onData: data.event,
    onClose: new Emitter<undefined>().event,
    write: async (bytes: Uint8Array) => {
      asked.push(...bytes);
      if (asked.length >= from) data.fire(Buffer.from('\r\nMicroPython v1.13\r\n>>> '));
    },
  } as unknown as Port;
  return { port, asked };
}

async function answer(from: number, mayBoot: boolean) {
  const clock = new ManualClock();
  const { port, asked } = boardThatAnswers(from);
  const result = isAtPrompt(port, clock, quietJob(), mayBoot);
  await clock.advance(10_000);
  return { result: await result, asked };
}

test('a prompt answers the first time it is asked', async () => {
  assert.deepEqual(await answer(1, false), { result: true, asked: [2] });
});

test('a board that may be booting is asked again, five times at the most', async () => {
  assert.deepEqual(await answer(3, true), { result: true, asked: [2, 2, 2] });
  assert.deepEqual(await answer(9, true), { result: false, asked: [2, 2, 2, 2, 2] });
});

test('a program that is known to run finds one byte in its input, not five', async () => {
  assert.deepEqual(await answer(9, false), { result: false, asked: [2] });
});

test('a chip that finds no program runs none', async () => {
  const data = new Emitter<Uint8Array>();
  const port = {
    onData: data.event,
    onClose: new Emitter<undefined>().event,
    write: async () => {
      data.fire(Buffer.from('rst:0x10 (RTCWDT_RTC_RESET)\r\ninvalid he'));
      data.fire(Buffer.from('ader: 0xffffffff\r\n'));
    },
  } as unknown as Port;
  const clock = new ManualClock();
  const look = isAtPrompt(port, clock, quietJob(), true).catch((error: unknown) => error);
  await clock.advance(10_000);
  const error = await look;
  assert.ok(isBoardError(error, 'no-micropython'));
  assert.equal(error.details['reason'], 'boot-loop');
});
