/**
 * What goes wrong in the fault matrix, and when. Below: board.ts. Above: cells.ts.
 */
import { connect, type Socket } from 'node:net';
import type { FaultBoard } from './board';
import type { Operation, Place } from './operations';
import { diskFull } from './diskFull';

/** @returns what is wrong on the side of this computer, if anything */
type Ending = () => void | string | Promise<void | string>;

export interface Fault {
  readonly name: string;
  /** At which parts of the operation's bytes it comes; 0 is before the first, 1 when boards talk. */
  readonly at: readonly number[];
  readonly suits?: (operation: Operation) => boolean;
  /** Makes trouble. @returns what ends it, once the operation is over */
  strike(
    board: FaultBoard,
    cancel: AbortController,
    place: Place,
  ): Ending | void | Promise<Ending | void>;
}

const order = (command: object) => (board: FaultBoard) => board.command({ fault: command });
const AFTER_ALL = 3_600_000;

/** A second program that wants the port. */
function other(board: FaultBoard): Promise<{ socket: Socket; served: Promise<boolean> }> {
  const [host = '', port = ''] = board.address.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port) }, () => {
      // The board greets in telnet; whoever comes too late reads a sentence.
      const served = new Promise<boolean>((tell) => {
        socket.once('data', (bytes) => tell(bytes[0] === 0xff));
        socket.once('close', () => tell(false));
      });
      resolve({ socket, served });
    });
    socket.once('error', reject);
  });
}

/** A second program that has the port. */
async function owner(board: FaultBoard): Promise<Socket> {
  for (let n = 0; n < 40; n++) {
    const { socket, served } = await other(board);
    if (await served) return socket;
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nobody lets go of the port');
}

const writes = ({ name }: Operation): boolean =>
  ['put', 'sync', 'provision', 'conversation'].includes(name);
const talks = ({ name }: Operation): boolean => name === 'conversation';

export const faults: readonly Fault[] = [
  { name: 'none', at: [0], strike: () => undefined },
  { name: 'unplug', at: [0, 0.1, 0.5, 0.9], strike: order({ kind: 'unplug', ms: 400 }) },
  { name: 'reset', at: [0, 0.1, 0.5, 0.9], strike: order({ kind: 'brown-out' }) },
  {
    name: 'lose 1 out',
    at: [0.1, 0.5, 0.9],
    strike: order({ kind: 'drop', bytes: 1, way: 'to-board' }),
  },
  {
    name: 'lose 1 in',
    at: [0.1, 0.5, 0.9],
    strike: order({ kind: 'drop', bytes: 1, way: 'to-host' }),
  },
  { name: 'lose 200 out', at: [0.5], strike: order({ kind: 'drop', bytes: 200, way: 'to-board' }) },
  { name: 'lose 200 in', at: [0.5], strike: order({ kind: 'drop', bytes: 200, way: 'to-host' }) },
  {
    name: 'flip 1 out',
    at: [0.1, 0.5, 0.9],
    strike: order({ kind: 'flip', bytes: 1, way: 'to-board' }),
  },
  {
    name: 'flip 1 in',
    at: [0.1, 0.5, 0.9],
    strike: order({ kind: 'flip', bytes: 1, way: 'to-host' }),
  },
  {
    name: 'garbage',
    at: [0.1, 0.5],
    strike: (board) => {
      let x = 7;
      const next = (): number => ((x = (x * 1103515245 + 12345) >>> 0) >> 16) & 0xfe; // no IAC
      let left = 64;
      const timer = setInterval(() => {
        board.gate.babble(Uint8Array.from({ length: 4096 }, next));
        if (--left === 0) clearInterval(timer);
      }, 5);
      return () => clearInterval(timer);
    },
  },
  { name: 'stall 0.5 s', at: [0.5], strike: order({ kind: 'stall', ms: 500 }) },
  { name: 'stalled', at: [0, 0.5, 0.9], strike: order({ kind: 'stall', ms: AFTER_ALL }) },
  {
    name: 'wrong baud',
    at: [0],
    strike: (board) => {
      board.rates.repl = 57_600;
      return () => void (board.rates.repl = 115_200);
    },
  },
  {
    name: 'port taken',
    at: [0],
    strike: async (board) => {
      const socket = await owner(board);
      return async () => {
        socket.destroy();
        await new Promise((resolve) => setTimeout(resolve, 50));
      };
    },
  },
  {
    name: 'second comes',
    at: [0.1, 0.5],
    strike: (board) => {
      const coming = other(board).catch(() => undefined);
      return async () => void (await coming)?.socket.destroy();
    },
  },
  {
    name: 'slow flash',
    at: [0],
    suits: ({ loader }) => loader,
    strike: (board) => {
      board.command({ fault: { kind: 'slow-flash', ms: 5 } });
      return () => board.command({ fault: { kind: 'slow-flash', ms: 0 } });
    },
  },
  { name: 'cancel', at: [0, 0.1, 0.5, 0.9], strike: (_board, cancel) => cancel.abort() },
  {
    // What the window lets go of when it is reloaded, and the next one that comes.
    name: 'window reload',
    at: [0.1, 0.5, 0.9],
    strike: (board) => {
      board.board.dispose();
      return async () => {
        // The port closes behind it; a window takes longer to come back than that.
        const step = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));
        for (let n = 0; n < 60 && board.gate.clients > 0; n++) await step();
        for (let n = 0; n < 4; n++) await step();
        board.newBoard();
      };
    },
  },
  { name: 'board full', at: [0], suits: writes, strike: diskFull.board },
  {
    name: 'disk full here',
    at: [0],
    suits: ({ name }) => ['get', 'backup'].includes(name),
    strike: (_board, _cancel, { here }) => diskFull.here(here),
  },
  {
    name: 'Wi-Fi lost',
    at: [0.5, 1],
    suits: talks,
    strike: order({ kind: 'wifi-gone', ms: 4000 }),
  },
  {
    name: 'broker killed',
    at: [0.5, 1],
    suits: talks,
    strike: (_b, _c, { broker }) => void broker.kill(),
  },
  {
    name: 'broker restarted',
    at: [0.5, 1],
    suits: talks,
    strike: async (_board, _cancel, { broker }) => {
      await broker.kill();
      await new Promise((resolve) => setTimeout(resolve, 500));
      await broker.start();
    },
  },
  {
    name: 'broker slow',
    at: [0.1, 0.5, 1],
    suits: talks,
    strike: (_board, _cancel, { broker }) => broker.hinder({ slow: 400 }),
  },
  {
    name: 'broker half-open',
    at: [0.1, 0.5, 1],
    suits: talks,
    strike: (_board, _cancel, { broker }) => broker.hinder({ deaf: true }),
  },
] as readonly Fault[];
