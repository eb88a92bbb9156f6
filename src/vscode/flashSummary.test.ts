import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Board } from '../board/board';
import { BoardError } from '../core/errors';
import type { FlashReport } from '../operations/flash';
import type { FlashOutcome } from '../operations/flashMany';
import { flashedText, flashSummary } from './flashSummary';

const good = (name: string, writtenBytes = 8): FlashOutcome => ({
  board: { name } as Board,
  report: { writtenBytes } as FlashReport,
});
const bad = (name: string, error: BoardError): FlashOutcome => ({
  board: { name } as Board,
  error,
});

test('all flashed: how many, with what, how long, and who had it already', () => {
  assert.equal(
    flashSummary([good('a'), good('b', 0)], 'x.bin', 41_000),
    '2 boards: x.bin is written and verified on each, in 41 s. 1 of them had it already.',
  );
});

test('few failures have their whole sentence each, with what to do', () => {
  const lost = bad('b', new BoardError('port-lost', 'm'));
  const text = flashSummary([good('a'), lost], 'x.bin', 1000);
  assert.match(text, /^1 of 2 boards are flashed with x\.bin, in 1 s\. b: the port went away/);
  assert.match(text, /plug it in again/);
});

test('many failures are all named, shorter; cancelled ones together', () => {
  const wrong = new BoardError('wrong-chip', 'm', {
    details: { file: 's3.bin', imageChip: 'ESP32-S3', boardChip: 'ESP32' },
  });
  const cancelled = new BoardError('cancelled', 'm');
  const text = flashSummary(
    [
      bad('a', wrong),
      bad('b', new BoardError('port-lost', 'm')),
      bad('c', new BoardError('no-bootloader', 'm')),
      bad('d', cancelled),
      bad('e', cancelled),
    ],
    's3.bin',
    1000,
  );
  assert.match(text, /s3\.bin is for ESP32-S3, but a is ESP32; nothing was written\. b: the port/);
  assert.match(text, /c: the bootloader does not answer\./);
  assert.match(text, /Cancelled, so not flashed: d and e\.$/);
});

test('one board: what was written, and what became of its files', () => {
  const report: FlashReport = {
    ...{ chip: 'ESP32', offset: 0x1000, compressedBytes: 7, milliseconds: 2340 },
    ...{ writtenBytes: 2048, unchangedBytes: 0, files: 'kept' },
  };
  assert.equal(
    flashedText('a', 'x.bin', report),
    'a: x.bin (2 KB) is written and verified, in 2.3 s. Its files are as they were.',
  );
  assert.match(
    flashedText('a', 'x.bin', { ...report, files: 'overwritten' }),
    /files.*are gone\.$/,
  );
  assert.match(flashedText('a', 'x.bin', { ...report, files: 'elsewhere' }), /are not seen\.$/);
  assert.match(flashedText('a', 'x.bin', { ...report, files: 'wiped' }), /wiped before\.$/);
  assert.match(flashedText('a', 'x.bin', { ...report, files: 'none' }), /in 2\.3 s\.$/);
  const same = flashedText('a', 'x.bin', { ...report, writtenBytes: 0, unchangedBytes: 2048 });
  assert.match(same, /is there already, byte for byte.*Nothing was written\. Its files are as/);
  const slow = { ...report, baudRate: 230_400, slowedFrom: 460_800 };
  assert.match(flashedText('a', 'x.bin', slow), /460800 baud is too fast.*flashed at 230400\.$/);
});
