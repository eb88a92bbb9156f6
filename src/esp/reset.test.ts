import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { isBoardError } from '../core/errors';
import type { ControlSignals, Port, PortInfo } from '../port/port';
import {
  classicReset,
  hardReset,
  networkReset,
  parseResetSequence,
  resetLadder,
  runResetSequence,
  tightReset,
  usbJtagReset,
} from './reset';

const usb = { vendorId: 0x303a, productId: 0x1001 };
const local: PortInfo = { scheme: 'serial', address: '/dev/ttyUSB0', label: '' };
const remote: PortInfo = { scheme: 'rfc2217', address: 'h:1', label: '' };

/** A port that only has lines: writes down what EN and GPIO0 of a DevKit see, and when. */
function lines(clock: ManualClock, info = local): { port: Port; seen: string[] } {
  const seen: string[] = [];
  let dtr = false;
  let rts = false;
  const setSignals = (signals: ControlSignals): Promise<void> => {
    dtr = signals.dtr ?? dtr;
    rts = signals.rts ?? rts;
    const state = rts && !dtr ? 'reset' : dtr && !rts ? 'gpio0' : 'free';
    seen.push(`${clock.now()} ${state}`);
    return Promise.resolve();
  };
  return { port: { info, setSignals } as unknown as Port, seen };
}

async function play(sequence: string): Promise<string[]> {
  const clock = new ManualClock();
  const { port, seen } = lines(clock);
  const run = runResetSequence(port, sequence, clock);
  await clock.advance(2000);
  await run;
  return seen;
}

describe('reset sequences', () => {
  test('classic: reset for 100 ms, then GPIO0 low for the hold, then free', async () => {
    assert.deepEqual(await play(classicReset(550)), [
      '0 free',
      '0 reset',
      '100 free',
      '100 gpio0',
      '650 free',
    ]);
  });

  test('over a network and with one ioctl EN never rises before GPIO0 is low', async () => {
    assert.deepEqual(await play(networkReset()), ['0 reset', '100 gpio0', '150 free']);
    assert.deepEqual(await play(tightReset()), [
      '0 free',
      '0 free',
      '0 reset',
      '100 gpio0',
      '150 free',
    ]);
  });

  test('every sequence lets go of the lines at its end', async () => {
    for (const text of [classicReset(), tightReset(), networkReset(), usbJtagReset]) {
      assert.match((await play(text)).at(-1) ?? '', / free$/, text);
    }
  });

  test('a hard reset never pulls GPIO0', async () => {
    const clock = new ManualClock();
    const { port, seen } = lines(clock);
    const run = hardReset(port, clock);
    await clock.advance(200);
    await run;
    assert.deepEqual(seen, ['0 free', '0 reset', '100 free']);
  });

  test('what is no sequence is refused before a line moves', async () => {
    for (const text of ['', 'D2', 'D0|', 'R1 W100', 'W', 'W999999', 'U1']) {
      assert.throws(
        () => parseResetSequence(text),
        (e) => isBoardError(e, 'port-failed'),
      );
    }
    const clock = new ManualClock();
    const { port, seen } = lines(clock);
    await assert.rejects(runResetSequence(port, 'R1|X', clock));
    assert.deepEqual(seen, []);
  });

  test('the ladder is esptool’s for each kind of port', () => {
    assert.deepEqual(resetLadder({ ...local, usb }, 'linux'), [usbJtagReset]);
    assert.deepEqual(resetLadder(remote, 'linux'), [
      networkReset(50),
      networkReset(550),
      usbJtagReset,
    ]);
    assert.deepEqual(resetLadder(local, 'win32'), [classicReset(50), classicReset(550)]);
    assert.deepEqual(resetLadder(local, 'darwin'), [
      tightReset(50),
      tightReset(550),
      classicReset(50),
      classicReset(550),
    ]);
  });
});
