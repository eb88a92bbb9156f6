import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MOST_LIGHTS, readWorld, worldBuffer, worldVersion, WorldWriter } from './world';

describe('the world around a board', () => {
  test('pins stand as they were driven, and only those that are used', () => {
    const buffer = worldBuffer();
    const writer = new WorldWriter(buffer);
    assert.deepEqual(readWorld(buffer), { pins: [], strips: [] });
    writer.pin(2, 3, 1);
    writer.pin(5, 1, 0);
    writer.pin(2, -1, 0);
    writer.pwm(18, 50, 4915);
    assert.deepEqual(readWorld(buffer).pins, [
      { pin: 2, mode: 'out', level: 0, duty: 0, frequency: 0 },
      { pin: 5, mode: 'in', level: 0, duty: 0, frequency: 0 },
      { pin: 18, mode: 'pwm', level: 0, duty: 4915, frequency: 50 },
    ]);
    writer.pwm(18, 0, 0);
    assert.equal(readWorld(buffer).pins[2]!.mode, 'out');
  });

  test('a strip shows its colours, green first on the wire', () => {
    const buffer = worldBuffer();
    const writer = new WorldWriter(buffer);
    writer.lights(4, 3, Uint8Array.of(0x10, 0xff, 0x01, 0, 0, 0));
    writer.lights(5, 4, Uint8Array.of(1, 2, 3, 4));
    assert.deepEqual(readWorld(buffer).strips, [
      { pin: 4, colours: ['#ff1001', '#000000'] },
      { pin: 5, colours: ['#020103'] },
    ]);
    writer.lights(4, 3, new Uint8Array(3 * 300));
    assert.equal(readWorld(buffer).strips[0]!.colours.length, MOST_LIGHTS);
  });

  test('each change is another version, and what lies outside changes nothing', () => {
    const buffer = worldBuffer();
    const writer = new WorldWriter(buffer);
    const before = worldVersion(buffer);
    writer.pin(99, 3, 1);
    writer.pwm(-1, 50, 1);
    writer.lights(4, 2, new Uint8Array(4));
    assert.equal(worldVersion(buffer), before);
    writer.pin(0, 3, 1);
    assert.notEqual(worldVersion(buffer), before);
  });
});
