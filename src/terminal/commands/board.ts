/**
 * ports, info, erase, flash, reset: what a board is and what is in its flash.
 * Below: operations. Above: cli.ts.
 */
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { Command } from 'commander';
import type { Board } from '../../board/board';
import { readBoardInfo } from '../../micropython/info';
import { eraseBoard } from '../../operations/erase';
import { filesText, flashBoard, type Firmware } from '../../operations/flash';
import { macOf } from '../../operations/putFolder';
import type { PortInfo } from '../../port/port';
import type { Context } from '../context';
import { integer } from '../parse';
import type { Session } from '../session';
import { UsageError } from '../usage';
import { t } from '../../core/words';

type Make = () => Context;

export function addBoardCommands(program: Command, context: Make): void {
  program
    .command('ports')
    .description(t('list the serial ports of this computer'))
    .action(async () => {
      const run = context();
      const ports = await run.withSession((session) => session.ports());
      if (ports.length === 0)
        run.say(t('No serial ports. A virtual board needs none: virtual:NAME.'));
      if (run.json) run.result(ports.map(plain));
      else for (const port of ports) run.result(port, `${port.address}  ${port.label}`);
    });

  program
    .command('info')
    .description(t('what a board says of itself at its prompt (a running program is stopped)'))
    .argument('[board]', t('the board'))
    .action((word?: string) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        const info = await board.withRawRepl('Info', run.job, (repl) =>
          readBoardInfo(repl, run.job),
        );
        const lines = [
          `MicroPython ${info.version}: ${info.machine}`,
          `MAC         ${macOf(info.uniqueId)}`,
          t('Files       {free} of {total} bytes free', {
            free: info.freeBytes,
            total: info.totalBytes,
          }),
        ];
        run.result(info, lines.join('\n'));
      });
    });

  program
    .command('erase')
    .description(t('wipe the whole flash (erase_flash)'))
    .argument('[board]', t('the board'))
    .option('-y, --yes', t('a real board too: everything on it is lost'))
    .action((word: string | undefined, options: { yes?: boolean }) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        if (!options.yes && !board.virtual) {
          throw new UsageError(
            t('Everything on {board} would be lost. Say --yes to erase it.', { board: board.name }),
          );
        }
        await eraseBoard(board, run.job);
        run.say(t('{board}: erased.', { board: board.name }));
        run.result({ board: board.name, erased: true });
      });
    });

  program
    .command('flash')
    .description(t('write MicroPython, or any ESP32 image, and verify it (write_flash)'))
    .argument('[board]', t('the board'))
    .argument('[image]', t('a .bin file; left out for a virtual board: the built-in MicroPython'))
    .option('--offset <address>', t('where it goes (default: where MicroPython goes)'), integer)
    .option('--erase', t('wipe the whole flash first'))
    .action(
      (
        word: string | undefined,
        image: string | undefined,
        options: FlashArguments,
      ): Promise<void> => {
        const run = context();
        return run.withBoard(word, async (board, session) => {
          const firmware = await firmwareFrom(image, board, session);
          const report = await flashBoard(
            board,
            {
              ...firmware,
              ...(options.offset === undefined ? {} : { offset: options.offset }),
              ...(options.erase === undefined ? {} : { eraseFirst: options.erase }),
            },
            run.job,
          );
          const said = [
            t('{image} is in the flash, verified.', { image: firmware.name }),
            filesText(report),
          ];
          run.say(`${board.name}: ${said.filter(Boolean).join(' ')}`);
          run.result({ board: board.name, image: firmware.name, ...report });
        });
      },
    );

  program
    .command('reset')
    .description(t('restart a board, as its EN button does'))
    .argument('[board]', t('the board'))
    .action((word?: string) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        await board.reset(run.job);
        run.say(t('{board}: reset.', { board: board.name }));
        run.result({ board: board.name, reset: true });
      });
    });
}

interface FlashArguments {
  readonly offset?: number;
  readonly erase?: boolean;
}

/** @throws UsageError where a real board has no image named, or the file is not there */
async function firmwareFrom(
  image: string | undefined,
  board: Board,
  session: Session,
): Promise<Firmware> {
  if (image === undefined && !board.virtual) {
    throw new UsageError(
      t('Which image? Name a .bin for the chip, such as one from micropython.org/download.'),
    );
  }
  const file = image ?? session.virtualImage(board);
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      t('{file} cannot be read ({reason}).', { file, reason: error.code ?? error.message }),
    );
  });
  return { name: path.basename(file), bytes };
}

/** A port as JSON: numbers of the USB bridge in hex, as every other tool prints them. */
function plain({ address, label, usb }: PortInfo) {
  const hex = (value: number): string => value.toString(16).padStart(4, '0');
  return {
    port: address,
    label,
    ...(usb
      ? {
          vid: hex(usb.vendorId),
          pid: hex(usb.productId),
          ...(usb.serialNumber === undefined ? {} : { serial: usb.serialNumber }),
        }
      : {}),
  };
}
