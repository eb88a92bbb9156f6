import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { Uart } from './uart';

function setup(paced = true): { clock: ManualClock; uart: Uart; host: number[]; board: number[] } {
  const clock = new ManualClock();
  const uart = new Uart({ clock, paced });
  const host: number[] = [];
  const board: number[] = [];
  uart.onHostData((bytes) => host.push(...bytes));
  uart.onBoardData((bytes) => board.push(...bytes));
  return { clock, uart, host, board };
}

describe('uart', () => {
  test('carries 11,520 bytes a second at 115200 baud, both ways', async () => {
    const { clock, uart, host, board } = setup();
    let done = -1;
    uart.transmit(new Uint8Array(23_040), () => (done = clock.now()));
    uart.receive(new Uint8Array(23_040));
    await clock.advance(1000);
    assert.ok(Math.abs(host.length - 11_520) <= 40, `${host.length}`);
    assert.ok(Math.abs(board.length - 11_520) <= 40, `${board.length}`);
    assert.equal(done, -1);
    await clock.advance(1001);
    assert.equal(host.length, 23_040);
    assert.ok(done >= 2000 && done < 2001.5, `${done}`);
  });

  test('a break is one byte of zeros at the chip, behind what was sent, and lets nothing else by', async () => {
    const { clock, uart, board } = setup();
    uart.receive(Uint8Array.of(1, 2));
    uart.setBreak(true);
    uart.setBreak(true);
    uart.receive(Uint8Array.of(3));
    await clock.advance(10);
    assert.deepEqual(board, [1, 2, 0]);
    uart.setBreak(false);
    uart.receive(Uint8Array.of(4));
    await clock.advance(10);
    assert.deepEqual(board, [1, 2, 0, 4]);
  });

  test('tells that it carried the bytes only when the last one is there, in order', async () => {
    const { clock, uart, host } = setup();
    const seen: string[] = [];
    uart.transmit(Uint8Array.of(1, 2), () => seen.push(`a${host.length}`));
    uart.transmit(Uint8Array.of(3), () => seen.push(`b${host.length}`));
    assert.deepEqual(seen, []);
    await clock.advance(1);
    assert.deepEqual(host, [1, 2, 3]);
    assert.deepEqual(seen, ['a2', 'b3']);
  });

  test('does not lend time that passed while the line was idle', async () => {
    const { clock, uart, host } = setup();
    uart.transmit(Uint8Array.of(0));
    await clock.advance(5000);
    uart.transmit(new Uint8Array(11_520));
    await clock.advance(100);
    assert.ok(host.length < 1200, `${host.length}`);
  });

  test('a faster rate carries faster from then on', async () => {
    const { clock, uart, host } = setup();
    uart.boardBaudRate = 460_800;
    uart.hostBaudRate = 460_800;
    uart.transmit(new Uint8Array(46_080));
    await clock.advance(500);
    assert.ok(Math.abs(host.length - 23_040) <= 150, `${host.length}`);
  });

  test('a line that is deaf above a rate, and one that is noisy', () => {
    const at = (rate: number, limits: { deafAbove?: number; noisyAbove?: number }): number[] => {
      const uart = new Uart({ clock: new ManualClock(), paced: false, ...limits });
      const heard: number[] = [];
      uart.onBoardData((bytes) => heard.push(...bytes));
      uart.boardBaudRate = uart.hostBaudRate = rate;
      for (let i = 0; i < 40; i++) uart.receive(new Uint8Array(1000).fill(7));
      return heard;
    };
    const wrong = (heard: number[]): number => heard.filter((byte) => byte !== 7).length;
    assert.equal(wrong(at(230_400, { deafAbove: 230_400 })), 0);
    assert.equal(wrong(at(460_800, { deafAbove: 230_400 })), 40_000);
    assert.equal(wrong(at(230_400, { noisyAbove: 230_400 })), 0);
    assert.equal(wrong(at(460_800, { noisyAbove: 230_400 })), 4);
  });

  test('ends that differ by more than 5 % hear noise, both ways', async () => {
    const { clock, uart, host, board } = setup();
    uart.hostBaudRate = 9600;
    uart.transmit(Uint8Array.of(0x41, 0x03));
    uart.receive(Uint8Array.of(0x41, 0x03));
    await clock.advance(10);
    assert.equal(host.length, 2);
    assert.ok([...host, ...board].every((byte) => byte >= 0x80));
    uart.hostBaudRate = 118_000;
    host.length = board.length = 0;
    uart.transmit(Uint8Array.of(0x41));
    uart.receive(Uint8Array.of(0x42));
    await clock.advance(10);
    assert.deepEqual([host, board], [[0x41], [0x42]]);
  });

  test('a reset drops the backlog, tells nobody it was carried, and sets the rate of the ROM', async () => {
    const { clock, uart, host } = setup();
    let done = false;
    uart.boardBaudRate = 921_600;
    uart.transmit(new Uint8Array(100_000), () => (done = true));
    await clock.advance(10);
    const before = host.length;
    uart.resetBoard();
    await clock.advance(5000);
    assert.equal(host.length, before);
    assert.equal(done, false);
    assert.equal(uart.boardBaudRate, 115_200);
    uart.transmit(Uint8Array.of(7));
    await clock.advance(10);
    assert.equal(host.at(-1), 7);
  });

  test('unpaced it carries at once, also what is sent from inside a listener, in order', () => {
    const { uart, host } = setup(false);
    uart.onHostData((bytes) => bytes[0] === 1 && uart.transmit(Uint8Array.of(2)));
    uart.transmit(Uint8Array.of(1), () => uart.transmit(Uint8Array.of(3)));
    assert.deepEqual(host, [1, 2, 3]);
  });

  test('the sender may reuse its buffer', async () => {
    const { clock, uart, host } = setup();
    const bytes = Uint8Array.of(5);
    uart.transmit(bytes);
    bytes[0] = 6;
    await clock.advance(5);
    assert.deepEqual(host, [5]);
  });

  test('an empty transmission is carried too', async () => {
    const { clock, uart } = setup();
    let done = false;
    uart.transmit(new Uint8Array(0), () => (done = true));
    await clock.advance(1);
    assert.equal(done, true);
  });
});
