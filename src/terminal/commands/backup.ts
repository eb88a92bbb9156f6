/**
 * backup, restore: the whole flash of a board into a file, and back.
 * Below: operations. Above: cli.ts.
 */
import { readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';
import type { Command } from 'commander';
import { formatBytes, formatSeconds } from '../../core/rate';
import { backupFlash } from '../../operations/backupFlash';
import { restoreFlash } from '../../operations/restoreFlash';
import type { Context } from '../context';
import { UsageError } from '../usage';
import { t } from '../../core/words';

export function addBackupCommands(program: Command, context: () => Context): void {
  program
    .command('backup')
    .description(t('save the whole flash of a board to a file: firmware, files, passwords and all'))
    .argument('<board>', t('the board'))
    .argument('<file>', t('where it goes, such as board.bin'))
    .option('-f, --force', t('replace a file that is there, once the new one is whole'))
    .action((word: string, name: string, options: { force?: boolean }) => {
      const run = context();
      const file = path.resolve(name);
      return run.withBoard(word, async (board) => {
        const there = await stat(file).catch(() => undefined);
        if (there && !options.force) {
          throw new UsageError(t('{name} is there already. Say --force to replace it.', { name }));
        }
        const report = await backupFlash(board, file, run.job);
        const { bytes, chip, milliseconds, restorable } = report;
        run.say(
          t('{board}: its flash ({bytes}, {chip}) is in {name}, in {time}.', {
            board: board.name,
            bytes: formatBytes(bytes),
            chip,
            name,
            time: formatSeconds(milliseconds / 1000),
          }) +
            (restorable
              ? ''
              : t(' It holds no bootloader (blank, or encrypted): it is not restored.')),
        );
        run.result({ board: board.name, ...report });
      });
    });

  program
    .command('restore')
    .description(t('write a backup of the whole flash back; what is there already is skipped'))
    .argument('<board>', t('the board'))
    .argument('<file>', t('what backup wrote'))
    .option('-y, --yes', t('a real board too: everything on it is replaced'))
    .action((word: string, name: string, options: { yes?: boolean }) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        if (!options.yes && !board.virtual) {
          throw new UsageError(
            t('Everything on {board} would be replaced. Say --yes to restore it.', {
              board: board.name,
            }),
          );
        }
        const bytes = await readFile(name).catch((error: NodeJS.ErrnoException) => {
          throw new UsageError(
            t('{file} cannot be read ({reason}).', {
              file: name,
              reason: error.code ?? error.message,
            }),
          );
        });
        const report = await restoreFlash(board, { name: path.basename(name), bytes }, run.job);
        run.say(
          report.writtenBytes === 0
            ? t('{board}: its flash is as in {name} already. Nothing was written.', {
                board: board.name,
                name,
              })
            : t('{board}: its flash is as in {name} again, verified ({writtenBytes} written).', {
                board: board.name,
                name,
                writtenBytes: formatBytes(report.writtenBytes),
              }),
        );
        run.result({ board: board.name, file: name, ...report });
      });
    });
}
