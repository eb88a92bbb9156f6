import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { UsbReset } from './usbReset';

function setUp() {
  const clock = new ManualClock();
  const lines = new UsbReset(clock);
  const seen: string[] = [];
  lines.onReset(() => seen.push('reset'));
  lines.onRelease((strap) => seen.push(strap));
  const set = async (dtr: 0 | 1, rts: 0 | 1): Promise<void> => {
    lines.setLines({ dtr: dtr === 1, rts: rts === 1 });
    await clock.advance(100);
  };
  return { lines, seen, set, clock };
}

describe('USB-Serial-JTAG', () => {
  test('what was asked for before the reset decides: the sequence of esptool ends in the loader', async () => {
    const { seen, set } = setUp();
    await set(0, 0);
    await set(1, 0);
    await set(1, 1);
    await set(0, 1);
    await set(0, 0);
    assert.deepEqual(seen, ['reset', 'download']);
  });

  test('a pulse of RTS starts the program, also after the loader was left', async () => {
    const { seen, set } = setUp();
    await set(1, 0);
    await set(0, 0);
    await set(0, 1);
    await set(0, 0);
    assert.deepEqual(seen, ['reset', 'flash']);
  });

  test('the sequence for a bridge with transistors comes too late with its DTR', async () => {
    const { seen, set } = setUp();
    await set(0, 1);
    await set(1, 0);
    await set(0, 0);
    assert.deepEqual(seen, ['reset', 'flash']);
  });

  test('without power nothing is pending any more', async () => {
    const { lines, seen, clock } = setUp();
    lines.setLines({ dtr: false, rts: true });
    lines.letGo();
    await clock.advance(1000);
    assert.deepEqual(seen, ['reset']);
  });
});
