import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Emitter } from '../core/event';
import { BoardError } from '../core/errors';
import { ComPortServer } from './comPortServer';
import type { ControlSignals, Port } from './port';

const IAC = 255;
const sub = (...payload: number[]): number[] => [IAC, 250, 44, ...payload, IAC, 240];

/** A port that remembers what was done to it. */
class RememberedPort implements Port {
  readonly info = { scheme: 'serial', address: 'a', label: 'a' } as const;
  readonly onData = new Emitter<Uint8Array>().event;
  readonly onClose = new Emitter<BoardError | undefined>().event;
  readonly did: unknown[] = [];
  baudRate = 115200;
  write(bytes: Uint8Array): Promise<void> {
    this.did.push(Buffer.from(bytes).toString());
    return Promise.resolve();
  }
  setBaudRate(rate: number): Promise<void> {
    if (rate > 1_000_000) return Promise.reject(new BoardError('port-failed', 'too fast'));
    this.baudRate = rate;
    this.did.push(rate);
    return Promise.resolve();
  }
  setSignals(signals: ControlSignals): Promise<void> {
    this.did.push(signals);
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Sends `chunks` and gives what was done and what was answered, once all of it is done. */
async function serve(...chunks: number[][]) {
  const port = new RememberedPort();
  const sent: number[] = [];
  const server = new ComPortServer(
    port,
    (bytes) => void sent.push(...bytes),
    (error) => assert.fail(String(error)),
  );
  for (const chunk of chunks) server.received(Uint8Array.from(chunk));
  for (let i = 0; i < 20; i++) await Promise.resolve();
  return { port, sent, server };
}

describe('a shared port', () => {
  test('agrees to binary lines and COM-PORT-OPTION, and to nothing it does not know', async () => {
    const { sent } = await serve([IAC, 251, 44, IAC, 253, 0, IAC, 251, 99]);
    assert.deepEqual(sent, [IAC, 253, 44, IAC, 251, 0, IAC, 254, 99]);
  });

  test('does what is asked in its order: text, rate, text', async () => {
    const slow = sub(1, 0, 0, 0x25, 0x80);
    const { port, sent } = await serve([0x61, ...slow, 0x62, IAC, IAC]);
    assert.deepEqual(port.did, ['a', 9600, 'b\ufffd']);
    assert.deepEqual(sent, sub(101, 0, 0, 0x25, 0x80));
  });

  test('a rate that is refused is answered with the one that stays; 0 asks', async () => {
    const { sent } = await serve(sub(1, 0, 0x2d, 0xc6, 0xc0), sub(1, 0, 0, 0, 0));
    const stays = sub(101, 0, 1, 0xc2, 0);
    assert.deepEqual(sent, [...stays, ...stays]);
  });

  test('lines that change in one message change together, one line twice does not', async () => {
    const { port, sent } = await serve([...sub(5, 9), ...sub(5, 11)], [...sub(5, 8), ...sub(5, 9)]);
    assert.deepEqual(port.did, [{ dtr: false, rts: true }, { dtr: true }, { dtr: false }]);
    assert.deepEqual(
      sent,
      [9, 11, 8, 9].flatMap((value) => sub(105, value)),
    );
    const asked = await serve(sub(5, 11), [...sub(5, 10), ...sub(5, 7)]);
    assert.deepEqual(
      asked.sent,
      [11, 11, 9].flatMap((value) => sub(105, value)),
    );
  });

  test('is 8N1 without flow control or break, whatever is asked for', async () => {
    const { sent } = await serve(sub(2, 7), sub(3, 2), sub(4, 2), sub(5, 3), sub(5, 5), sub(12, 3));
    const answers = [
      [102, 8],
      [103, 1],
      [104, 1],
      [105, 1],
      [105, 6],
      [112, 3],
    ];
    assert.deepEqual(
      sent,
      answers.flatMap((answer) => sub(...answer)),
    );
  });

  test('bytes of the board are doubled where telnet wants it, and held while they are not wanted', async () => {
    const { sent, server } = await serve();
    server.fromPort(Uint8Array.of(1, IAC));
    server.received(Uint8Array.from(sub(8)));
    server.fromPort(Uint8Array.of(2));
    assert.deepEqual(sent, [1, IAC, IAC]);
    server.received(Uint8Array.from(sub(9)));
    assert.deepEqual(sent, [1, IAC, IAC, 2]);
  });
});
