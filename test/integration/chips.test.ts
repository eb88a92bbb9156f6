/**
 * Virtual boards of each chip through our own flasher and prompt: found out, erased, flashed with the
 * image for it and not with another's, and talked to. Below: dist/virtual/main.js. Above: nothing.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import { eraseBoard } from '../../src/operations/erase';
import { flashBoard } from '../../src/operations/flash';
import { lookAt } from '../../src/operations/look';
import { Session } from '../../src/terminal/session';
import { skip, until, withBoard } from './flashSupport';
import { boardOn } from './support';

const kinds = [
  {
    id: 'esp32s3',
    chip: 'ESP32-S3',
    model: /^ESP32-S3 \(QFN56\) \(revision v0\.2\)$/,
    mcu: 'ESP32S3',
  },
  {
    id: 'esp32c3',
    chip: 'ESP32-C3',
    model: /^ESP32-C3 \(QFN32\) \(revision v0\.3\)$/,
    mcu: 'ESP32C3',
  },
] as const;

const firmware = (id: string) => {
  const name = `parley-virtual-${id}.bin`;
  return { name, bytes: new Uint8Array(readFileSync(`dist/firmware/${name}`)) };
};

describe('a virtual board with USB in its chip', { skip, timeout: 120_000 }, () => {
  for (const { id, chip, model, mcu } of kinds) {
    test(`${chip}: known, erased, flashed with its own firmware alone, and talked to`, async () => {
      await withBoard(['--chip', id], async (loaderBoard) => {
        const board = boardOn(loaderBoard);
        const facts = await lookAt(board, quietJob());
        assert.equal(facts.chip, chip);
        assert.match(facts.model ?? '', model);
        assert.match(facts.mac ?? '', /^24:6f:28:/);
        assert.equal(facts.flashBytes, 4 << 20);
        assert.deepEqual(facts.features, ['Wi-Fi', 'BLE']);

        await eraseBoard(board, quietJob());
        await assert.rejects(
          flashBoard(board, firmware('esp32'), quietJob()),
          (error) => isBoardError(error, 'wrong-chip') && error.details['boardChip'] === chip,
        );
        assert.ok(
          loaderBoard.flash().every((byte) => byte === 0xff),
          'nothing was written',
        );
        await flashBoard(board, firmware(id), quietJob());
        const { bytes } = firmware(id);
        assert.equal(Buffer.compare(loaderBoard.flash().subarray(0, bytes.length), bytes), 0);

        const text = await board.withRawRepl('Ask', quietJob(), (repl) =>
          repl.exec('import os, sys\nprint(os.uname()[4], sys.implementation._build)', quietJob()),
        );
        assert.match(text, new RegExp(`with ${mcu} ESP32_GENERIC_`));
      });
    });
  }

  test('goes away when its program resets it, and the console is back by itself', async () => {
    const state = await mkdtemp(join(tmpdir(), 'parley-usb-'));
    const session = new Session({ root: process.cwd(), state, unpaced: true });
    try {
      const board = await session.startVirtual('usb', 'esp32s3');
      assert.equal(board.facts.chip, 'ESP32-S3');
      const name = basename(session.virtualImage(board));
      assert.equal(name, 'parley-virtual-esp32s3.bin');
      await flashBoard(board, firmware('esp32s3'), quietJob());
      const notes: string[] = [];
      let printed = '';
      board.onConsoleNote((note) => notes.push(note));
      board.onConsole((bytes) => (printed += Buffer.from(bytes).toString()));
      const console = await board.openConsole();
      await console.write(Buffer.from('import machine\r'));
      await until(() => printed.endsWith('>>> '));
      await console.write(Buffer.from('machine.reset()\r'));
      await until(() => notes.includes('connected again'));
      assert.deepEqual(notes, [
        'the port is gone; waiting for the board to come back',
        'connected again',
      ]);
      printed = '';
      await console.write(Buffer.from('\r6*7\r'));
      await until(() => /6\*7\r\n42\r\n>>> $/.test(printed));
      console.dispose();

      // What it is it stays, whatever it is started as.
      await session.virtual.stop('usb');
      assert.equal((await session.startVirtual('usb', 'esp32c3')).facts.chip, 'ESP32-S3');
    } finally {
      await session.close();
      await rm(state, { recursive: true, force: true });
    }
  });
});
