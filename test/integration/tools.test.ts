/**
 * The small things at a prompt, on virtual boards: clock, Wi-Fi networks, I2C, soft reset. Each leaves
 * the board as it was. Below: support.ts.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isBoardError } from '../../src/core/errors';
import { quietJob } from '../../src/core/job';
import { i2cText, scanI2c, scanWifi, setClock } from '../../src/micropython/tools';
import { putFile } from '../../src/micropython/transfer';
import { BoardFiles } from '../../src/operations/boardFiles';
import { softReset } from '../../src/operations/softReset';
import { boardOn, notBuilt, withPrompt, withVirtualBoard } from './support';

const job = quietJob();

for (const firmwareVersion of ['1.27', '1.13'] as const) {
  describe(`tools on ${firmwareVersion}`, { skip: notBuilt, timeout: 120_000 }, () => {
    test('the clock gets the computer’s time of day, and goes on from there', async () => {
      await withVirtualBoard({ firmwareVersion }, async (board) => {
        await withPrompt(board, async (repl) => {
          const time = new Date(2031, 1, 3, 4, 5, 6);
          assert.match(await setClock(repl, time, job), /^2031-02-03 04:05:0[6-9]$/);
          const day = await repl.exec('import time;print(time.localtime()[6])', job);
          assert.equal(day.trim(), '0', 'a Monday');
        });
      });
    });

    test('Wi-Fi networks: strongest first, each once; the interface is off again', async () => {
      const networks = [
        { ssid: 'Parley' },
        { ssid: 'Café 2.4', password: 'x' },
        { ssid: 'Parley' },
      ];
      await withVirtualBoard({ firmwareVersion, networks }, async (board) => {
        await withPrompt(board, async (repl) => {
          const found = await scanWifi(repl, job);
          assert.deepEqual(
            found.map(({ ssid, secured }) => [ssid, secured]),
            [
              ['Parley', false],
              ['Café 2.4', true],
            ],
          );
          assert.ok(found.every(({ rssi, channel }) => rssi < 0 && channel > 0));
          const on = await repl.exec('import network;print(network.WLAN(0).active())', job);
          assert.equal(on.trim(), 'False');
        });
      });
    });

    test('I2C: the addresses that answer; a bus with nobody on it', async () => {
      await withVirtualBoard({ firmwareVersion }, async (board) => {
        await withPrompt(board, async (repl) => {
          assert.deepEqual(await scanI2c(repl, { sda: 21, scl: 22 }, job), []);
          const code = 'import machine\nmachine.SoftI2C.scan=machine.I2C.scan=lambda s:[60,104]';
          await repl.exec(code, job);
          const found = await scanI2c(repl, { sda: 4, scl: 5 }, job);
          assert.deepEqual(found.map(i2cText), [
            { address: '0x3c', part: 'SSD1306 display' },
            { address: '0x68', part: 'MPU6050 motion, DS3231 clock' },
          ]);
        });
      });
    });

    test('a soft reset stops what runs and starts main.py again', async () => {
      await withVirtualBoard({ firmwareVersion }, async (virtual) => {
        const board = boardOn(virtual);
        await board.withRawRepl('Put', job, (repl) =>
          putFile(repl, '/main.py', Buffer.from("print('main', 6 * 7)\nwhile True: pass\n"), job),
        );
        for (let times = 0; times < 2; times++) {
          const from = virtual.printed().length;
          await softReset(board, job);
          await virtual.prints(/soft reboot[^]*main 42/, 20_000, from);
        }
        // A tool that only looks leaves it alone.
        const look = board.withRawRepl('Wi-Fi Networks', job, (repl) => scanWifi(repl, job), {
          onlyAtPrompt: true,
        });
        await assert.rejects(look, (error) => isBoardError(error, 'program-running'));
      });
    });
  });
}

describe('the bootloader', { skip: notBuilt, timeout: 120_000 }, () => {
  test('a board waits in it until it is reset, and is asked for no files meanwhile', async () => {
    await withVirtualBoard({}, async (virtual) => {
      const board = boardOn(virtual);
      await board.enterBootloader(job);
      assert.equal(board.activity, 'loader');
      const files = new BoardFiles(board);
      await assert.rejects(files.list('/'), (error) => isBoardError(error, 'in-loader'));
      files.dispose();
      await board.reset(job);
      await virtual.prints(/MicroPython v1\.27[^]*>>> $/);
      const again = new BoardFiles(board);
      assert.ok((await again.list('/')).some(({ path }) => path === '/boot.py'));
      again.dispose();
    });
  });
});
