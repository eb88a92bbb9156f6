import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { isBoardError } from '../core/errors';
import { Rfc2217Server } from './rfc2217Server';
import { type ComPort, TelnetSession } from './telnet';

const IAC = 255;
const [WILL, WONT, DO, DONT] = [251, 252, 253, 254];
const [SB, SE, COM] = [250, 240, 44];

/** @param agreed the client has said that it understands COM-PORT */
function setup(agreed = false) {
  const seen: string[] = [];
  const sent: number[] = [];
  let rate = 115_200;
  const port: ComPort = {
    signature: 'a board',
    setBaudRate: (n) => void (rate = n),
    baudRate: () => rate,
    setLines: ({ dtr, rts }) => void seen.push(`lines ${+dtr}${+rts}`),
    setBreak: (on) => void seen.push(`break ${+on}`),
    receive: (bytes) => void seen.push(`data ${[...bytes].join(' ')}`),
    purge: ({ toHost, toBoard }) => void seen.push(`purge ${+toHost}${+toBoard}`),
    setSuspended: (on) => void seen.push(`suspended ${+on}`),
  };
  const session = new TelnetSession(port, (bytes) => sent.push(...bytes));
  const say = (...bytes: number[]): number[] => {
    sent.length = 0;
    session.receive(Uint8Array.from(bytes));
    return [...sent];
  };
  const command = (...bytes: number[]): number[] => say(IAC, SB, COM, ...bytes, IAC, SE);
  const answer = (...bytes: number[]): number[] => [IAC, SB, COM, ...bytes, IAC, SE];
  if (agreed) say(IAC, WILL, COM);
  return { session, seen, sent, say, command, answer };
}

