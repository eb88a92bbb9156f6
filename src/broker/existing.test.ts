import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../core/event';
import { silentLog } from '../core/log';
import type { BrokerMessage, Observer } from './broker';
import { useExistingBroker } from './existing';

/** A broker that hands on whatever is said, as NATS does with its own work. */
function observed(): { observer: Observer; say(topic: string): void; asked: string[] } {
  const messages = new Emitter<BrokerMessage>();
  const asked: string[] = [];
  const observer = {
    onMessage: messages.event,
    onState: new Emitter<never>().event,
    subscribe: (filter: string) => Promise.resolve(void asked.push(filter)),
    end: () => Promise.resolve(),
  } as unknown as Observer;
  const rest = { payload: Uint8Array.of(1), qos: 0, retain: false, at: 0 } as const;
  return { observer, asked, say: (topic) => messages.fire({ ...rest, topic }) };
}

for (const [filters, heard] of [
  [undefined, ['hello']],
  [
    ['#', '$SYS/#'],
    ['$SYS/broker/uptime', 'hello'],
  ],
] as const) {
  test(`what begins with $ is heard only where it was asked for: ${filters?.join(' ') ?? '#'}`, async () => {
    const { observer, say, asked } = observed();
    const broker = await useExistingBroker({
      host: 'h',
      port: 1883,
      ...(filters ? { filters } : {}),
      observe: () => Promise.resolve(observer),
      log: silentLog,
    });
    const told: string[] = [];
    broker.onMessage(({ topic }) => void told.push(topic));
    for (const topic of ['$SYS/broker/uptime', '$MQTT/msgs/hello', '$JS/ACK/x', 'hello'])
      say(topic);
    assert.deepEqual(told, [...heard]);
    assert.deepEqual(asked, filters ?? ['#']);
    await broker.stop();
  });
}
