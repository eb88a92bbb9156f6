/**
 * Two virtual boards that speak as fast as they can through the broker, and are cut off now and then.
 * Below: broker, virtual boards, operations. Above: main.ts.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedBroker } from '../../src/broker/embedded';
import { systemClock } from '../../src/core/clock';
import { quietJob } from '../../src/core/job';
import { silentLog } from '../../src/core/log';
import { flashBoard } from '../../src/operations/flash';
import { runOnBoard } from '../../src/operations/runOnBoard';
import { FaultBoard, Gate } from '../faults/board';
import { firmware } from '../faults/operations';
import { flat, report, sample, Tally, type Sample } from './counting';
import { HOST, HOUR, makeWindow } from './window';

/**
 * Says n, waits for n from the other, says n + 1; so each knows exactly how far it came. Where the
 * connection is cut it comes again with the session it had and says its last number again (QoS 1: at
 * least once); a number that was heard already is let go, which makes it once.
 */
const program = (port: number, me: string, other: string): string => `
import network, time
from umqtt.simple import MQTTClient
w = network.WLAN(network.STA_IF); w.active(True); w.connect('Parley')
while not w.isconnected(): time.sleep_ms(50)
heard = -1
wrong = again = cuts = n = 0
ready = False
def got(topic, message):
  global heard, wrong, again, ready
  if topic.startswith(b'ready'):
    ready = True
    return
  k = int(message)
  if k <= heard:
    again += 1
    return
  if k != heard + 1: wrong += 1
  heard = k
c = MQTTClient('${me}', '${HOST}', ${port}, keepalive=60)
c.set_callback(got)
def join():
  while True:
    try:
      c.connect(False); c.subscribe(b'to/${me}', 1)
      c.publish(b'ready/${me}', b'1', retain=True); c.subscribe(b'ready/${other}')
      return
    except OSError: time.sleep_ms(100)
try:
  join()
  while True:
    try:
      while not ready: c.wait_msg()
      c.publish(b'to/${other}', str(n), qos=1)
      while heard < n: c.wait_msg()
      n += 1
    except OSError:
      cuts += 1
      try: c.sock.close()
      except OSError: pass
      join()
finally:
  f = open('/told.txt', 'w'); f.write('%d %d %d %d %d' % (n, heard, wrong, again, cuts)); f.close()
`;

/** What the board's own program counted. Asked again: an hour is not lost to a computer that is busy now. */
async function ask(board: FaultBoard['board'], say: (line: string) => void): Promise<string> {
  const code = "print(open('/told.txt').read())";
  for (let attempt = 1; attempt <= 6; attempt++) {
    try {
      return await board.withRawRepl('Ask', quietJob(), (repl) =>
        repl.exec(code, quietJob(), { timeoutMs: 20_000 }),
      );
    } catch (error) {
      say(`${board.name} was not to be asked: ${String(error)}`);
    }
  }
  return '';
}

/**
 * @param cutEvery how often both boards are cut off, ms
 * @param verbose a line for each sample
 */
