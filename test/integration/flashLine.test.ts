/**
 * Lines that are worse than their rate: what does not answer is spoken to more slowly, what damages
 * blocks is too, and a board's rate is remembered. Below: dist/virtual/main.js. Above: nothing.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { quietJob } from '../../src/core/job';
import type { Log } from '../../src/core/log';
import type { RateMemory } from '../../src/esp/baudRates';
import { enter, firmware, sha, skip, withBoard } from './flashSupport';

/** A memory that says what it was told. */
function memory(): RateMemory & { told: [string, number, number][] } {
  const told: [string, number, number][] = [];
  return {
    told,
    rateFor: (mac, asked) => told.find((t) => t[0] === mac && t[1] === asked)?.[2] ?? asked,
    remember: (mac, asked, got) => void told.push([mac, asked, got]),
  };
}

function warnings(): { log: Log; said: string[] } {
  const said: string[] = [];
  const nothing = (): void => undefined;
  const warn = (line: string): void => void said.push(line);
  return { said, log: { debug: nothing, info: nothing, warn, error: warn } };
}

describe('a rate too high for the line', { skip, timeout: 120_000 }, () => {
  for (const stub of [true, false]) {
    test(`a board that does not follow, ${stub ? 'with' : 'without'} the stub, is reached at a slower rate, and that is said and remembered once`, async () => {
      const flags = ['--unpaced', '--deaf-above', '230400', ...(stub ? [] : ['--no-stub'])];
      await withBoard(flags, async (board) => {
        const rates = memory();
        const first = warnings();
        const loader = await enter(board, 921_600, { rates, log: first.log });
        const { facts } = loader;
        assert.deepEqual([facts.baudRate, facts.slowedFrom], [230_400, 921_600]);
        assert.deepEqual([facts.stub, facts.flashSizeBytes], [stub, 4 << 20]);
        assert.equal(board.port.baudRate, 230_400);
        assert.deepEqual(rates.told, [[facts.mac, 921_600, 230_400]]);
        assert.equal(first.said.filter((line) => /921600 baud is too fast/.test(line)).length, 1);
        assert.equal(await loader.isBlank(quietJob()), true);
        await loader.leave();
        assert.equal(board.port.baudRate, 115_200);

        const second = warnings();
        const again = await enter(board, 921_600, { rates, log: second.log });
        assert.deepEqual([again.facts.baudRate, again.facts.slowedFrom], [230_400, undefined]);
        assert.deepEqual(
          second.said.filter((line) => /baud/.test(line)),
          [],
        );
        assert.equal(rates.told.length, 1);
        await again.leave();
      });
    });
  }

  test('down to the rate of the ROM', async () => {
    await withBoard(['--unpaced', '--deaf-above', '115200'], async (board) => {
      const loader = await enter(board, 460_800);
      assert.equal(loader.facts.baudRate, 115_200);
      await loader.leave();
    });
  });

  test('a line that damages blocks: the flash goes on at a slower rate and is right in the end', async () => {
    await withBoard(['--unpaced', '--noisy-above', '460800'], async (board) => {
      const rates = memory();
      const loader = await enter(board, 921_600, { rates });
      assert.equal(loader.facts.baudRate, 921_600, 'short questions pass');
      const image = firmware(300_000);
      const result = await loader.writeFlash(image, 0x1000, quietJob());
      assert.equal(result.writtenBytes, image.length);
      assert.equal(sha(board.flash().subarray(0x1000, 0x1000 + image.length)), sha(image));
      const { facts } = loader;
      assert.deepEqual([facts.baudRate, facts.slowedFrom], [460_800, 921_600]);
      assert.deepEqual(rates.told, [[facts.mac, 921_600, 460_800]]);
      await loader.leave();
    });
  });
});
