import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { whyUnheard } from './unheard';

const name = (id: string): string => (id === 'b' ? 'machine2' : id);
const why = (topic: string, subscriptions?: Record<string, string[]>): string => {
  const all = subscriptions && new Map(Object.entries(subscriptions));
  const { sentences, code } = whyUnheard(topic, 'a', all, name);
  return [...sentences, code ?? ''].join('\n');
};

describe('why nobody listened', () => {
  test('a slip of the pen is found', () => {
    assert.match(
      why('notification', { b: ['notifications'] }),
      /machine2 listens on “notifications”: a letter/,
    );
    assert.match(why('notification', { b: ['Notification'] }), /capital letters count/);
    assert.match(why('esp32/output', { b: ['/esp32/output'] }), /slash/);
  });
  test('else who listens where is said', () => {
    assert.match(
      why('notification', { b: ['hello', 'esp32/#'] }),
      /machine2 listens on “hello”, “esp32\/#”/,
    );
    assert.match(why('notification', { b: [] }), /machine2 listens on nothing/);
    assert.match(
      why('notification', { a: ['hello'], 'parley-x': ['x'] }),
      /Nobody else is connected/,
    );
  });
  test('somebody who came later', () => {
    const said = why('notification', { b: ['#'] });
    assert.match(said, /now machine2 does/);
    assert.doesNotMatch(said, /subscribe\(/);
  });
  test('a broker that does not tell', () => assert.match(why('x'), /does not tell/));
  test('the line that mends it is Python, whatever the topic', () => {
    assert.match(why('notification', {}), /^client\.subscribe\(b'notification'\)$/m);
    assert.match(why("it's\\", {}), /^client\.subscribe\(b'it\\'s\\\\'\)$/m);
    assert.match(why('größe\n', {}), /^client\.subscribe\('größe\\x0a'\.encode\(\)\)$/m);
  });
});
