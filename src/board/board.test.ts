import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../core/clock';
import { Emitter } from '../core/event';
import { BoardError, isBoardError, type BoardErrorCode } from '../core/errors';
import { quietJob } from '../core/job';
import { loadEsptool } from '../esp/webSerialPort';
import type { ControlSignals, Port, PortInfo } from '../port/port';
import { Board } from './board';

class FakePort implements Port {
  readonly data = new Emitter<Uint8Array>();
  readonly closed = new Emitter<BoardError | undefined>();
  readonly onData = this.data.event;
  readonly onClose = this.closed.event;
  readonly written: string[] = [];
  readonly signals: ControlSignals[] = [];
  isClosed = false;
  constructor(
    readonly info: PortInfo,
    public baudRate: number,
  ) {}
  write(bytes: Uint8Array): Promise<void> {
    this.written.push(Buffer.from(bytes).toString());
    return Promise.resolve();
  }
  setBaudRate(n: number): Promise<void> {
    this.baudRate = n;
    return Promise.resolve();
  }
  setSignals(signals: ControlSignals): Promise<void> {
    this.signals.push(signals);
    return Promise.resolve();
  }
  close(): Promise<void> {
    if (!this.isClosed) this.closed.fire(undefined);
    this.isClosed = true;
    return Promise.resolve();
  }
}

const info: PortInfo = { scheme: 'serial', address: '/dev/ttyUSB0', label: 'CP210x' };

interface Fail {
  next: boolean;
  code: BoardErrorCode;
}

