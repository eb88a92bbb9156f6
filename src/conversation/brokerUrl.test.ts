import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseBrokerUrl, parseBrokerUrls } from './brokerUrl';

describe('the address of a broker', () => {
  test('every kind, with its usual port or its own', () => {
    const cases: [string, unknown][] = [
      ['mqtt://broker', { protocol: 'mqtt', host: 'broker', port: 1883 }],
      ['MQTTS://Broker.example.org', { protocol: 'mqtts', host: 'broker.example.org', port: 8883 }],
      ['192.168.1.5', { protocol: 'mqtt', host: '192.168.1.5', port: 1883 }],
      ['192.168.1.5:1884', { protocol: 'mqtt', host: '192.168.1.5', port: 1884 }],
      ['mqtt://[::1]:80', { protocol: 'mqtt', host: '::1', port: 80 }],
      ['tcp://broker', { protocol: 'mqtt', host: 'broker', port: 1883 }],
      ['ssl://broker:1', { protocol: 'mqtts', host: 'broker', port: 1 }],
      ['ws://broker:8083/mqtt', { protocol: 'ws', host: 'broker', port: 8083, path: '/mqtt' }],
      ['wss://broker', { protocol: 'wss', host: 'broker', port: 443 }],
      ['ws://broker/a?b=c', { protocol: 'ws', host: 'broker', port: 80, path: '/a?b=c' }],
    ];
    for (const [text, wanted] of cases) assert.deepEqual(parseBrokerUrl(text), wanted, text);
  });

  test('several, for a cluster: with commas or spaces, all encrypted or none', () => {
    const a = { protocol: 'mqtt', host: 'a', port: 1883 };
    const b = { protocol: 'ws', host: 'b', port: 8083, path: '/mqtt' };
    assert.deepEqual(parseBrokerUrls('mqtt://a'), [a]);
    assert.deepEqual(parseBrokerUrls(' mqtt://a, ws://b:8083/mqtt '), [a, b]);
    assert.deepEqual(parseBrokerUrls('a\n  b'), [a, { ...a, host: 'b' }]);
    assert.match(String(parseBrokerUrls('mqtts://a, mqtt://b')), /all are encrypted/);
    assert.match(String(parseBrokerUrls('mqtt://a, user:secret@b')), /secret storage/);
    assert.match(String(parseBrokerUrls('a, http://b')), /mqtts/);
    assert.match(String(parseBrokerUrls('')), /no address/);
  });

  test('what is none is told why', () => {
    const cases: [string, RegExp][] = [
      ['http://broker', /mqtts/],
      ['', /no address/],
      ['mqtt://', /no address/],
      ['mqtt://user:secret@broker', /secret storage/],
      ['mqtt://broker:0', /1 to 65535/],
      ['mqtt://broker:70000', /no address/],
      ['mqtt://broker/path', /path/],
    ];
    for (const [text, wanted] of cases) assert.match(String(parseBrokerUrl(text)), wanted, text);
  });
});
