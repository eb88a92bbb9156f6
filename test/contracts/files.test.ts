/**
 * The files contract on every kind of board: MicroPython 1.27 with all it has, and with one thing
 * after the other taken away, as other firmware lacks it; a real board where one is named.
 * Below: files.ts, test/integration/support.ts.
 */
import { describe } from 'node:test';
import { Rfc2217Provider } from '../../src/port/rfc2217';
import { SerialProvider } from '../../src/port/serial';
import { notBuilt, startVirtualBoard, type VirtualBoardOptions } from '../integration/support';
import { filesContract, type FilesBoard } from './files';

const virtual =
  (options: VirtualBoardOptions = {}) =>
  async (): Promise<FilesBoard> => {
    const board = await startVirtualBoard(options);
    return { port: board.port, dispose: () => board.stop() };
  };

/** A module that is there and has nothing in it, under both its names. */
const without = (name: string): string =>
  `import sys\nfor n in ('${name}','u${name}'):\n sys.modules[n]=type('gone',(),{})`;

/** Fills the heap but for 8 KiB in one piece, and crumbs too small for anything. */
const smallHeap = `
import gc
_ballast=[]
def _fill(k):
 gc.collect()
 hole=bytearray(8192)
 while k>=64:
  gc.collect()
  try:
   _ballast.append(bytearray(k))
  except MemoryError:
   k//=2
_fill(65536)
`;

/** uzlib as firmware before 1.21 has it, made of what came after it. */
const oldInflate = `
import sys,deflate as _deflate
class _uzlib:
 def DecompIO(stream,bits):
  return _deflate.DeflateIO(stream,_deflate.RAW,-bits)
sys.modules['uzlib']=_uzlib
sys.modules['deflate']=type('gone',(),{})
`;

// Most of the time they wait for a deadline of the board: two side by side take little more than one.
describe('files contracts', { concurrency: 2 }, () => {
  filesContract('virtual board, 1.27', virtual(), { skip: notBuilt, trees: 6 });
  filesContract('1.13: no raw paste', virtual({ firmwareVersion: '1.13' }), {
    skip: notBuilt,
    mostBytes: 40_000,
  });
  filesContract('uzlib instead of deflate', virtual(), {
    skip: notBuilt,
    prelude: oldInflate,
    mostBytes: 40_000,
  });
  filesContract('no deflate at all', virtual(), {
    skip: notBuilt,
    prelude: `${without('deflate')}\n${without('zlib')}`,
    mostBytes: 40_000,
  });
  filesContract('no hashlib', virtual(), {
    skip: notBuilt,
    prelude: without('hashlib'),
    mostBytes: 40_000,
  });
  // A path is in the heap several times while a folder is read, its pieces once more: paths of 600 bytes
  // do not fit beside a program. An import takes 128 at most (MICROPY_ALLOC_PATH_MAX of the ESP32 port).
  filesContract('8 KiB of free heap', virtual(), {
    skip: notBuilt,
    prelude: smallHeap,
    mostBytes: 40_000,
    longestPath: 240,
  });
});

const named = process.env['PARLEY_TEST_PORT'] ?? '';
filesContract(
  'a real board',
  async () => {
    const network = new Rfc2217Provider();
    const port = named.startsWith('rfc2217://')
      ? await network.open(network.add(named), { baudRate: 115_200 })
      : await new SerialProvider().open(
          { scheme: 'serial', address: named, label: named },
          { baudRate: 115_200 },
        );
    return { port, dispose: () => port.close() };
  },
  { skip: named ? undefined : 'set PARLEY_TEST_PORT', mostBytes: 40_000, trees: 2 },
);
