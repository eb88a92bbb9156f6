import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { BoardError, isBoardError } from '../core/errors';
import { ComPortClient } from './comPort';

const AGREE = Uint8Array.of(255, 253, 44);
const answer = (...payload: number[]): Uint8Array =>
  Uint8Array.of(255, 250, 44, ...payload, 255, 240);

/** A client whose server has agreed to COM-PORT-OPTION; `sent` then starts empty. */
async function agreed(): Promise<{ client: ComPortClient; sent: number[][]; clock: ManualClock }> {
  const sent: number[][] = [];
  const clock = new ManualClock();
  const client = new ComPortClient((bytes) => sent.push([...bytes]), clock);
  const ready = client.negotiate(3000);
  client.received(AGREE);
  assert.equal(await ready, true);
  sent.length = 0;
  return { client, sent, clock };
}

const code = (wanted: string) => (error: unknown) => isBoardError(error) && error.code === wanted;

describe('RFC 2217 client', () => {
  test('both lines go in one segment; RTS first only when both are let go of', async () => {
    const { client, sent } = await agreed();
    const orders: [boolean, boolean, number[]][] = [
      [false, true, [9, 11]],
      [true, false, [8, 12]],
      [true, true, [8, 11]],
      [false, false, [12, 9]],
    ];
    for (const [dtr, rts, order] of orders) {
      const done = client.setSignals({ dtr, rts });
      await Promise.resolve();
      for (const value of order) client.received(answer(105, value));
      await done;
      const want = order.flatMap((v) => [255, 250, 44, 5, v, 255, 240]);
      assert.deepEqual(sent.pop(), want);
    }
    assert.equal(sent.length, 0);
  });

  test('a line change is done when the server says so, not before', async () => {
    const { client, clock } = await agreed();
    let done = false;
    const change = client.setSignals({ dtr: true }).then(() => (done = true));
    await clock.advance(500);
    assert.equal(done, false);
    client.received(answer(105, 8));
    await change;
  });

  test('a server that once answered and now does not is port-failed after 3 s', async () => {
    const { client, clock } = await agreed();
    const first = client.setSignals({ rts: false });
    await Promise.resolve();
    client.received(answer(105, 12));
    await first;
    const second = client.setSignals({ rts: true });
    const failed = assert.rejects(second, code('port-failed'));
    await clock.advance(3000);
    await failed;
  });

  test('a server that never answers line changes is waited for once, then given 100 ms', async () => {
    const { client, clock } = await agreed();
    const first = client.setSignals({ dtr: false, rts: false });
    await clock.advance(1000);
    await first;
    let done = false;
    const second = client.setSignals({ rts: true }).then(() => (done = true));
    await clock.advance(99);
    assert.equal(done, false);
    await clock.advance(1);
    await second;
  });

  test('a rate that the server does not take is port-failed, a near one is taken', async () => {
    const { client } = await agreed();
    const rate = async (asked: number, told: number): Promise<void> => {
      const set = client.setBaudRate(asked);
      await Promise.resolve();
      const back = new DataView(new ArrayBuffer(4));
      back.setUint32(0, told);
      client.received(answer(101, ...new Uint8Array(back.buffer)));
      await set;
    };
    await rate(921600, 923076);
    await assert.rejects(rate(921600, 115200), code('port-failed'));
  });

  test('no word on a rate is port-failed after 3 s', async () => {
    const { client, clock } = await agreed();
    const failed = assert.rejects(client.setBaudRate(9600), code('port-failed'));
    await clock.advance(3000);
    await failed;
  });

  test('the end of the connection ends every wait with its reason', async () => {
    const { client } = await agreed();
    const waits = [client.setBaudRate(9600), client.setSignals({ dtr: true })];
    const all = Promise.all(waits.map((wait) => assert.rejects(wait, code('port-lost'))));
    await Promise.resolve();
    client.end(new BoardError('port-lost', 'gone'));
    await all;
  });

  test('without COM-PORT-OPTION neither rate nor lines can be set, and nothing is sent', async () => {
    const sent: number[][] = [];
    const clock = new ManualClock();
    const client = new ComPortClient((bytes) => sent.push([...bytes]), clock);
    const ready = client.negotiate(3000);
    client.received(Uint8Array.of(255, 254, 44));
    assert.equal(await ready, false);
    sent.length = 0;
    await assert.rejects(client.setBaudRate(9600), code('port-failed'));
    await assert.rejects(client.setSignals({ dtr: true }), code('port-failed'));
    assert.deepEqual(sent, []);
  });

  test('0xFF is doubled for a telnet server and left alone for plain TCP', async () => {
    const { client } = await agreed();
    assert.deepEqual([...client.encode(Uint8Array.of(1, 255))], [1, 255, 255]);
    const plain = new ComPortClient(() => undefined);
    assert.deepEqual([...plain.encode(Uint8Array.of(1, 255))], [1, 255]);
  });
});
