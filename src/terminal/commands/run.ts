/**
 * run, exec, repl: a program or a person at the prompt of a board.
 * Below: operations, the board's console. Above: cli.ts.
 */
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { Command } from 'commander';
import type { Board } from '../../board/board';
import { runOnBoard } from '../../operations/runOnBoard';
import { CommandFailed, type Context } from '../context';
import { talkAtPrompt } from '../repl';
import { UsageError } from '../usage';
import { t } from '../../core/words';

export function addRunCommands(program: Command, context: () => Context): void {
  program
    .command('run')
    .description(t('run a local Python file on a board and show what it prints; Ctrl-C stops it'))
    .argument('<board>', t('the board'))
    .argument('<file>', t('a .py file of this computer'))
    .action((word: string, file: string) => {
      const run = context();
      return run.withBoard(word, async (board) => {
        const source = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
          throw new UsageError(
            t('{file} cannot be read ({reason}).', { file, reason: error.code ?? error.message }),
          );
        });
        await runThere(board, source, path.basename(file), run);
      });
    });

  program
    .command('exec')
    .description(t('run a piece of Python on a board and show what it prints'))
    .argument('<board>', t('the board'))
    .argument('<code>', t('Python statements'))
    .action((word: string, code: string) => {
      const run = context();
      return run.withBoard(word, (board) => runThere(board, code, '<exec>', run));
    });

  program
    .command('repl')
    .description(t('the prompt of a board in this terminal; Ctrl-] leaves it'))
    .argument('[board]', t('the board'))
    .action((word?: string) => {
      const run = context();
      if (!process.stdin.isTTY) {
        throw new UsageError(t('The prompt needs a terminal; `run` and `exec` work without one.'));
      }
      return run.withBoard(word, async (board) => {
        run.say(
          t('{board}: Ctrl-] leaves, Ctrl-C stops a program, Ctrl-D restarts it.', {
            board: board.name,
          }),
        );
        await talkAtPrompt(board, process.stdin, run, run.signal);
      });
    });
}

/** @throws CommandFailed where the program raised */
async function runThere(board: Board, source: string, name: string, run: Context): Promise<void> {
  let output = '';
  const watching = board.onConsole((bytes) => {
    if (run.json) output += Buffer.from(bytes).toString();
    else run.raw(bytes);
  });
  try {
    const report = await runOnBoard(board, { source, fileName: name }, run.job);
    if (run.json) run.result({ board: board.name, output, ...report });
    if (report.ok) return;
    if (!run.json) run.raw(Buffer.from('\n'));
    throw new CommandFailed();
  } finally {
    watching.dispose();
  }
}