describe('telnet session', () => {
  test('agrees to BINARY, SGA and COM-PORT once, and refuses what it does not know once', () => {
    const { session, sent, say } = setup();
    session.start();
    assert.deepEqual(sent.slice(0, 3), [IAC, WILL, 0]);
    // The client takes what was offered: no answer, or two sides would answer for ever.
    assert.deepEqual(say(IAC, DO, 0, IAC, WILL, 0, IAC, DO, 3), []);
    assert.deepEqual(say(IAC, DO, 1), [IAC, WILL, 1]);
    assert.deepEqual(say(IAC, DO, 1), []);
    assert.deepEqual(say(IAC, DO, 24), [IAC, WONT, 24]);
    assert.deepEqual(say(IAC, WILL, 24), [IAC, DONT, 24]);
    assert.deepEqual(say(IAC, DONT, 24), []);
    assert.deepEqual(say(IAC, DONT, 1), [IAC, WONT, 1]);
  });

  test('pushes the modem state once, when COM-PORT is agreed', () => {
    const { session, say, answer } = setup();
    session.start();
    assert.deepEqual(say(IAC, WILL, COM), answer(107, 0x30));
    assert.deepEqual(say(IAC, DO, COM), []);
  });

  test('or with the answer to the first subcommand, for a client that never said it agrees', () => {
    const { session, command, answer } = setup();
    session.start();
    assert.deepEqual(command(2, 8), [...answer(107, 0x30), ...answer(102, 8)]);
    assert.deepEqual(command(2, 8), answer(102, 8));
  });

  test('a client that begins itself is answered', () => {
    const { say, answer } = setup();
    assert.deepEqual(say(IAC, WILL, COM), [IAC, DO, COM, ...answer(107, 0x30)]);
  });

  test('doubles 0xFF on the way out and halves it on the way in', () => {
    const { session, say, seen } = setup();
    assert.deepEqual([...session.encode(Uint8Array.of(1, IAC, 2))], [1, IAC, IAC, 2]);
    say(1, IAC);
    say(IAC, 2);
    assert.deepEqual(seen, ['data 1', 'data 255 2']);
  });

  test('sets the rate, tells it when asked, and leaves it when the wish is impossible', () => {
    const { command, answer } = setup(true);
    assert.deepEqual(command(1, 0, 7, 8, 0), answer(101, 0, 7, 8, 0));
    assert.deepEqual(command(1, 0, 0, 0, 0), answer(101, 0, 7, 8, 0));
    assert.deepEqual(command(1, 0, 0, 0, 1), answer(101, 0, 7, 8, 0));
    // 65280 holds a 0xFF: doubled on the wire, both ways.
    assert.deepEqual(command(1, 0, 0, IAC, IAC, 0), answer(101, 0, 0, IAC, IAC, 0));
  });

  test('answers every setting, and 0 asks for it', () => {
    const { command, answer } = setup(true);
    assert.deepEqual(command(2, 7), answer(102, 7));
    assert.deepEqual(command(2, 0), answer(102, 7));
    assert.deepEqual(command(3, 3), answer(103, 3));
    assert.deepEqual(command(4, 2), answer(104, 2));
    assert.deepEqual(command(5, 1), answer(105, 1));
    assert.deepEqual(command(5, 13), answer(105, 14));
    assert.deepEqual(command(5, 5), answer(105, 5));
    assert.deepEqual(command(5, 4), answer(105, 5));
    assert.deepEqual(command(6), answer(106, 0x60));
    assert.deepEqual(command(7), answer(107, 0x30));
    assert.deepEqual(command(10, 0), answer(110, 0));
    assert.deepEqual(command(11, 255, 255), answer(111, 255, 255));
    assert.deepEqual(command(0), answer(100, ...Buffer.from('a board')));
    assert.deepEqual(command(99, 1), []);
  });

  test('a break is passed on, answered and asked for, and ends with the client', () => {
    const { session, seen, command, answer } = setup(true);
    assert.deepEqual(command(5, 4), answer(105, 6));
    assert.deepEqual(command(5, 5), answer(105, 5));
    assert.deepEqual(command(5, 4), answer(105, 5));
    session.end();
    assert.deepEqual(seen, ['break 1', 'break 0', 'lines 00']);
  });

  test('DTR and RTS keep each other, are answered, and are let go together at the end', () => {
    const { session, command, answer, seen } = setup(true);
    assert.deepEqual(command(5, 8), answer(105, 8));
    assert.deepEqual(command(5, 11), answer(105, 11));
    assert.deepEqual(command(5, 7), answer(105, 8));
    assert.deepEqual(command(5, 12), answer(105, 12));
    assert.deepEqual(command(5, 10), answer(105, 12));
    session.end();
    assert.deepEqual(seen, ['lines 10', 'lines 11', 'lines 10', 'lines 00']);
  });

  test('data before a command takes effect before it', () => {
    const { say, seen } = setup();
    say(1, IAC, SB, COM, 5, 8, IAC, SE, 2, IAC, SB, COM, 12, 3, IAC, SE);
    assert.deepEqual(seen, ['data 1', 'lines 10', 'data 2', 'purge 11']);
  });

  test('without BINARY the NUL after CR is no data; with it, it is', () => {
    const { say, seen } = setup();
    say(13, 0, 65);
    say(IAC, WILL, 0, 13, 0);
    assert.deepEqual(seen, ['data 13 65', 'data 13 0']);
  });

  test('asks for silence and ends it', () => {
    const { command, seen } = setup(true);
    command(8);
    command(9);
    assert.deepEqual(seen, ['suspended 1', 'suspended 0']);
  });
});

