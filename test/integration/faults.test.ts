/**
 * A short piece of the fault matrix (`npm run faults` is all of it): each cell ends in success or in
 * a sentence, in time; the board is usable again, no file is lost, nothing is left open.
 * Below: test/faults. Above: npm test.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Bench } from '../faults/cells';
import { faults } from '../faults/faults';
import { operations } from '../faults/operations';
import { notBuilt } from './support';

/** Operation, fault, where, and how it may end. */
const cells: readonly (readonly [string, string, number, RegExp])[] = [
  ['put', 'unplug', 0.5, /^port-lost$/],
  ['put', 'reset', 0.5, /^(ok|prompt-timeout)$/],
  ['put', 'garbage', 0.5, /^(ok|put-failed|port-failed|prompt-timeout)$/],
  ['put', 'port taken', 0, /^port-busy$/],
  ['put', 'board full', 0, /^disk-full$/],
  ['put', 'cancel', 0.5, /^(ok|cancelled)$/],
  ['get', 'unplug', 0.9, /^(ok|port-lost)$/],
  ['get', 'garbage', 0.5, /^(ok|port-failed|prompt-timeout|put-failed)$/],
  ['sync', 'cancel', 0.5, /^(ok|cancelled)$/],
  ['run', 'unplug', 0.5, /^port-lost$/],
  ['repl', 'unplug', 0.1, /^ok$/],
  ['detect', 'unplug', 0.5, /^port-lost$/],
  ['flash', 'cancel', 0.5, /^(ok|cancelled)$/],
];

describe('trouble on the way', { skip: notBuilt, timeout: 180_000, concurrency: 1 }, () => {
  let bench: Bench;
  before(async () => void (bench = await Bench.open()));
  after(() => bench.close());

  for (const [what, trouble, at, ends] of cells) {
    test(`${what}, ${trouble} at ${at * 100} %`, async () => {
      const operation = operations.find(({ name }) => name === what);
      const fault = faults.find(({ name }) => name === trouble);
      assert.ok(operation && fault);
      const { outcome, wrong } = await bench.run(operation, fault, at);
      assert.deepEqual(wrong, []);
      assert.match(outcome, ends);
    });
  }
});
