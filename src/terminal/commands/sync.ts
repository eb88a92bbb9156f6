/**
 * sync: a board gets what a folder has, and loses what it is told to lose. A running program is
 * stopped. Below: operations/sync. Above: cli.ts.
 */
import * as path from 'node:path';
import type { Command } from 'commander';
import { formatBytes } from '../../core/rate';
import { readFolder } from '../../operations/put';
import { fillIn } from '../../operations/putFolder';
import { rulesOf, sync, type Extra } from '../../operations/sync';
import { compilerOf, mpyOption } from '../compilerOption';
import type { Context } from '../context';
import { addProvisionOptions, provisionValues, type ProvisionArguments } from '../provisionOptions';
import { t } from '../../core/words';

interface SyncArguments extends ProvisionArguments {
  readonly shared?: string;
  readonly delete?: boolean;
  readonly deleteBoot?: boolean;
  readonly dryRun?: boolean;
  readonly mpy?: boolean | string;
}

export function addSyncCommand(program: Command, context: () => Context): void {
  const command = program
    .command('sync')
    .description(t('make a board have what is in a folder: what differs is put'))
    .argument('<board>', t('the board'))
    .argument('<folder>', t('the folder; its .parleyignore says what stays at home'))
    .option('--shared <folder>', t('a second folder whose files go onto the board as well'))
    .option('--delete', t('delete what only the board has; boot.py stays'))
    .option('--delete-boot', t('delete its boot.py as well, where only the board has one'))
    .option('--dry-run', t('say what would be done, and do nothing'))
    .option(...mpyOption());
  addProvisionOptions(command).action((word: string, folder: string, options: SyncArguments) => {
    const run = context();
    return run.withBoard(word, async (board) => {
      const filled: Record<string, string[]> = {};
      const folders = [folder, ...(options.shared ? [options.shared] : [])].map((name) =>
        path.resolve(name),
      );
      const [own = '', shared] = folders;
      const values = provisionValues(options);
      const files = (await readFolder(own, shared)).map((file) => fillIn(file, values, filled));
      const plain = { files, rules: await rulesOf(folders) };
      const compiler = await compilerOf(options.mpy);
      const dryRun = options.dryRun === true;
      const report = await board.withRawRepl('Sync', run.job, async (repl) => {
        const compiled = await compiler?.compile(repl, files, run.job);
        const remove = ({ path: name, boot }: Extra): boolean => {
          if (compiled?.sources.includes(name)) return true;
          return boot ? options.deleteBoot === true : options.delete === true;
        };
        return sync(repl, { ...plain, ...compiled }, { remove, dryRun }, run.job);
      });
      for (const name of report.sent) {
        const names = filled[name]?.join(', ');
        run.say(
          t('put     {name}{filled}', {
            name,
            filled: names ? t('  (filled in: {names})', { names }) : '',
          }),
        );
      }
      for (const name of report.deleted) run.say(t('delete  {name}', { name }));
      for (const { path: name, boot } of report.left) {
        const how = boot ? '--delete-boot' : '--delete';
        run.say(t('keep    {name}  (only on the board; {how} deletes it)', { name, how }));
      }
      const { sent, skipped, deleted, bytes } = report;
      const counts = [
        t('{count} put{size}', {
          count: sent.length,
          size: sent.length > 0 ? ` (${formatBytes(bytes)})` : '',
        }),
        t('{count} deleted', { count: deleted.length }),
        t('{count} unchanged', { count: skipped.length }),
      ];
      run.say(`${board.name}: ${counts.join(', ')}${dryRun ? t(' – nothing was changed') : ''}.`);
      run.result({ board: board.name, dryRun, ...report, filled });
    });
  });
}