describe('rfc2217 server', () => {
  const port = {
    signature: 's',
    setBaudRate: () => undefined,
    baudRate: () => 115_200,
    receive: () => undefined,
    setBreak: () => undefined,
    purge: () => undefined,
  };

  /** Collects what a socket says until `until` holds or it ends. */
  function read(socket: Socket, until: (text: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = '';
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
        if (until(text)) resolve(text);
      });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
  }

  test('a second client reads a sentence and is closed; the first gets the bytes', async () => {
    const lines: string[] = [];
    const server = await Rfc2217Server.listen(
      { host: '127.0.0.1', port: 0, name: 'machine1' },
      { ...port, setLines: ({ dtr, rts }) => void lines.push(`${+dtr}${+rts}`) },
    );
    const gone = new Promise<void>((resolve) => server.onClient((here) => !here && resolve()));
    const come = new Promise<void>((resolve) => server.onClient((here) => here && resolve()));
    const first = connect(server.address.port, '127.0.0.1');
    const heard = read(first, (text) => text.includes('hello'));
    await come;
    const second = connect(server.address.port, '127.0.0.1');
    assert.match(await read(second, () => false), /machine1 is in use by another client\.\r\n$/);
    server.write(Buffer.from('hello'));
    assert.match(await heard, /hello$/);
    first.destroy();
    await gone;
    assert.deepEqual(lines, ['00']);
    second.destroy();
    await server.close();
  });

  test('where watchers are allowed, a second client hears all and changes nothing', async () => {
    const acts: string[] = [];
    const server = await Rfc2217Server.listen(
      { host: '127.0.0.1', port: 0, name: 'machine1', watchers: true },
      {
        ...port,
        setBaudRate: (rate) => void acts.push(`rate ${rate}`),
        setLines: ({ dtr, rts }) => void acts.push(`lines ${+dtr}${+rts}`),
        receive: (bytes) => void acts.push(`data ${Buffer.from(bytes).toString()}`),
        purge: () => void acts.push('purge'),
      },
    );
    const come = new Promise<void>((resolve) => server.onClient((here) => here && resolve()));
    const first = connect(server.address.port, '127.0.0.1');
    const heard = read(first, (text) => text.includes('two'));
    await come;
    const second = connect(server.address.port, '127.0.0.1');
    const watched = read(second, (text) => text.includes('one'));
    const command = (...bytes: number[]): number[] => [IAC, SB, COM, ...bytes, IAC, SE];
    // A rate, RTS, a purge, and text; then one whose answer shows that all of it was read.
    second.write(
      Uint8Array.from([
        ...[IAC, WILL, COM],
        ...command(1, 0, 0, 0x25, 0x80),
        ...command(5, 11),
        ...command(12, 3),
        ...Buffer.from('typed'),
        ...command(2, 7),
      ]),
    );
    const answer = Buffer.from(command(102, 7)).toString('latin1');
    const asked = read(second, (text) => text.includes(answer));
    assert.match(await asked, /is in use by another client: you see what it says, and nothing/);
    server.write(Buffer.from('one'));
    await watched;
    second.destroy();
    await new Promise((resolve) => second.once('close', resolve));
    server.write(Buffer.from('two'));
    assert.match(await heard, /one.*two$/s);
    assert.deepEqual(acts, []);
    // No longer allowed: who watches is put off, and who comes is refused, until it is allowed again.
    const third = connect(server.address.port, '127.0.0.1');
    await read(third, (text) => text.includes('you see what it says'));
    const off = new Promise((resolve) => third.once('close', resolve));
    server.setWatchers(false);
    await off;
    const refused = connect(server.address.port, '127.0.0.1');
    const over = new Promise((resolve) => refused.once('close', resolve));
    assert.match(await read(refused, (text) => text.includes('.')), /by another client\.\r\n$/);
    await over;
    server.setWatchers(true);
    const fourth = connect(server.address.port, '127.0.0.1');
    await read(fourth, (text) => text.includes('you see what it says'));
    fourth.destroy();
    first.destroy();
    await server.close();
  });

  test('an address that is taken is an error of the virtual board', async () => {
    const options = { host: '127.0.0.1', port: 0, name: 'a' };
    const quiet = { ...port, setLines: () => undefined };
    const server = await Rfc2217Server.listen(options, quiet);
    await assert.rejects(
      Rfc2217Server.listen({ ...options, port: server.address.port }, quiet),
      (e) => isBoardError(e, 'virtual-failed'),
    );
    await server.close();
  });
});
