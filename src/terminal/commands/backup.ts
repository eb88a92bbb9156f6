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

export function addBackupCommands(program: Command, context: () => Context): void {
  program
    .command('backup')
    .description('save the whole flash of a board to a file: firmware, files, passwords and all')
    .argument('<board>', 'the board')
    .argument('<file>', 'where it goes, such as board.bin')
    .option('-f, --force', 'replace a file that is there, once the new one is whole')
    .action((word: string, name: string, options: { force?: boolean }) => {
      const run = context();
      const file = path.resolve(name);
      return run.withBoard(word, async (board) => {
        const there = await stat(file).catch(() => undefined);
        if (there && !options.force) {
          throw new UsageError(`${name} is there already. Say --force to replace it.`);
        }
        const report = await backupFlash(board, file, run.job);
        const { bytes, chip, milliseconds, restorable } = report;
        run.say(
          `${board.name}: its flash (${formatBytes(bytes)}, ${chip}) is in ${name}, in ${formatSeconds(milliseconds / 1000)}.` +
            (restorable
              ? ''
              : ' It holds no bootloader (blank, or encrypted): it is not restored.'),
        );
        run.result({ board: board.name, ...report });
      });
    });

  program
    .command('restore')
    .description('write a backup of the whole flash back; what is there already is skipped')
    .argument('<board>', 'the board')
    .argument('<file>', 'what backup wrote')
    .option('-y, --yes', 'a real board too: everything on it is replaced')
    .action((word: string, name: string, options: { yes?: boolean }) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        if (!options.yes && !board.virtual) {
          const lost = `Everything on ${board.name} would be replaced.`;
          throw new UsageError(`${lost} Say --yes to restore it.`);
        }
        const bytes = await readFile(name).catch((error: NodeJS.ErrnoException) => {
          throw new UsageError(`${name} cannot be read (${error.code ?? error.message}).`);
        });
        const report = await restoreFlash(board, { name: path.basename(name), bytes }, run.job);
        run.say(
          report.writtenBytes === 0
            ? `${board.name}: its flash is as in ${name} already. Nothing was written.`
            : `${board.name}: its flash is as in ${name} again, verified (${formatBytes(report.writtenBytes)} written).`,
        );
        run.result({ board: board.name, file: name, ...report });
      });
    });
}
