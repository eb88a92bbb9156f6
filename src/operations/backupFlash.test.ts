import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Board } from '../board/board';
import { BoardError, isBoardError } from '../core/errors';
import { explain } from '../core/explain';
import { quietJob } from '../core/job';
import type { Bootloader } from '../esp/flasher';
import { backupFlash } from './backupFlash';

const SIZE = 0x8000;
const held = new Uint8Array(SIZE).fill(0xff);
held.set([0xe9, 3, 2, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0x1000);

/** A board whose loader is `loader`. */
function boardWith(facts: object, read: () => Promise<Uint8Array>): { board: Board; read: number } {
  const counted = { board: undefined as unknown as Board, read: 0 };
  const readFlash = (): Promise<Uint8Array> => {
    counted.read++;
    return read();
  };
  const loader = { facts: { chip: 'ESP32', mac: 'm', ...facts }, readFlash };
  counted.board = {
    name: 'machine1',
    withBootloader: (_name: string, _job: unknown, work: (l: Bootloader) => Promise<unknown>) =>
      work(loader as unknown as Bootloader),
  } as unknown as Board;
  return counted;
}

const good = () => boardWith({ flashSizeBytes: SIZE }, () => Promise.resolve(held));

describe('a backup of the flash', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'parley-backup-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const failure = async (work: Promise<unknown>): Promise<BoardError> => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(isBoardError(error), String(error));
    return error;
  };

  test('is the flash byte for byte, under its own name only when it is whole', async () => {
    const file = join(folder, 'b.bin');
    writeFileSync(file, 'an older one');
    const seen: string[][] = [];
    const { board } = boardWith({ flashSizeBytes: SIZE }, () => {
      seen.push([...readdirSync(folder).sort(), readFileSync(file, 'utf8')]);
      return Promise.resolve(held);
    });
    let time = 0;
    const report = await backupFlash(board, file, quietJob(), () => (time += 1500));
    assert.deepEqual(seen, [['b.bin', 'b.bin.part', 'an older one']]);
    assert.deepEqual(readdirSync(folder), ['b.bin']);
    assert.deepEqual(new Uint8Array(readFileSync(file)), held);
    const md5 = createHash('md5').update(held).digest('hex');
    assert.deepEqual(
      [report.bytes, report.chip, report.md5, report.milliseconds, report.restorable],
      [SIZE, 'ESP32', md5, 1500, true],
    );
  });

  test('that fails or is cancelled leaves no part of it, and an older one stays', async () => {
    const file = join(folder, 'b.bin');
    writeFileSync(file, 'an older one');
    const stop = new AbortController();
    for (const read of [
      () => Promise.reject(new BoardError('port-lost', 'unplugged')),
      () => {
        stop.abort();
        return Promise.resolve(held);
      },
    ]) {
      const { board } = boardWith({ flashSizeBytes: SIZE }, read);
      const { code } = await failure(backupFlash(board, file, quietJob(stop.signal)));
      assert.ok(['port-lost', 'cancelled'].includes(code), code);
      assert.deepEqual(readdirSync(folder), ['b.bin']);
      assert.equal(readFileSync(file, 'utf8'), 'an older one');
    }
  });

  test('into a folder that is not there is refused before the board is touched', async () => {
    const counted = good();
    const error = await failure(
      backupFlash(counted.board, join(folder, 'no', 'b.bin'), quietJob()),
    );
    assert.equal(counted.read, 0);
    assert.match(
      explain(error, 'machine1').sentence,
      /^machine1: its flash cannot be saved to .*b\.bin \(its folder is not there\)/,
    );
  });

  test('of a blank flash says that it is not restored', async () => {
    const blank = new Uint8Array(SIZE).fill(0xff);
    const { board } = boardWith({ flashSizeBytes: SIZE }, () => Promise.resolve(blank));
    const report = await backupFlash(board, join(folder, 'b.bin'), quietJob());
    assert.equal(report.restorable, false);
  });

  test('of a flash whose size nobody knows is refused', async () => {
    const counted = boardWith({}, () => Promise.resolve(held));
    const error = await failure(backupFlash(counted.board, join(folder, 'b.bin'), quietJob()));
    assert.equal(error.code, 'unsupported');
    assert.equal(counted.read, 0);
    assert.deepEqual(readdirSync(folder), []);
  });
});
