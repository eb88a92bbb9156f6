/**
 * What the loader of a virtual board tells is what the board knows afterwards.
 * Below: dist/virtual/main.js. Above: nothing.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { quietJob } from '../../src/core/job';
import { lookAt } from '../../src/operations/look';
import { boardOn, notBuilt, withVirtualBoard } from './support';

describe('a look at the chip', { skip: notBuilt, timeout: 60_000 }, () => {
  test('tells chip, revision, features, crystal, flash and MAC in one visit', async () => {
    await withVirtualBoard({ flashed: false }, async (virtual) => {
      const board = boardOn(virtual);
      await lookAt(board, quietJob());
      const { mac, model, ...rest } = board.facts;
      assert.match(mac ?? '', /^24:6f:28(:[0-9a-f]{2}){3}$/);
      assert.match(model ?? '', /^ESP32-D0WD.* \(revision .+\)$/);
      assert.deepEqual(rest.features?.slice(0, 2), ['Wi-Fi', 'BT']);
      assert.equal(rest.chip, 'ESP32');
      assert.equal(rest.crystalMHz, 40);
      assert.equal(rest.flashBytes, 4 << 20);
      assert.equal(rest.flashId, 0x1640ef);
    });
  });
});
