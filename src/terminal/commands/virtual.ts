/**
 * virtual: a board without hardware, for other tools to open, or for the tests of a project.
 * Below: session, testRun. Above: cli.ts.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Option, type Command } from 'commander';
import type { Board } from '../../board/board';
import { virtualChips, type VirtualChip } from '../../board/virtualBoards';
import { orCancelled } from '../../core/job';
import { isBoardError } from '../../core/errors';
import { flashBoard } from '../../operations/flash';
import { putFiles, readFolder } from '../../operations/put';
import { CommandFailed, type Context } from '../context';
import { integer, percent } from '../parse';
import type { Session } from '../session';
import { junit, runTest, testFiles, type TestResult } from '../testRun';
import { UsageError } from '../usage';
import { t } from '../../core/words';

interface VirtualArguments {
  readonly run?: string;
  readonly put?: string[];
  readonly timeout: number;
  readonly junit?: string;
  readonly wifi?: string;
  readonly share?: number;
  readonly watchers?: boolean;
  readonly chip?: VirtualChip;
}

export function addVirtualCommand(program: Command, context: () => Context): void {
  program
    .command('virtual')
    .description(t('a virtual board that other tools can open, or (--run) that runs tests'))
    .argument('[name]', t('its name; its flash is kept under it'), 'board')
    .option('--run <path>', t('run a .py file, or each one in a folder, on a fresh board and end'))
    .option('--put <folders...>', t('put what is in these folders on the board first'))
    .option('--timeout <seconds>', t('how long one of the programs may run'), integer, 60)
    .option('--junit <file>', t('write the results as JUnit XML too'))
    .addOption(
      new Option('--chip <chip>', t('what a board that is new is')).choices(
        Object.keys(virtualChips),
      ),
    )
    .option('--wifi <ssid>', t('the network it can see (open; default: Parley)'))
    .option(
      '--share <percent>',
      t('of a core, what its program may use for long (default: 50)'),
      percent,
    )
    .option('--watchers', t('let more clients watch: they see all that it says and change nothing'))
    .action((name: string, options: VirtualArguments) => {
      const run = context();
      return options.run === undefined
        ? serve(name, options, run)
        : runAll(options.run, options, run);
    });
}

/** A board in the foreground, until Ctrl-C. */
function serve(name: string, options: VirtualArguments, run: Context): Promise<void> {
  return run.withSession(async (session) => {
    const board = await session.startVirtual(name, options.chip);
    if (options.put) await prepare(board, session, options.put, run);
    const url = `rfc2217://${board.where?.address ?? ''}`;
    run.say(
      t('{name} is a virtual board. Open it with any tool that takes this address:', { name }),
    );
    run.result({ board: name, url, mac: board.facts.mac }, url);
    run.say(t('Ctrl-C ends it; its flash is kept.'));
    await orCancelled(run.job, new Promise<never>(() => undefined)).catch((error: unknown) => {
      if (!isBoardError(error, 'cancelled')) throw error;
    });
  }, air(options));
}

async function runAll(where: string, options: VirtualArguments, run: Context): Promise<void> {
  const files = await testFiles(where).catch(() => {
    throw new UsageError(t('{path} is not there.', { path: where }));
  });
  if (files.length === 0)
    throw new UsageError(t('There is no .py file to run in {where}.', { where }));
  const state = await mkdtemp(path.join(tmpdir(), 'parley-run-'));
  const results: TestResult[] = [];
  try {
    await run.withSession(
      async (session) => {
        const board = await session.startVirtual('board', options.chip);
        await prepare(board, session, options.put ?? [], run);
        for (const file of files) {
          const result = await runTest(board, file, options.timeout * 1000, run.job);
          results.push(result);
          run.result(result, told(result));
        }
      },
      { ...air(options), state },
    );
  } finally {
    await rm(state, { recursive: true, force: true });
    if (options.junit !== undefined) await writeFile(options.junit, junit(results));
  }
  const failed = results.filter(({ ok }) => !ok).length;
  if (!run.json)
    run.result(
      undefined,
      t('{passed} passed, {failed} failed', { passed: results.length - failed, failed }),
    );
  if (failed > 0) throw new CommandFailed();
}

/** MicroPython and the folders' files, where they are not there yet. */
async function prepare(
  board: Board,
  session: Session,
  folders: readonly string[],
  run: Context,
): Promise<void> {
  await flashBoard(board, await session.virtualFirmware(board), run.job);
  for (const folder of folders) {
    const files = await readFolder(path.resolve(folder));
    await board.withRawRepl('Put', run.job, (repl) => putFiles(repl, files, run.job));
  }
}

function air({ wifi, share, watchers }: VirtualArguments) {
  return {
    ...(watchers ? { watchers } : {}),
    ...(wifi === undefined ? {} : { networks: [{ ssid: wifi }] }),
    ...(share === undefined ? {} : { share }),
  };
}

/** One line for a pass; what was printed and why for a failure. */
function told({ file, ok, output, error = '', seconds }: TestResult): string {
  if (ok) return `✓ ${file} (${seconds} s)`;
  const indented = (text: string): string => text.trimEnd().replace(/^/gm, '    ');
  const printed = output.replace(/\r\n/g, '\n');
  const why = printed.includes(error.trim().split('\n').at(-1) ?? '') ? printed : printed + error;
  return `✗ ${file} (${seconds} s)\n${indented(why)}`;
}
