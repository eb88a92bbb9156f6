/**
 * What the embedded broker tells of itself under `$SYS/broker`, in Mosquitto's names (mosquitto(8),
 * "Broker status"), so that what reads those reads these. Pure.
 * Below: core/clock. Above: embedded.ts counts and publishes.
 */
import type { Clock } from '../core/clock';
import type { Disposable } from '../core/event';

export interface SysCounts {
  /** Clients that are connected now. */
  connected(): number;
  subscriptions(): number;
}

export interface SysTopics extends Disposable {
  /** A message came from a client, `bytes` of payload. */
  received(topic: string, bytes: number, retain: boolean): void;
  /** One was passed on to a client. */
  sent(): void;
}

/** As often as Mosquitto does where nothing else is said (`sys_interval`), milliseconds. */
export const SYS_EVERY = 10_000;
/** Retained topics are counted up to here. */
const MOST = 100_000;

/** @param publish retained, QoS 0; only what changed is told again */
export function createSysTopics(
  counts: SysCounts,
  clock: Clock,
  publish: (topic: string, text: string) => void,
): SysTopics {
  const began = clock.now();
  const retained = new Set<string>();
  const told = new Map<string, string>();
  let [messages, bytes, passedOn, most] = [0, 0, 0, 0];
  let timer: Disposable | undefined;

  function tell(name: string, value: number | string): void {
    const text = String(value);
    if (told.get(name) === text) return;
    told.set(name, text);
    publish(`$SYS/broker/${name}`, text);
  }

  function tick(): void {
    const connected = counts.connected();
    most = Math.max(most, connected);
    tell('uptime', `${Math.floor((clock.now() - began) / 1000)} seconds`);
    tell('clients/connected', connected);
    tell('clients/maximum', most);
    tell('subscriptions/count', counts.subscriptions());
    tell('retained messages/count', retained.size);
    tell('publish/messages/received', messages);
    tell('publish/messages/sent', passedOn);
    tell('publish/bytes/received', bytes);
    timer = clock.after(SYS_EVERY, tick);
  }

  tell('version', 'Parley (aedes)');
  tick();
  return {
    received(topic, length, retain) {
      messages++;
      bytes += length;
      if (!retain) return;
      // An empty one takes the retained one away (MQTT 3.1.1 section 3.3.1.3).
      if (length === 0) retained.delete(topic);
      else if (retained.size < MOST) retained.add(topic);
    },
    sent: () => void passedOn++,
    dispose: () => timer?.dispose(),
  };
}