function setUp(): { board: Board; clock: ManualClock; ports: FakePort[]; fail: Fail } {
  const clock = new ManualClock();
  const ports: FakePort[] = [];
  const fail: Fail = { next: false, code: 'port-not-found' };
  const board = new Board(
    { id: 'b', name: 'machine1', virtual: false },
    {
      rates: () => ({ repl: 115200, flash: 460800 }),
      clock,
      open: (where, baudRate) => {
        if (fail.next) return Promise.reject(new BoardError(fail.code, 'gone'));
        const port = new FakePort(where, baudRate);
        ports.push(port);
        return Promise.resolve(port);
      },
    },
  );
  board.plug(info);
  return { board, clock, ports, fail };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('Board', () => {
  test('holds its port only while a console or an operation needs it', async () => {
    const { board, ports } = setUp();
    assert.equal(board.status, 'idle');
    const one = await board.openConsole();
    const two = await board.openConsole();
    assert.equal(board.status, 'open');
    assert.equal(ports.length, 1);
    one.dispose();
    one.dispose();
    assert.equal(ports[0]!.isClosed, false);
    two.dispose();
    await Promise.resolve();
    assert.equal(ports[0]!.isClosed, true);
    assert.equal(board.status, 'idle');
  });

  test('an operation has the board alone: consoles neither see nor write', async () => {
    const { board, ports } = setUp();
    const console = await board.openConsole();
    const seen: string[] = [];
    board.onConsole((b) => seen.push(Buffer.from(b).toString()));
    await board.exclusive('Flash', quietJob(), async (port) => {
      assert.equal(board.status, 'busy');
      assert.equal(board.busyWith, 'Flash');
      ports[0]!.data.fire(bytes('\xc0'));
      await console.write(bytes('typed'));
      await port.write(bytes('protocol'));
      await assert.rejects(
        board.exclusive('Put', quietJob(), () => Promise.resolve()),
        (e) => isBoardError(e, 'board-busy') && e.details['operation'] === 'Flash',
      );
    });
    ports[0]!.data.fire(bytes('>>> '));
    await console.write(bytes('x'));
    assert.deepEqual(seen, ['>>> ']);
    assert.deepEqual(ports[0]!.written, ['protocol', 'x']);
    assert.equal(board.status, 'open');
  });

  test('an operation that fails lets go of the board and the port', async () => {
    const { board, ports } = setUp();
    await assert.rejects(
      board.exclusive('Put', quietJob(), () => Promise.reject(new BoardError('put-failed', 'x'))),
    );
    assert.equal(board.status, 'idle');
    assert.equal(ports[0]!.isClosed, true);
  });

  test('a console that lost its port gets it back, and says both', async () => {
    const { board, clock, ports, fail } = setUp();
    await board.openConsole();
    const notes: string[] = [];
    board.onConsoleNote((n) => notes.push(n));
    fail.next = true;
    ports[0]!.closed.fire(new BoardError('port-lost', 'unplugged'));
    await clock.advance(2000);
    assert.equal(ports.length, 1);
    fail.next = false;
    await clock.advance(600);
    assert.equal(ports.length, 2);
    assert.deepEqual(notes, [
      'the port is gone; waiting for the board to come back',
      'connected again',
    ]);
    assert.equal(board.status, 'open');
  });

  test('waits while it is unplugged and opens its new port when it is back', async () => {
    const { board, clock, ports } = setUp();
    await board.openConsole();
    board.plug(undefined);
    ports[0]!.closed.fire(new BoardError('port-lost', 'unplugged'));
    await clock.advance(5000);
    assert.equal(board.status, 'unplugged');
    board.plug({ ...info, address: '/dev/ttyUSB3' });
    await clock.advance(1);
    assert.equal(ports[1]?.info.address, '/dev/ttyUSB3');
  });

  test('is opened again only when it has been closed, as a port is had only once', async () => {
    const { board, clock, ports, fail } = setUp();
    const one = await board.openConsole();
    let closed: () => void = () => undefined;
    ports[0]!.close = () => new Promise((resolve) => (closed = resolve));
    one.dispose();
    const two = board.openConsole();
    await clock.advance(500);
    assert.equal(ports.length, 1);
    // The other side may notice a moment later than we do.
    fail.next = true;
    fail.code = 'port-busy';
    closed();
    await clock.advance(250);
    fail.next = false;
    await clock.advance(250);
    await two;
    assert.equal(ports.length, 2);
    assert.equal(board.status, 'open');
  });

  test('a port that somebody else has is said at once', async () => {
    const { board, fail } = setUp();
    fail.next = true;
    fail.code = 'port-busy';
    await assert.rejects(board.openConsole(), (e) => isBoardError(e, 'port-busy'));
  });

  test('reset pulses EN and leaves both lines released', async () => {
    const { board, clock, ports } = setUp();
    const done = board.reset(quietJob());
    await clock.advance(2000);
    await done;
    const lines = { dtr: false, rts: false };
    const seen = ports[0]!.signals.map((s) => ({ ...Object.assign(lines, s) }));
    assert.ok(seen.some((s) => s.rts && !s.dtr));
    assert.deepEqual(seen.at(-1), { dtr: false, rts: false });
  });

  test('a brown-out in the boot log is told once a minute, however it is cut into packets', async () => {
    const { board, clock, ports } = setUp();
    await board.openConsole();
    const told: string[] = [];
    board.onTrouble((error) => told.push(error.code));
    const says = (text: string): void => ports[0]!.data.fire(bytes(text));
    says('ets Jun  8 2016\r\nBrownout detector');
    assert.deepEqual(told, []);
    says(' was triggered\r\n');
    says('Brownout detector was triggered\r\n');
    assert.deepEqual(told, ['brown-out']);
    await clock.advance(61_000);
    says('rst:0xf (RTCWDT_BROWN_OUT_RESET),boot:0x13');
    assert.deepEqual(told, ['brown-out', 'brown-out']);
  });

  test('a board whose voltage breaks down on the way into the loader says so', async () => {
    const { board, clock, ports } = setUp();
    await loadEsptool();
    let over = false;
    const failed = assert
      .rejects(
        board.withBootloader('Look', quietJob(), () => Promise.resolve()),
        (e) => isBoardError(e, 'brown-out') && isBoardError(e.cause, 'no-bootloader'),
      )
      .finally(() => (over = true));
    await clock.advance(200);
    ports[0]!.data.fire(bytes('\r\nBrownout detector was triggered\r\n\r\nets Jun  8 2016'));
    while (!over) await clock.advance(500);
    await failed;
    assert.equal(board.status, 'idle');
  });

  test('a cancelled job does not open the port at all', async () => {
    const { board, ports } = setUp();
    const abort = new AbortController();
    abort.abort();
    await assert.rejects(
      board.exclusive('Put', quietJob(abort.signal), () => Promise.resolve()),
      (e) => isBoardError(e, 'cancelled'),
    );
    assert.equal(ports.length, 0);
    assert.equal(board.status, 'idle');
  });
});
