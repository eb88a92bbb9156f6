import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { createSysTopics, SYS_EVERY } from './sysTopics';

describe('$SYS', () => {
  test('tells counts every ten seconds, and only what changed', async () => {
    const clock = new ManualClock();
    let connected = 0;
    const said: string[] = [];
    const sys = createSysTopics(
      { connected: () => connected, subscriptions: () => 3 },
      clock,
      (topic, text) => void said.push(`${topic.replace('$SYS/broker/', '')} ${text}`),
    );
    assert.deepEqual(said.splice(0), [
      'version Parley (aedes)',
      'uptime 0 seconds',
      'clients/connected 0',
      'clients/maximum 0',
      'subscriptions/count 3',
      'retained messages/count 0',
      'publish/messages/received 0',
      'publish/messages/sent 0',
      'publish/bytes/received 0',
    ]);
    connected = 2;
    sys.received('a', 5, true);
    sys.received('b', 7, true);
    sys.received('b', 0, true);
    sys.sent();
    await clock.advance(SYS_EVERY);
    assert.deepEqual(said.splice(0), [
      'uptime 10 seconds',
      'clients/connected 2',
      'clients/maximum 2',
      'retained messages/count 1',
      'publish/messages/received 3',
      'publish/messages/sent 1',
      'publish/bytes/received 12',
    ]);
    connected = 1;
    await clock.advance(SYS_EVERY);
    assert.deepEqual(said.splice(0), ['uptime 20 seconds', 'clients/connected 1']);
    sys.dispose();
    await clock.advance(SYS_EVERY);
    assert.deepEqual(said, []);
  });
});
