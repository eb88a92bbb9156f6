/**
 * soft-reset, clock, wifi, i2c: small things at the prompt of a board.
 * Below: micropython/tools, operations/softReset. Above: cli.ts.
 */
import type { Command } from 'commander';
import { DEFAULT_I2C, i2cText, scanI2c, scanWifi, setClock } from '../../micropython/tools';
import { softReset } from '../../operations/softReset';
import type { Context } from '../context';
import { integer } from '../parse';
import { t } from '../../core/words';

export function addToolCommands(program: Command, context: () => Context): void {
  program
    .command('soft-reset')
    .description(t('restart MicroPython, boot.py and main.py, as Ctrl-D does; the chip goes on'))
    .argument('[board]', t('the board'))
    .action((word?: string) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        await softReset(board, run.job);
        run.say(t('{board}: soft reset.', { board: board.name }));
        run.result({ board: board.name, softReset: true });
      });
    });

  program
    .command('clock')
    .description(t('set a board’s clock from this computer’s (a running program is stopped)'))
    .argument('[board]', t('the board'))
    .action((word?: string) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        const clock = await board.withRawRepl('Set the Clock', run.job, (repl) =>
          setClock(repl, new Date(), run.job),
        );
        run.result({ board: board.name, clock }, clock);
      });
    });

  program
    .command('wifi')
    .description(
      t('the Wi-Fi networks a board hears, strongest first (a running program is stopped)'),
    )
    .argument('[board]', t('the board'))
    .action((word?: string) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        const networks = await board.withRawRepl('Wi-Fi Networks', run.job, (repl) =>
          scanWifi(repl, run.job),
        );
        if (networks.length === 0) run.say(t('{board} hears no Wi-Fi.', { board: board.name }));
        for (const network of networks) {
          const { ssid, rssi, channel, secured } = network;
          const lock = secured ? t('password') : t('open');
          const about = t('{rssi} dBm  channel {channel}  {lock}', {
            rssi: String(rssi).padStart(4),
            channel,
            lock,
          });
          run.result(network, `${(ssid || t('(hidden)')).padEnd(32)}  ${about}`);
        }
      });
    });

  program
    .command('i2c')
    .description(t('what answers on the I2C bus of a board (a running program is stopped)'))
    .argument('[board]', t('the board'))
    .option('--sda <gpio>', t('GPIO number of SDA'), integer, DEFAULT_I2C.sda)
    .option('--scl <gpio>', t('GPIO number of SCL'), integer, DEFAULT_I2C.scl)
    .action((word: string | undefined, pins: { sda: number; scl: number }) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        const found = await board.withRawRepl('I2C Scan', run.job, (repl) =>
          scanI2c(repl, pins, run.job),
        );
        if (found.length === 0) run.say(t('{board}: nothing answers.', { board: board.name }));
        for (const one of found.map(i2cText)) {
          run.result(one, `${one.address}  ${one.part ?? ''}`.trimEnd());
        }
      });
    });
}
