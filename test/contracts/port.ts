/**
 * The law of src/port/port.ts, said again as tests that any implementation must pass.
 * Below: a pair of ends that the caller makes. Above: port.test.ts runs it on every kind of port.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isBoardError, type BoardError, type BoardErrorCode } from '../../src/core/errors';
import type { Port } from '../../src/port/port';

/** An open port and the far end of it, where a board would be. */
export interface Pair {
  readonly port: Port;
  /** Opens the same port a second time. */
  openAgain(): Promise<Port>;
  /** Opens a port of this kind where none is. */
  openMissing(): Promise<Port>;
  /** Takes the far end away, as unplugging does; missing where nobody can. */
  drop?(): void;
  dispose(): Promise<void>;
  /** What a far end that is not a board can say and hear; a board's speaks for itself. */
  readonly far?: {
    write(bytes: Uint8Array): void;
    readonly heard: () => Uint8Array;
  };
  /** What arrived of the lines and the rate, where the far end can tell. */
  readonly lines?: () => { dtr: boolean; rts: boolean };
  readonly baudRate?: () => number;
  /** True where a second open is refused by the system. */
  readonly exclusive: boolean;
}

const UNSEEN = 'the far end cannot tell its control lines';

/** Runs the law on pairs made by `createPair`; with `skip`, shows it as skipped for that reason. */
export function portContract(
  name: string,
  createPair: () => Promise<Pair>,
  options: { skip?: string | undefined; speaks?: boolean } = {},
): void {
  /** A body that returns a sentence could not judge this kind of port: that shows as skipped. */
  const law = (what: string, body: (pair: Pair) => Promise<string | void>): void => {
    test(what, { skip: options.skip, timeout: 20_000 }, async (t) => {
      const pair = await createPair();
      try {
        const reason = await body(pair);
        if (reason) t.skip(reason);
      } finally {
        await pair.port.close();
        await pair.dispose();
      }
    });
  };

  describe(`port contract: ${name}`, () => {
    if (options.speaks !== false) {
      law(
        'carries every byte value from the board, in order, in chunks that stay',
        async (pair) => {
          const sent = everyByte(3000);
          const chunks: Uint8Array[] = [];
          pair.port.onData((bytes) => chunks.push(bytes));
          pair.far?.write(sent);
          await until(() => total(chunks) >= sent.length);
          assert.deepEqual(Buffer.concat(chunks), Buffer.from(sent));
          assert.ok(chunks.every((chunk) => chunk.length > 0));
        },
      );

      law('carries every byte value to the board, in order', async (pair) => {
        const sent = everyByte(3000);
        await pair.port.write(sent.slice(0, 1000));
        await pair.port.write(new Uint8Array(0));
        await Promise.all([
          pair.port.write(sent.slice(1000, 2000)),
          pair.port.write(sent.slice(2000)),
        ]);
        await until(() => (pair.far?.heard().length ?? 0) >= sent.length);
        assert.deepEqual(Buffer.from(pair.far?.heard() ?? []), Buffer.from(sent));
      });
    }

    law('leaves neither DTR nor RTS asserted when opened', (pair) => {
      if (!pair.lines) return Promise.resolve(UNSEEN);
      assert.deepEqual(pair.lines(), { dtr: false, rts: false });
      return Promise.resolve();
    });

    law('sets the lines that are named and leaves the others', async (pair) => {
      const steps = [{ dtr: true }, { rts: true }, { dtr: false }, { dtr: true, rts: false }];
      const seen: unknown[] = [];
      for (const step of steps) {
        await pair.port.setSignals(step);
        seen.push(pair.lines?.());
      }
      if (!pair.lines) return `${UNSEEN}; nothing was refused`;
      assert.deepEqual(seen, [
        { dtr: true, rts: false },
        { dtr: true, rts: true },
        { dtr: false, rts: true },
        { dtr: true, rts: false },
      ]);
    });

    law('changes its rate', async (pair) => {
      assert.equal(pair.port.baudRate, 115200);
      await pair.port.setBaudRate(460800);
      assert.equal(pair.port.baudRate, 460800);
      if (pair.baudRate) assert.equal(pair.baudRate(), 460800);
    });

    law('closes once, says so once, and lets go of the lines', async (pair) => {
      const closes: (BoardError | undefined)[] = [];
      pair.port.onClose((error) => closes.push(error));
      await pair.port.setSignals({ dtr: true, rts: true });
      await Promise.all([pair.port.close(), pair.port.close()]);
      await pair.port.close();
      assert.deepEqual(closes, [undefined]);
      if (pair.lines) assert.deepEqual(pair.lines(), { dtr: false, rts: false });
    });

    law('refuses everything with port-lost after close', async (pair) => {
      await pair.port.close();
      await rejectsWith('port-lost', pair.port.write(Uint8Array.of(1)));
      await rejectsWith('port-lost', pair.port.setBaudRate(9600));
      await rejectsWith('port-lost', pair.port.setSignals({ dtr: true }));
    });

    law('says port-lost, once, when the board goes away', async (pair) => {
      const closes: (BoardError | undefined)[] = [];
      pair.port.onClose((error) => closes.push(error));
      if (!pair.drop) return 'nobody is there to pull the plug';
      pair.drop();
      await until(() => closes.length > 0);
      assert.equal(closes[0]?.code, 'port-lost');
      await rejectsWith('port-lost', pair.port.write(Uint8Array.of(1)));
      await pair.port.close();
      assert.equal(closes.length, 1);
    });

    law('a port that is not there is port-not-found', async (pair) => {
      await rejectsWith('port-not-found', pair.openMissing());
    });

    law('a port that is open elsewhere is port-busy, and the first goes on', async (pair) => {
      if (!pair.exclusive) return 'the lock of a serial port does not hold against root';
      await rejectsWith('port-busy', pair.openAgain());
      await pair.port.setBaudRate(9600);
    });
  });
}

/** `length` bytes in which every value comes early and often, 0xFF doubled in places. */
export function everyByte(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i % 7 === 6 ? 255 : (i * 11) & 255));
}

/** Waits until `done` is true. @throws after 10 s */
export async function until(done: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!done()) {
    if (Date.now() > end) throw new Error('waited 10 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export async function rejectsWith(code: BoardErrorCode, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(isBoardError(error), String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

function total(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
