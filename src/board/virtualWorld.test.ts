import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFromPanel, parseWorld } from './virtualWorld';

test('a world is taken as far as it is one', () => {
  const pin = { pin: 2, mode: 'out', level: 1, duty: 0, frequency: 0 };
  assert.deepEqual(
    parseWorld({
      pins: [pin, { ...pin, mode: '<b>' }, { ...pin, level: 'high' }, null, 7],
      strips: [{ pin: 4, colours: ['#ff0000', 'url(x)', 3] }, { colours: [] }],
      asked: ['adc.34', 'dht.4.humidity', '../x', 5],
    }),
    {
      pins: [pin],
      strips: [{ pin: 4, colours: ['#ff0000'] }],
      asked: ['adc.34', 'dht.4.humidity'],
    },
  );
  for (const odd of [undefined, null, 5, [], { pins: {} }]) {
    assert.deepEqual(parseWorld(odd), { pins: [], strips: [], asked: [] });
  }
});

test('only what the panel can send is taken from it', () => {
  for (const good of [
    { type: 'ready' },
    { type: 'peace' },
    { type: 'air' },
    { type: 'start' },
    { type: 'trouble', trouble: 'unplug' },
    { type: 'set', name: 'adc.34', value: 1200 },
    { type: 'set', name: 'pin.5', value: undefined },
    { type: 'set', name: 'dht.4.temperature', value: null },
  ]) {
    assert.deepEqual(parseFromPanel({ ...good, more: 1 }), good);
  }
  for (const bad of [
    undefined,
    'ready',
    { type: 'run', command: 'x' },
    { type: 'trouble', trouble: 'toString' },
    { type: 'set', name: 'adc.34', value: '1200' },
    { type: 'set', name: 'adc.34', value: Infinity },
    { type: 'set', name: 'adc.34; rm', value: 1 },
  ]) {
    assert.equal(parseFromPanel(bad), undefined);
  }
});
