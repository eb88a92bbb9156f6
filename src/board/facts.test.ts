import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { factsOfChip, hardwareOf, sameFacts, withNews } from './facts';

const chip = {
  chip: 'ESP32',
  chipId: 0,
  description: 'ESP32-D0WD-V3 (revision 3)',
  mac: '24:6F:28:00:00:01',
  features: ['Wi-Fi', 'BT'],
  stub: true,
};

describe('what is known of a board', () => {
  test('what the loader could not read overwrites nothing that was known', () => {
    const known = withNews({}, factsOfChip({ ...chip, flashId: 0x1640ef, crystalMHz: 40 }));
    const secure = factsOfChip({ ...chip, description: 'ESP32', mac: '', features: [] });
    const after = withNews(known, secure);
    assert.equal(after.mac, '24:6f:28:00:00:01');
    assert.equal(after.flashId, 0x1640ef);
    assert.deepEqual(after.features, ['Wi-Fi', 'BT']);
  });

  test('another MAC address is another board: nothing of the old one stays', () => {
    const known = { mac: 'aa', chip: 'ESP32', micropython: '1.27.0' };
    assert.deepEqual(withNews(known, { mac: 'bb' }), { mac: 'bb' });
    assert.equal(withNews(known, { micropython: undefined }).micropython, undefined);
    assert.ok(!('micropython' in withNews(known, { micropython: undefined })));
  });

  test('facts are compared by value, in any order', () => {
    assert.ok(sameFacts({ mac: 'a', features: ['x'] }, { features: ['x'], mac: 'a' }));
    assert.ok(!sameFacts({ features: ['x'] }, { features: ['x', 'y'] }));
    assert.deepEqual(hardwareOf({ mac: 'a', micropython: '1', chip: 'ESP32' }), { chip: 'ESP32' });
  });
});
