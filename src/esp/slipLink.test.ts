import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '../core/clock';
import { BoardError, isBoardError } from '../core/errors';
import { Emitter } from '../core/event';
import type { Port } from '../port/port';
import { compress } from './compress';
import { SlipLink, SlipTimeout, slipEncode } from './slipLink';

function make() {
  const clock = new ManualClock();
  const data = new Emitter<Uint8Array>();
  const closed = new Emitter<BoardError | undefined>();
  const write = (): Promise<void> => new Promise(() => undefined);
  const port = { onData: data.event, onClose: closed.event, write } as unknown as Port;
  return { clock, data, closed, link: new SlipLink(port, clock) };
}

describe('packets over a port', () => {
  test('any packets come out as they went in, wherever the stream is cut', async () => {
    const packet = fc.uint8Array({ minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(packet, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 7 }),
        async (packets, cut) => {
          const { data, link } = make();
          const wire = packets.flatMap((p) => [...slipEncode(p)]);
          for (let i = 0; i < wire.length; i += cut) {
            data.fire(Uint8Array.from(wire.slice(i, i + cut)));
          }
          for (const sent of packets) assert.deepEqual(await link.receive(1), sent);
        },
      ),
    );
  });

  test('boot messages before a packet, and a packet cut in half, do no harm', async () => {
    const { data, link } = make();
    data.fire(Buffer.from('rst:0x1 boot:0x3\r\nwaiting for download\r\n'));
    data.fire(slipEncode(Uint8Array.of(1, 2)));
    assert.deepEqual(await link.receive(1), Uint8Array.of(1, 2));
    link.flush();
    data.fire(Uint8Array.of(9, 9, 0xc0));
    data.fire(slipEncode(Uint8Array.of(3)));
    assert.deepEqual(await link.receive(1), Uint8Array.of(3));
    assert.match(link.text, /waiting for download/);
  });

  test('the deadline is for the whole packet, however much noise comes', async () => {
    const { clock, data, link } = make();
    const failed = assert.rejects(link.receive(100), SlipTimeout);
    for (let i = 0; i < 10; i++) {
      data.fire(Uint8Array.of(65));
      await clock.advance(10);
    }
    await failed;
  });

  test('a board that resets while the chip is given two minutes is noticed in seconds', async () => {
    const { clock, data, link } = make();
    const seen: { ended?: unknown; late?: unknown } = {};
    link.receive(120_000).catch((error: unknown) => (seen.ended = error));
    // A few bytes of a disturbed line change nothing.
    data.fire(new Uint8Array(20).fill(0x55));
    await clock.advance(10_000);
    assert.equal(seen.ended, undefined);
    // A boot log, at whatever rate.
    data.fire(new Uint8Array(300).fill(0xaa));
    await clock.advance(2900);
    assert.equal(seen.ended, undefined);
    await clock.advance(200);
    assert.ok((seen.ended as unknown) instanceof SlipTimeout);
    // An answer says that all is well again.
    link.flush();
    data.fire(new Uint8Array(300).fill(0xaa));
    data.fire(slipEncode(Uint8Array.of(1, 8, 0)));
    const answer = link.receive(120_000);
    assert.deepEqual(await answer, Uint8Array.of(1, 8, 0));
    link.receive(120_000).catch((error: unknown) => (seen.late = error));
    await clock.advance(60_000);
    assert.equal(seen.late, undefined);
  });

  test('packets that nobody takes are not gathered without end', async () => {
    const { data, link } = make();
    const one = slipEncode(Uint8Array.of(7, 7));
    for (let n = 0; n < 50; n++) data.fire(Buffer.concat(Array.from({ length: 100 }, () => one)));
    let taken = 0;
    while (
      await link.receive(0).then(
        () => true,
        () => false,
      )
    )
      taken++;
    assert.equal(taken, 1000);
  });

  test('the end of the job or of the port ends reading and a write that hangs', async () => {
    for (const code of ['cancelled', 'port-lost'] as const) {
      const { closed, link } = make();
      const waits = [link.receive(120_000), link.send(Uint8Array.of(1))];
      const all = Promise.all(waits.map((w) => assert.rejects(w, (e) => isBoardError(e, code))));
      if (code === 'cancelled') link.end(new BoardError('cancelled', 'by the user'));
      else closed.fire(new BoardError('port-lost', 'unplugged'));
      await all;
      await assert.rejects(link.receive(1), (e) => isBoardError(e, code));
    }
  });
});

describe('compression', () => {
  test('blocks join to the whole, and the sizes tell what each brings', async () => {
    const data = Uint8Array.from({ length: 100_000 }, (_, i) => (i < 50_000 ? 0 : (i * i) >> 5));
    const { blocks, inflatedBytes, totalBytes } = await compress(data, 1024);
    assert.deepEqual(inflateSync(Buffer.concat(blocks)), Buffer.from(data));
    assert.equal(
      inflatedBytes.reduce((a, b) => a + b),
      data.length,
    );
    assert.equal(
      blocks.reduce((sum, block) => sum + block.length, 0),
      totalBytes,
    );
    assert.ok(blocks.every((block, i) => block.length === 1024 || i === blocks.length - 1));
  });
});
