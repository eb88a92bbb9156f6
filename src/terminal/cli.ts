/**
 * `parley`: Parley's operations on a command line, without VS Code.
 * Below: commands/*.ts. Above: cliMain.ts. Exit codes: 0 done; 1 it failed, and a sentence
 * on stderr says why; 2 the command line was wrong; 130 ended by Ctrl-C.
 */
import { Argument, Command, CommanderError, Option } from 'commander';
import { isBoardError } from '../core/errors';
import { explain, withCode } from '../core/explain';
import { addBackupCommands } from './commands/backup';
import { addBoardCommands } from './commands/board';
import { addBrokerCommands } from './commands/broker';
import { addDiagnosticsCommand } from './commands/diagnostics';
import { addDoctorCommand } from './commands/doctor';
import { addFileCommands } from './commands/files';
import { addMipCommand } from './commands/mip';
import { addRunCommands } from './commands/run';
import { addToolCommands } from './commands/tools';
import { addShareCommand } from './commands/share';
import { addSyncCommand } from './commands/sync';
import { addVirtualCommand } from './commands/virtual';
import { completion, installation, shells, type Shell } from './completion';
import { complaint, heading, languages } from './commanderWords';
import { CommandFailed, Context, type GlobalOptions, type Streams } from './context';
import { integer } from './parse';
import { UsageError } from './usage';
import { t } from '../core/words';

export interface Surroundings extends Streams {
  /** The folder with dist/. */
  readonly root: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

const boards = (): string => `
${t(`A board is a port (/dev/ttyUSB0, COM3), rfc2217://HOST:PORT, or virtual:NAME, which is started and
keeps its flash. Where it may be left out, PARLEY_BOARD is taken, else the only port there is.`)}

  parley flash virtual:one && parley put virtual:one firmware/ && parley ls virtual:one
  parley virtual --run tests/        ${t('every program of a folder on a fresh virtual board, for CI')}

${t('Results go to stdout (as JSON with --json), words and progress to stderr.')}`;

/** @returns the exit code */
export async function main(args: readonly string[], around: Surroundings): Promise<number> {
  const program = makeProgram(around);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return endWith(error, program, around);
  }
}

function makeProgram(around: Surroundings): Command {
  const program = new Command('parley');
  program
    .description(t('ESP32 boards, MicroPython and MQTT, on real and on virtual boards'))
    .option('--json', t('results as JSON, one value a line'))
    .option('-q, --quiet', t('no words and no progress'))
    .option('--baud <rate>', t('rate of the prompt'), integer)
    .option('--flash-baud <rate>', t('rate of the loader'), integer)
    .option('--files-baud <rate>', t('rate to try while files are carried'), integer)
    .option(
      '--state <folder>',
      t('where virtual boards keep their flash (default: ~/.parley/virtual)'),
    )
    .option(
      '--unpaced',
      t('virtual boards move bytes as fast as they can, not at the rate of a line'),
    )
    .option('--ask', t('where a window of VS Code has the board: ask for it, and wait 30 s'))
    .addOption(
      new Option(
        '--lang <language>',
        t('the language of words and errors (default: of LC_ALL or LANG)'),
      ).choices(languages),
    )
    .addHelpText('after', boards())
    .helpOption('-h, --help', t('what a command does, and its options'))
    .helpCommand('help [command]', t('what a command does, and its options'))
    .configureHelp({ styleTitle: heading })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => around.stdout.write(text),
      writeErr: (text) => around.stderr.write(text),
      outputError: (text, write) => write(complaint(text)),
    });
  const context = (): Context =>
    new Context(around.root, program.opts<GlobalOptions>(), around, around.signal);
  addBoardCommands(program, context);
  addBackupCommands(program, context);
  addFileCommands(program, context);
  addSyncCommand(program, context);
  addRunCommands(program, context);
  addVirtualCommand(program, context);
  addBrokerCommands(program, context);
  addDoctorCommand(program, context);
  addDiagnosticsCommand(program, context);
  addShareCommand(program, context);
  addToolCommands(program, context);
  addMipCommand(program, context);
  program
    .command('completion')
    .description(t("what completes parley's words in a shell: {bash}", { bash: installation.bash }))
    .addArgument(new Argument('<shell>').choices(shells))
    .action((shell: Shell) => void around.stdout.write(`${completion(program, shell)}\n`));
  return program;
}

function endWith(
  error: unknown,
  program: Command,
  { stdout, stderr, signal }: Surroundings,
): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CommandFailed) return 1;
  if (signal.aborted && isBoardError(error, 'cancelled')) return 130;
  const wrong = error instanceof UsageError;
  const code = isBoardError(error) ? error.code : wrong ? 'usage' : 'failed';
  const board = isBoardError(error) ? error.details['board'] : undefined;
  const sentence = wrong
    ? error.message
    : explain(error, board === undefined ? t('The board') : String(board)).sentence;
  if (program.opts<GlobalOptions>().json) {
    stdout.write(`${JSON.stringify({ error: { code, sentence } })}\n`);
  }
  stderr.write(`${isBoardError(error) ? withCode(sentence, error) : sentence}\n`);
  return wrong ? 2 : 1;
}
