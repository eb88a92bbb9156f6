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

interface Options {
  readonly index: string;
  readonly target?: string;
  readonly source?: boolean;
}

export function addMipCommand(program: Command, context: () => Context): void {
  program
    .command('mip')
    .description('install packages through this computer (a running program is stopped)')
    .argument('<board>', 'the board')
    .argument('<packages...>', 'name, name@version, github:org/repo[/path][@ref], or an address')
    .option('--index <url>', 'where micropython-lib is', PACKAGE_INDEX)
    .option('--target <folder>', 'folder on the board (default: the /lib of sys.path)')
    .option('--source', 'sources, not .mpy')
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
          run.say(`${board.name}: ${name} ${version}${dependency ? ' (needed by another)' : ''}`);
        }
        run.say(
          `${board.name}: ${report.sent.length} put in ${report.target}, ${report.skipped.length} unchanged.`,
        );
        run.result({ board: board.name, ...report });
      });
    });
}
