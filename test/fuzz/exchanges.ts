/**
 * Whole exchanges with a board whose line is bad: the raw prompt and the loader, on a clock whose
 * waits take no time. Each ends, in an answer or a BoardError. Below: micropython, esp. Above: main.ts.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Clock } from '../../src/core/clock';
import { BoardError } from '../../src/core/errors';
import type { Disposable } from '../../src/core/event';
import { quietJob } from '../../src/core/job';
import { SlipLink, SlipTimeout, slipEncode } from '../../src/esp/slipLink';
import { FakeBoard } from '../../src/micropython/fakeBoard';
import { RawRepl } from '../../src/micropython/rawRepl';
import { ask } from '../../src/micropython/boardCode';
import { Emitter } from '../../src/core/event';
import type { Port } from '../../src/port/port';
import { damage, hurt, type Damage } from './arbitraries';
import { mutePort, type Target } from './targets';

/** Time passes whenever nothing else is to be done. */
class InstantClock implements Clock {
  private time = 0;
  private timers: { at: number; action: () => void }[] = [];
  private running = false;
  /** How much time may pass until what is run counts as hanging, ms. */
  constructor(private readonly limit = 10 * 60_000) {}

  now(): number {
    return this.time;
  }

  after(ms: number, action: () => void): Disposable {
    const timer = { at: this.time + Math.max(0, ms), action };
    this.timers.push(timer);
    this.run();
    return { dispose: () => void (this.timers = this.timers.filter((one) => one !== timer)) };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  private run(): void {
    if (this.running) return;
    this.running = true;
    setImmediate(() => {
      this.running = false;
      const next = this.timers.sort((a, b) => a.at - b.at).shift();
      if (!next) return;
      this.time = Math.max(this.time, next.at);
      assert.ok(this.time < this.limit, 'it does not end');
      next.action();
      if (this.timers.length > 0) this.run();
    });
  }
}

/** A port whose answers arrive as `harm` makes them. */
function harmed(inner: FakeBoard, harm: readonly { after: number; hurts: Damage[] }[]): Port {
  const data = new Emitter<Uint8Array>();
  let count = 0;
  inner.onData((bytes) => {
    const due = harm.find(({ after }) => after === count);
    count++;
    data.fire(due ? hurt(bytes, due.hurts) : bytes);
  });
  return {
    info: inner.info,
    baudRate: inner.baudRate,
    onData: data.event,
    onClose: inner.onClose,
    write: (bytes) => inner.write(bytes),
    setBaudRate: inner.setBaudRate,
    setSignals: inner.setSignals,
    close: inner.close,
  };
}

async function ends(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof BoardError) && !(error instanceof SlipTimeout)) throw error;
  }
}

const harm = fc.array(fc.record({ after: fc.nat(14), hurts: damage }), { maxLength: 3 });
const boards = fc.record({
  firmware: fc.constantFrom('paste', 'refuse', 'old' as const),
  packet: fc.constantFrom(1, 3, 64, 4096),
  out: fc.oneof(fc.string(), fc.constant('\x1e[1,2]\r\n'), fc.uint8Array({ maxLength: 30 })),
  error: fc.constantFrom('', 'Traceback (most recent call last):\r\nOSError: 28\r\n', '\x04>'),
});

const target = <T>(
  name: string,
  given: fc.Arbitrary<T>,
  run: (given: T) => Promise<void>,
): Target => ({ name, given, run, slow: true }) as Target;

export const slowTargets: readonly Target[] = [
  target('raw prompt on a bad line', fc.tuple(boards, harm), async ([how, harms]) => {
    const { firmware, packet, out, error } = how;
    const fake = new FakeBoard({ firmware, packet, run: () => ({ out, error }) });
    const clock = new InstantClock();
    const job = quietJob();
    await ends(
      RawRepl.enter(harmed(fake, harms), { clock }, job).then(async (repl) => {
        // A program may take for ever; one with a deadline may not.
        await ends(repl.exec('print(1)', job, { timeoutMs: 20_000 }));
        await ends(ask(repl, 'say([1,2])', job));
        await repl.leave();
      }),
    );
  }),
  target(
    'replies of a loader',
    fc.array(fc.tuple(fc.uint8Array({ maxLength: 20 }), damage), { maxLength: 6 }),
    async (replies) => {
      const port = mutePort();
      const clock = new InstantClock();
      const link = new SlipLink(port, clock);
      for (const [packet, hurts] of replies) port.say(hurt(slipEncode(packet), hurts));
      for (let n = 0; n < replies.length + 1; n++) await ends(link.receive(100));
      link.flush();
      await ends(link.receive(1));
      link.end(new BoardError('cancelled', 'x'));
      await ends(link.receive(1));
    },
  ),
];
