/**
 * Files at a faster rate than the prompt's: both ends go there, prove it, and come back, with a good
 * cable, a bad one, a person who cancels and a host that dies. Below: the virtual board, whose divider
 * is the chip's. Above: npm test -- integration.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import { WORTH_BYTES, type Faster } from '../../src/micropython/fasterLine';
import { RawRepl } from '../../src/micropython/rawRepl';
import { getAll, putAll } from '../../src/micropython/transfer';
import { Rfc2217Provider } from '../../src/port/rfc2217';
import type { Port } from '../../src/port/port';
import { notBuilt, startVirtualBoard, type VirtualBoard } from './support';

const job = quietJob();
const USUAL = 115_200;
const bytes = new Uint8Array(randomBytes(WORTH_BYTES + 5000));
const DIVIDER = 'import machine\nprint(machine.mem32[0x3ff40014])';

/** A port that notes its rates. */
function noting(port: Port): { port: Port; rates: number[] } {
  const rates: number[] = [];
  const noted = new Proxy(port, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as unknown;
      if (name === 'setBaudRate') {
        return (rate: number) => {
          rates.push(rate);
          return target.setBaudRate(rate);
        };
      }
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  return { port: noted, rates };
}

/** As a board remembers it: each refusal is one step down. */
function ladder(): { faster: () => Faster | undefined; refusals: string[] } {
  const left = [460_800, 230_400];
  const refusals: string[] = [];
  const faster = (): Faster | undefined => {
    const [baudRate] = left;
    if (baudRate === undefined) return undefined;
    const refused = (next: 'slower' | 'none'): void => {
      refusals.push(`${baudRate} ${next}`);
      left.splice(0, next === 'none' ? left.length : 1);
    };
    return { baudRate, refused };
  };
  return { faster, refusals };
}

async function there(repl: RawRepl): Promise<Buffer> {
  let found = Buffer.alloc(0);
  const keep = (_: string, read: Uint8Array): void => void (found = Buffer.from(read));
  await getAll(repl, ['/big.bin'], job, keep, undefined, bytes.length);
  return found;
}

/** Puts and gets the file on `board`, and looks whether all is as before. */
async function thereAndBack(
  board: Pick<VirtualBoard, 'port'>,
): Promise<{ rates: number[]; refusals: string[] }> {
  const { port, rates } = noting(board.port);
  const { faster, refusals } = ladder();
  const repl = await RawRepl.enter(port, { faster }, job);
  try {
    const before = await repl.exec(DIVIDER, job);
    await putAll(repl, [{ path: '/big.bin', bytes }], job);
    assert.deepEqual(await there(repl), Buffer.from(bytes));
    assert.equal(port.baudRate, USUAL);
    assert.equal(await repl.exec(DIVIDER, job), before);
    assert.equal(await repl.exec('print([k for k in globals() if "parley" in k])', job), '[]\r\n');
  } finally {
    await repl.leave();
  }
  return { rates, refusals };
}

describe('files at a faster rate', { skip: notBuilt, concurrency: 2 }, () => {
  const law = (
    name: string,
    options: Parameters<typeof startVirtualBoard>[0],
    body: (board: VirtualBoard) => Promise<void>,
  ): void =>
    void test(name, { timeout: 120_000 }, async () => {
      const board = await startVirtualBoard(options);
      try {
        await body(board);
      } finally {
        await board.stop();
      }
    });

  law('there and back, and all is as before', {}, async (board) => {
    const { rates, refusals } = await thereAndBack(board);
    assert.deepEqual(rates, [460_800, USUAL, 460_800, USUAL]);
    assert.deepEqual(refusals, []);
  });

  law(
    'a cable that carries no more than 250,000: a step down',
    { more: ['--deaf-above', '250000'] },
    async (board) => {
      const { rates, refusals } = await thereAndBack(board);
      assert.deepEqual(refusals, ['460800 slower']);
      assert.deepEqual(rates, [460_800, USUAL, 230_400, USUAL, 230_400, USUAL]);
    },
  );

  law(
    'a cable that carries no other rate: the usual one',
    { more: ['--deaf-above', '200000'] },
    async (board) => {
      const { rates, refusals } = await thereAndBack(board);
      assert.deepEqual(refusals, ['460800 slower', '230400 slower']);
      assert.deepEqual(rates, [460_800, USUAL, 230_400, USUAL]);
    },
  );

  law(
    'a cable that spoils a byte now and then at that rate',
    { more: ['--noisy-above', '200000'] },
    async (board) => {
      const { rates, refusals } = await thereAndBack(board);
      assert.deepEqual(refusals, ['460800 slower', '230400 slower']);
      assert.equal(rates.at(-1), USUAL);
    },
  );

  law('a board without that register changes no rate', {}, async (board) => {
    const repl = await RawRepl.enter(board.port, {}, job);
    await repl.exec('import machine\nmachine.mem32={0x3ff40014:0}', job);
    await repl.exec('import os\nos.uname=None', job);
    await repl.leave();
    const { rates, refusals } = await thereAndBack(board);
    assert.deepEqual(refusals, ['460800 none']);
    assert.deepEqual(rates, []);
  });

  law(
    'cancelled in the middle: the prompt is there at its rate, the old file whole',
    {},
    async (board) => {
      const { port, rates } = noting(board.port);
      const repl = await RawRepl.enter(port, { faster: ladder().faster }, job);
      try {
        await putAll(repl, [{ path: '/big.bin', bytes: bytes.subarray(0, 100) }], job);
        const stop = new AbortController();
        const stopped = putAll(
          repl,
          [{ path: '/big.bin', bytes }],
          { ...job, signal: stop.signal },
          {
            onProgress: (_, done) => done > 10_000 && stop.abort(),
          },
        );
        await assert.rejects(stopped, (error) => isBoardError(error, 'cancelled'));
        assert.deepEqual(rates, [460_800, USUAL]);
        assert.equal(await repl.exec('print(len(open("/big.bin","rb").read()))', job), '100\r\n');
      } finally {
        await repl.leave();
      }
    },
  );

  for (const done of [1, 20_000]) {
    law(
      `a host that dies after ${done} bytes leaves the prompt at its rate to the next one`,
      {},
      async (board) => {
        const repl = await RawRepl.enter(board.port, { faster: ladder().faster }, job);
        let closed: Promise<void> | undefined;
        await putAll(repl, [{ path: '/big.bin', bytes }], job, {
          onProgress: (_, sent) => {
            if (sent >= done) closed ??= board.port.close();
          },
        }).catch((error: unknown) => assert.ok(isBoardError(error, 'port-lost'), String(error)));
        await closed;
        const next = new Rfc2217Provider();
        const port = await next.open(next.add(board.address), { baudRate: USUAL });
        try {
          const second = await RawRepl.enter(port, { deadlineMs: 20_000 }, job);
          assert.equal(await second.exec(DIVIDER, job), `${694 | (7 << 20)}\r\n`);
          await second.leave();
        } finally {
          await port.close();
        }
      },
    );
  }
});