export async function atFullRate(
  minutes: number,
  cutEvery: number,
  verbose: boolean,
  say: (line: string) => void,
): Promise<boolean> {
  const broker = await startEmbeddedBroker({ hosts: [HOST], port: 0, log: silentLog });
  const gate = await Gate.open(() => `${HOST}:${broker.port}`);
  const folder = await mkdtemp(join(tmpdir(), 'parley-soak-'));
  const window = await makeWindow(systemClock, folder);
  const tallies = new Map([
    ['to/machine1', new Tally()],
    ['to/machine2', new Tally()],
  ]);
  broker.onMessage((message) => {
    window.model.heard(message);
    tallies.get(message.topic)?.take(Buffer.from(message.payload).toString());
  });
  const boards = [new FaultBoard(undefined), new FaultBoard(undefined)];
  const names = ['machine1', 'machine2'];
  const told: string[] = ['', ''];
  for (const board of boards) {
    await board.start();
    await flashBoard(board.board, firmware(), quietJob());
  }
  const stop = new AbortController();
  const failed: string[] = [];
  const door = Number(gate.address.split(':')[1]);
  const runs = boards.map(async ({ board }, n) => {
    const source = program(door, names[n]!, names[1 - n]!);
    // The other is there before anything is said.
    const run = await runOnBoard(
      board,
      { source, fileName: 'soak.py' },
      quietJob(stop.signal),
    ).catch(() => undefined);
    if (!stop.signal.aborted) failed.push(`${names[n]} ended: ${JSON.stringify(run)}`);
  });
  const samples: Sample[] = [];
  const began = performance.now();
  const hours = (): number => (performance.now() - began) / HOUR;
  const sampleEvery = Math.max(1000, (minutes * 60_000) / 120);
  let [sampled, cut, cuts] = [began, began, 0];
  let before = 0;
  const seen = (): number => [...tallies.values()].reduce((sum, one) => sum + one.seen, 0);
  while (hours() * 60 < minutes && failed.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(500, cutEvery)));
    const now = performance.now();
    if (now - cut >= cutEvery && hours() * 60 < minutes - 0.1) {
      gate.cut();
      cut = now;
      cuts++;
    }
    // Not in the moment of a cut: sockets come and go there.
    if (now - sampled >= sampleEvery && now - cut > Math.min(2000, cutEvery / 2)) {
      samples.push(sample(hours()));
      const { heap, rss, handles } = samples.at(-1)!;
      const rate = Math.round((seen() - before) / ((now - sampled) / 1000));
      before = seen();
      sampled = now;
      if (verbose) {
        say(
          `${(hours() * 60).toFixed(1)} min: ${before.toLocaleString('en')} seen, ${rate} a second, heap ${Math.round(heap / 1024)} KiB, rss ${Math.round(rss / 1024)} KiB, handles ${handles}`,
        );
      }
    }
  }
  stop.abort();
  await Promise.all(runs);
  for (const [n, { board }] of boards.entries()) {
    told[n] = await ask(board, say);
  }
  const seconds = hours() * 3600;
  const { kept, dropped } = window.model.counters;
  const posted = window.posted();
  for (const board of boards) await board.stop();
  await gate.close();
  await broker.stop();
  await window.close();
  await rm(folder, { recursive: true, force: true });
  for (const one of failed) say(one);
  let whole = failed.length === 0;
  for (const [n, topic] of ['to/machine2', 'to/machine1'].entries()) {
    const tally = tallies.get(topic)!;
    const [said = NaN, heard = NaN, wrong = NaN, again = NaN, lost = NaN] =
      /-?\d+ -?\d+ \d+ \d+ \d+/
        .exec(told[n] ?? '')?.[0]
        .split(' ')
        .map(Number) ?? [];
    say(
      `${names[n]}: said ${said.toLocaleString('en')} and was answered, heard ${(heard + 1).toLocaleString('en')}, ${wrong} of them not in turn, ${again} twice and let go, ${lost} times cut off; broker: ${tally.text}`,
    );
    // What is said when all is stopped has reached the broker, and the other end, or has not.
    const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1;
    const { once } = tally;
    whole &&= tally.missing === 0 && tally.outOfOrder === 0 && once > 0 && wrong === 0;
    whole &&= near(said, once) && near(said, heard + 1) && tally.twice <= cuts;
  }
  say(
    `${minutes} minutes at full rate: ${seen().toLocaleString('en')} messages, ${Math.round(seen() / seconds)} a second, ${cuts} times cut off`,
  );
  say(
    `the window: ${kept.toLocaleString('en')} kept, ${dropped.toLocaleString('en')} gone, ${posted.toLocaleString('en')} batches to the view`,
  );
  report(samples, say);
  return whole && flat(samples, say);
}
