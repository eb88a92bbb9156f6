/**
 * mip: packages onto a board, through this computer.
 * Below: operations/installPackages. Above: cli.ts.
 */
import { homedir } from 'node:os';
import * as path from 'node:path';
import type { Command } from 'commander';
import { installPackages } from '../../operations/installPackages';
import { PACKAGE_INDEX } from '../../operations/packages';
import type { Context } from '../context';
import { t } from '../../core/words';

interface Options {
  readonly index: string;
  readonly target?: string;
  readonly source?: boolean;
}

export function addMipCommand(program: Command, context: () => Context): void {
  program
    .command('mip')
    .description(t('install packages through this computer (a running program is stopped)'))
    .argument('<board>', t('the board'))
    .argument('<packages...>', t('name, name@version, github:org/repo[/path][@ref], or an address'))
    .option('--index <url>', t('where micropython-lib is'), PACKAGE_INDEX)
    .option('--target <folder>', t('folder on the board (default: the /lib of sys.path)'))
    .option('--source', t('sources, not .mpy'))
    .action((word: string, packages: string[], options: Options) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        const { index, target, source: sources = false } = options;
        const cacheFolder = path.join(homedir(), '.parley', 'packages');
        const report = await installPackages(
          board,
          packages,
          { index, cacheFolder, sources, stop: true, ...(target === undefined ? {} : { target }) },
          run.job,
        );
        for (const { name, version, dependency } of report.packages) {
          run.say(
            `${board.name}: ${name} ${version}${dependency ? t(' (needed by another)') : ''}`,
          );
        }
        run.say(
          t('{board}: {sent} put in {target}, {skipped} unchanged.', {
            board: board.name,
            sent: report.sent.length,
            target: report.target,
            skipped: report.skipped.length,
          }),
        );
        run.result({ board: board.name, ...report });
      });
    });
}
