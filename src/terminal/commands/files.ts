/**
 * put, get, ls: files of a board. A running program is stopped, as every such tool does.
 * Below: operations, micropython. Above: cli.ts.
 */
import { readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';
import type { Command } from 'commander';
import type { Board } from '../../board/board';
import { boardPath } from '../../micropython/filesystem';
import { readTree } from '../../micropython/tree';
import { BoardFiles } from '../../operations/boardFiles';
import { getFiles } from '../../operations/getFiles';
import { putCompiled } from '../../operations/compile';
import { readFolder, type BoardFile } from '../../operations/put';
import { fillIn } from '../../operations/putFolder';
import { compilerOf, mpyOption } from '../compilerOption';
import type { Context } from '../context';
import { addProvisionOptions, provisionValues, type ProvisionArguments } from '../provisionOptions';
import { UsageError } from '../usage';
import { t } from '../../core/words';

interface PutArguments extends ProvisionArguments {
  readonly to: string;
  readonly mpy?: boolean | string;
}

export function addFileCommands(program: Command, context: () => Context): void {
  const put = program
    .command('put')
    .description(
      t('put files, or what is in a folder, onto a board; what is there already is skipped'),
    )
    .argument('<board>', t('the board'))
    .argument('<paths...>', t('files, or folders whose content goes onto the board'))
    .option('--to <folder>', t('where they go on the board'), '/')
    .option(...mpyOption());
  addProvisionOptions(put).action((word: string, paths: string[], options: PutArguments) => {
    const run = context();
    return run.withBoard(word, async (board) => {
      const filled: Record<string, string[]> = {};
      const files = (await filesOf(paths, options.to)).map((file) =>
        fillIn(file, provisionValues(options), filled),
      );
      const compiler = await compilerOf(options.mpy);
      const report = await board.withRawRepl('Put', run.job, (repl) =>
        putCompiled(repl, files, compiler, run.job),
      );
      for (const name of report.sent) {
        const names = filled[name]?.join(', ');
        run.say(names ? t('{name}  (filled in: {names})', { name, names }) : name);
      }
      for (const name of report.replaced)
        run.say(t('{name}  (deleted there: it is compiled now)', { name }));
      const same =
        report.skipped.length > 0 ? t(', {count} unchanged', { count: report.skipped.length }) : '';
      run.say(
        t('{board}: {sent} put{same}.', { board: board.name, sent: report.sent.length, same }),
      );
      run.result({ board: board.name, ...report, filled });
    });
  });

  program
    .command('get')
    .description(t('get files or folders of a board; passwords that put filled in are taken out'))
    .argument('<board>', t('the board'))
    .argument('[paths...]', t('files or folders on the board (default: all)'))
    .option('-o, --into <folder>', t('where they go here'), '.')
    .action((word: string, paths: string[], options: { into: string }) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        const wanted = (paths.length > 0 ? paths : ['/']).map(boardPath);
        const files = await stopped(board, run);
        const into = path.resolve(options.into);
        const report = await getFiles(files, { paths: wanted, from: '/', into }, run.job);
        files.dispose();
        run.result({ board: board.name, ...report }, report.written.join('\n'));
      });
    });

  program
    .command('ls')
    .description(t('list the files of a board, with their sizes'))
    .argument('[board]', t('the board'))
    .argument('[folder]', t('a folder on the board'), '/')
    .action((word: string | undefined, folder: string) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        const tree = await board.withRawRepl('List', run.job, (repl) => readTree(repl, run.job));
        const at = boardPath(folder);
        const inside = at === '/' ? '/' : `${at}/`;
        const entries = tree.entries.filter((entry) => entry.path.startsWith(inside));
        const known = at === '/' || tree.entries.some(({ path: name }) => name === at);
        if (!known)
          throw new UsageError(t('{board} has no {path}.', { board: board.name, path: at }));
        if (run.json) {
          run.result({ entries, freeBytes: tree.freeBytes, totalBytes: tree.totalBytes });
          return;
        }
        for (const entry of entries) {
          const size = entry.kind === 'folder' ? '' : String(entry.size);
          run.result(entry, `${size.padStart(9)}  ${entry.path}${size ? '' : '/'}`);
        }
        run.say(
          t('{free} of {total} bytes free', {
            free: tree.freeBytes,
            total: tree.totalBytes,
          }),
        );
      });
    });
}

/** The board's files, its program stopped. */
async function stopped(board: Board, run: Context): Promise<BoardFiles> {
  await board.withRawRepl('Stop', run.job, () => Promise.resolve());
  return new BoardFiles(board);
}

/** @throws UsageError where a path is not there */
async function filesOf(paths: readonly string[], to: string): Promise<BoardFile[]> {
  const prefix = boardPath(to).slice(1);
  const found = new Map<string, BoardFile>();
  for (const here of paths) {
    const what = await stat(here).catch(() => {
      throw new UsageError(t('{path} is not there.', { path: here }));
    });
    const files = what.isDirectory()
      ? await readFolder(path.resolve(here))
      : [{ path: path.basename(here), bytes: new Uint8Array(await readFile(here)) }];
    for (const file of files) {
      const name = prefix ? `${prefix}/${file.path}` : file.path;
      found.set(name, { path: name, bytes: file.bytes });
    }
  }
  return [...found.values()];
}
