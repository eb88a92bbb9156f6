import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VmShare } from './vmShare';

/** A program in a time of its own: what it worked, of what has passed. */
class Program {
  time = 0;
  worked = 0;
  readonly share: VmShare;

  constructor(public part: number) {
    this.share = new VmShare(
      () => this.part,
      () => this.time,
    );
  }

  work(ms: number): void {
    this.time += ms;
    this.worked += ms;
  }

  wait(ms: number): void {
    this.share.waits();
    this.time += ms;
    this.share.works();
  }

  /** Never waits by itself; looked at as the board does it: when its work is used up. */
  spin(until: number): void {
    while (this.time < until) {
      const { rest } = this.share;
      if (rest > 0) this.wait(rest);
      else this.work(Math.min(this.share.left, until - this.time));
    }
  }
}

describe("a program's share of a core", () => {
  for (const part of [0.05, 0.25, 0.5, 0.9]) {
    test(`one that spins gets ${part * 100} % for hours, after a burst`, () => {
      const program = new Program(part);
      program.spin(3_600_000);
      assert.ok(Math.abs(program.worked / program.time - part) < 0.001, `${program.worked}`);
    });
  }

  test('a burst is not held up: a file that is read, a page that is drawn', () => {
    const program = new Program(0.25);
    program.work(200);
    assert.equal(program.share.rest, 0);
    // One that works a fifth of the time never has to rest.
    for (let n = 0; n < 1000; n++) {
      program.work(20);
      assert.equal(program.share.rest, 0);
      program.wait(80);
    }
  });

  test('no limit is none', () => {
    const program = new Program(1);
    program.work(10_000_000);
    assert.equal(program.share.rest, 0);
    assert.equal(program.share.left, Infinity);
  });

  test('a computer that slept for an hour does not stop the board', () => {
    const program = new Program(0.5);
    program.work(3_600_000);
    assert.ok(program.share.rest <= 250, `${program.share.rest}`);
  });

  test('another share holds from then on', () => {
    const program = new Program(0.5);
    program.spin(60_000);
    const before = program.worked;
    program.part = 0.1;
    program.spin(120_000);
    assert.ok(Math.abs((program.worked - before) / 60_000 - 0.1) < 0.01);
  });
});
