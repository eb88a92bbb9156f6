import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Board } from '../board/board';
import type { BoardFacts } from '../board/facts';
import { BoardError, isBoardError } from '../core/errors';
import { explain } from '../core/explain';
import { quietJob } from '../core/job';
import type { Bootloader, ChipFacts } from '../esp/flasher';
import { erasedBy, flashBoard, type FlashOptions } from './flash';

/** [chip, id in an image's header, where MicroPython goes]: micropython.org's page of each board. */
const ten: readonly [string, number | undefined, number][] = [
  ['ESP8266', undefined, 0],
  ['ESP32', 0, 0x1000],
  ['ESP32-S2', 2, 0x1000],
  ['ESP32-S3', 9, 0],
  ['ESP32-C2', 12, 0],
  ['ESP32-C3', 5, 0],
  ['ESP32-C5', 23, 0x2000],
  ['ESP32-C6', 13, 0],
  ['ESP32-H2', 16, 0],
  ['ESP32-P4', 18, 0x2000],
];

/** The smallest image that passes: a header, one empty segment, a checksum that ends a line of 16. */
function imageFor(id: number | undefined): Uint8Array {
  const bytes = new Uint8Array(id === undefined ? 32 : 48);
  const view = new DataView(bytes.buffer);
  bytes.set([0xe9, 1]);
  // An ESP8266 header is 8 bytes long: the segment's address comes next, and tells it.
  if (id === undefined) view.setUint32(8, 0x4010_0000, true);
  else view.setUint16(12, id, true);
  bytes[bytes.length - 1] = 0xef;
  return bytes;
}

interface Fake {
  readonly board: Board;
  readonly done: string[];
  learned: BoardFacts;
}

function fake(facts: Partial<ChipFacts>, work: Partial<Record<keyof Bootloader, unknown>>): Fake {
  const done: string[] = [];
  const written = { writtenBytes: 8, unchangedBytes: 0, compressedBytes: 8, milliseconds: 1 };
  const loader = {
    facts: { chip: 'ESP32', chipId: 0, flashSizeBytes: 4 << 20, features: [], ...facts },
    readFlash: (_at: number, length: number) => Promise.resolve(new Uint8Array(length).fill(0xff)),
    eraseFlash: () => Promise.resolve(void done.push('erase')),
    writeFlash: (_bytes: Uint8Array, offset: number) => {
      done.push(`write at ${offset}`);
      return Promise.resolve(written);
    },
    ...work,
  };
  const one: Fake = {
    done,
    learned: {},
    board: {
      name: 'machine1',
      learn: (news: BoardFacts) => void (one.learned = { ...one.learned, ...news }),
      withBootloader: (_n: string, _j: unknown, body: (l: Bootloader) => Promise<unknown>) =>
        body(loader as unknown as Bootloader),
    } as unknown as Board,
  };
  return one;
}

const failure = (board: Board, options: FlashOptions): Promise<unknown> =>
  flashBoard(board, options, quietJob()).then(
    () => assert.fail('it did not fail'),
    (error: unknown) => error,
  );

describe('flashing a board', () => {
  for (const [chip, id, offset] of ten) {
    test(`MicroPython for ${chip} goes to 0x${offset.toString(16)}, and onto no other chip`, async () => {
      const firmware = { name: 'x.bin', bytes: imageFor(id) };
      const own = fake({ chip, chipId: id ?? -1 }, {});
      const report = await flashBoard(own.board, firmware, quietJob());
      assert.equal(report.offset, offset);
      assert.deepEqual(own.done, [`write at ${offset}`]);
      for (const [other, otherId] of ten) {
        if (other === chip) continue;
        const foreign = fake({ chip: other, chipId: otherId ?? -1 }, {});
        const error = await failure(foreign.board, firmware);
        assert.ok(isBoardError(error, 'wrong-chip'), `${other}: ${String(error)}`);
        assert.deepEqual([foreign.done, error.details['flash']], [[], 'untouched']);
        const { sentence, actions } = explain(error, 'machine1');
        assert.match(sentence, new RegExp(`x\\.bin is for ${chip}, but machine1 is ${other};`));
        assert.ok(actions.includes('pickImage'), 'the right one is offered');
      }
    });
  }

  test('a failure after the erase says that the erase is done; one in it does not', async () => {
    const lost = new BoardError('port-lost', 'm', { details: { flash: 'partly' } });
    const firmware = { name: 'x.bin', bytes: imageFor(0), eraseFirst: true };
    const writing = fake({}, { writeFlash: () => Promise.reject(lost) });
    const after = await failure(writing.board, firmware);
    assert.ok(isBoardError(after, 'port-lost') && erasedBy(after));
    assert.equal(after.details['flash'], 'partly');
    const erasing = fake({}, { eraseFlash: () => Promise.reject(lost) });
    assert.equal(erasedBy(await failure(erasing.board, firmware)), false);
    assert.equal(erasedBy(await failure(writing.board, { ...firmware, eraseFirst: false })), false);
  });

  test('where the flash cannot be read first, it is flashed all the same', async () => {
    const refuses = () => Promise.reject(new BoardError('unsupported', 'no read command'));
    const old = fake({}, { readFlash: refuses });
    const report = await flashBoard(old.board, { name: 'x', bytes: imageFor(0) }, quietJob());
    assert.deepEqual([report.files, old.done], ['unknown', ['write at 4096']]);
    const lost = () => Promise.reject(new BoardError('port-lost', 'unplugged'));
    const error = await failure(fake({}, { readFlash: lost }).board, {
      name: 'x',
      bytes: imageFor(0),
    });
    assert.ok(isBoardError(error, 'port-lost'));
  });
});
