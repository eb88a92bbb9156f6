/**
 * Two speakers and a broker on a clock that is moved on with each message: days in minutes.
 * Below: broker, conversation. Above: main.ts.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedBroker } from '../../src/broker/embedded';
import { connectClient, type MqttConnection } from '../../src/conversation/client';
import { ManualClock } from '../../src/core/clock';
import { silentLog } from '../../src/core/log';
import { Gate } from '../faults/board';
import { flat, report, sample, Tally, type Sample } from './counting';
import { HOST, HOUR, makeWindow } from './window';

/** How far apart the tutorial's boards speak, ms. */
const EVERY = 5000;
/** How often all connections are cut off. */
const CUTS = 20;

/** Says it until it is acknowledged: a lost connection is sought again by itself. */
async function acknowledged(
  speaker: MqttConnection,
  topic: string,
  payload: string,
): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) {
    while (speaker.state !== 'connected') await new Promise((resolve) => setTimeout(resolve, 20));
    const said = await speaker.publish(topic, payload, { qos: 1 }).then(
      () => true,
      () => false,
    );
    if (said) return;
  }
  throw new Error(`${payload} was not acknowledged`);
}

/** Both ends and the broker, whose connections are cut `CUTS` times on the way. */
export async function simulated(days: number, say: (line: string) => void): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-soak-'));
  const clock = new ManualClock();
  const window = await makeWindow(clock, folder);
  const broker = await startEmbeddedBroker({ hosts: [HOST], port: 0, log: silentLog });
  const gate = await Gate.open(() => `${HOST}:${broker.port}`);
  const port = Number(gate.address.split(':')[1]);
  const speakers = await Promise.all(
    ['machine1', 'machine2'].map((clientId) =>
      connectClient({ host: HOST, port, clientId, clean: false }),
    ),
  );
  const atBroker = [new Tally(), new Tally()];
  const atEnds = [new Tally(), new Tally()];
  broker.onMessage((message) => {
    window.model.heard(message);
    atBroker[Number(message.topic.slice(-1)) - 1]?.take(Buffer.from(message.payload).toString());
  });
  for (const [n, speaker] of speakers.entries()) {
    await speaker.subscribe(`to/machine${2 - n}`, 1);
    speaker.onMessage(({ payload }) => atEnds[1 - n]?.take(Buffer.from(payload).toString()));
  }
  const rounds = Math.floor((days * 24 * HOUR) / EVERY);
  const samples: Sample[] = [];
  const cutEvery = Math.ceil(rounds / (CUTS + 1));
  const every = Math.max(1, Math.floor(rounds / 40));
  for (let n = 0; n < rounds; n++) {
    const said = speakers.map((speaker, k) => acknowledged(speaker, `to/machine${2 - k}`, `${n}`));
    if (n % cutEvery === cutEvery - 1) {
      // Now before a message is there, now before it is acknowledged.
      for (let step = 0; step < (n / cutEvery) % 7; step++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      gate.cut();
    }
    await Promise.all(said);
    await clock.advance(EVERY);
    if (n % every === 0) samples.push(sample((n * EVERY) / HOUR));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  samples.push(sample((rounds * EVERY) / HOUR));
  const { kept, dropped } = window.model.counters;
  for (const speaker of speakers) await speaker.end();
  await gate.close();
  await broker.stop();
  await window.close();
  await rm(folder, { recursive: true, force: true });
  say(
    `${days} simulated days, ${rounds.toLocaleString('en')} messages sent by each, cut off ${CUTS} times`,
  );
  const tallies = [...atBroker, ...atEnds];
  for (const [n, tally] of tallies.entries()) {
    say(`${n < 2 ? 'broker' : 'other end'}, machine${2 - (n % 2)}: ${tally.text}`);
  }
  say(
    `the window: ${kept.toLocaleString('en')} kept, ${dropped.toLocaleString('en')} gone, ${window.posted().toLocaleString('en')} batches to the view`,
  );
  report(samples, say);
  // QoS 1 is at least once: what was on its way in a cut comes again, with the same number.
  const whole = tallies.every(
    (one) => one.missing + one.outOfOrder === 0 && one.once === rounds && one.twice <= CUTS,
  );
  return whole && kept + dropped === atBroker[0]!.seen + atBroker[1]!.seen && flat(samples, say);
}
