import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCommand, parseSetting } from './control';

describe('the control channel', () => {
  test('takes readings, with the number to answer to', () => {
    assert.deepEqual(parseCommand('{"id":3,"set":{"dht.4.humidity":60.5,"ds18x20.4.0":null}}'), {
      id: 3,
      set: { 'dht.4.humidity': 60.5, 'ds18x20.4.0': null },
    });
    assert.deepEqual(parseSetting('adc.34=1200'), { 'adc.34': 1200 });
    assert.deepEqual(parseSetting('dht.4.temperature=none'), { 'dht.4.temperature': null });
  });

  test('takes faults', () => {
    assert.deepEqual(parseCommand('{"fault":{"kind":"stall","ms":5,"after":9}}'), {
      fault: { kind: 'stall', ms: 5, after: 9 },
    });
    assert.deepEqual(parseCommand('{"clear":true}'), { clear: true });
    assert.throws(() => parseCommand('{"fault":{"kind":"fire"}}'), /no fault "fire"/);
  });

  test('takes whether others may watch', () => {
    assert.deepEqual(parseCommand('{"watchers":true}'), { watchers: true });
    assert.deepEqual(parseCommand('{"watchers":"yes"}'), {});
  });

  test('takes the share of a core', () => {
    assert.deepEqual(parseCommand('{"share":20}'), { share: 0.2 });
    assert.throws(() => parseCommand('{"share":0}'), /1 to 100 percent/);
    assert.throws(() => parseCommand('{"share":"20"}'), /1 to 100 percent/);
  });

  test('takes networks, and never repeats what is none', () => {
    const wifi = [{ ssid: 'Lab', password: 'hunter2' }, { ssid: 'Open' }];
    assert.deepEqual(parseCommand(JSON.stringify({ wifi })), { wifi });
    const bad = { wifi: [{ name: 'Lab', password: 'hunter2' }] };
    assert.throws(
      () => parseCommand(JSON.stringify(bad)),
      (error: Error) => /no list of networks/.test(error.message) && !/hunter2/.test(error.message),
    );
  });

  test('says what it does not understand', () => {
    assert.throws(() => parseCommand('hello'), /no JSON/);
    assert.throws(() => parseCommand('[1]'), /no object/);
    assert.throws(() => parseCommand('{"set":{"dht.4.wind":1}}'), /no reading called dht\.4\.wind/);
    assert.throws(() => parseCommand('{"set":{"adc.34":"1"}}'), /adc\.34 is no number/);
    assert.throws(() => parseSetting('adc.34='), /adc\.34 is no number/);
    assert.throws(() => parseSetting('adc.34'), /adc\.34 is no number/);
  });
});
