import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { BOTH_HOLD_MS, Circuit, EN_RISE_MS } from './circuit';

function setup(): { clock: ManualClock; circuit: Circuit; seen: string[] } {
  const clock = new ManualClock();
  const circuit = new Circuit(clock);
  const seen: string[] = [];
  circuit.onReset(() => seen.push('reset'));
  circuit.onRelease((strap) => seen.push(strap));
  return { clock, circuit, seen };
}

/** Plays a sequence as esptool writes them: D and R set a line, W waits milliseconds. */
async function play(sequence: string): Promise<string[]> {
  const { clock, circuit, seen } = setup();
  let dtr = false;
  let rts = false;
  for (const step of sequence.split('|')) {
    const value = Number(step.slice(1));
    if (step[0] === 'W') await clock.advance(value);
    else {
      if (step[0] === 'D') dtr = value === 1;
      else rts = value === 1;
      circuit.setLines({ dtr, rts });
    }
  }
  await clock.advance(1000);
  return seen;
}

describe('circuit', () => {
  test('the classic sequence ends in the loader', async () => {
    assert.deepEqual(await play('D0|R1|W100|D1|R0|W50|D0'), ['reset', 'download']);
  });

  test('so it does when each line takes 50 ms to come, as over a network', async () => {
    const slow = 'D0|W50|R1|W50|W100|D1|W50|R0|W50|W50|D0|W50';
    assert.deepEqual(await play(slow), ['reset', 'download']);
  });

  test('a hard reset boots from flash', async () => {
    assert.deepEqual(await play('R1|W100|R0'), ['reset', 'flash']);
  });

  test('with DTR asserted RTS does not press EN', async () => {
    assert.deepEqual(await play('D1|R1|W100|R0|D0'), []);
  });

  test('a terminal that asserts both and lets go leaves the board alone', async () => {
    const { clock, circuit, seen } = setup();
    circuit.setLines({ dtr: true, rts: false });
    circuit.setLines({ dtr: true, rts: true });
    circuit.setLines({ dtr: false, rts: false });
    await clock.advance(1000);
    assert.deepEqual(seen, []);
  });

  test('EN takes its time, and the chip samples GPIO0 only then', async () => {
    const { clock, circuit, seen } = setup();
    circuit.setLines({ dtr: false, rts: true });
    circuit.setLines({ dtr: false, rts: false });
    await clock.advance(EN_RISE_MS - 1);
    assert.deepEqual(seen, ['reset']);
    circuit.setLines({ dtr: true, rts: false });
    await clock.advance(EN_RISE_MS);
    assert.deepEqual(seen, ['reset', 'download']);
  });

  test('both asserted after reset holds the chip, but not for ever', async () => {
    const { clock, circuit, seen } = setup();
    circuit.setLines({ dtr: false, rts: true });
    circuit.setLines({ dtr: true, rts: true });
    await clock.advance(BOTH_HOLD_MS - 1);
    assert.deepEqual(seen, ['reset']);
    await clock.advance(1);
    assert.deepEqual(seen, ['reset', 'flash']);
  });

  test('EN held low is one reset, and nothing starts before it is let go', async () => {
    const { clock, circuit, seen } = setup();
    circuit.setLines({ dtr: false, rts: true });
    circuit.setLines({ dtr: false, rts: true });
    await clock.advance(10_000);
    assert.deepEqual(seen, ['reset']);
  });
});
