/**
 * The one question before a board is erased or flashed: what is lost, and shall its files be saved.
 * Below: unasked, operations/look. Above: Erase, Flash, Flash Several Boards.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { BoardError } from '../core/errors';
import { formatBytes } from '../core/rate';
import { lookAt } from '../operations/look';
import { fullName, listText, softwareText } from './boardText';
import type { Call } from './command';
import { backupBoard } from './commands/backupBoard';
import { withJob } from './progress';
import type { Services } from './services';
import type { AskedFor } from './unasked';
import { t } from '../core/words';

const SAVE = t('Save Its Files First');
const FLASH = t('Flash');
const WIPE = t('Erase and Flash');

/**
 * A real board may hold something dear: says what happens to it. Virtual ones are not asked about.
 * @returns whether the whole flash is erased first
 * @throws BoardError cancelled; what saving the files throws
 */
export async function shallErase(
  services: Services,
  boards: readonly Board[],
  image: string,
  { options }: Call,
): Promise<boolean> {
  if (options.eraseFirst !== undefined) return options.eraseFirst;
  if (options.confirm) return false;
  const real: Board[] = [];
  for (const board of boards) {
    if (!board.virtual && !(await goesUnasked(services, board, 'flash'))) real.push(board);
  }
  if (real.length === 0) return false;
  const its = real.length === 1 ? t('its files') : t('their files');
  const never = neverAgain(t('Flash'), real);
  const only = real.length === 1 ? real[0] : undefined;
  const save = only && mayHaveFiles(only) ? SAVE : undefined;
  for (;;) {
    const answer = await vscode.window.showWarningMessage(
      t('Flash {image} onto {boards}?', { image, boards: listText(real.map(fullName)) }),
      {
        modal: true,
        detail: t(
          '“{flash}” overwrites what runs there and keeps {its} where the firmware has them in the same place, as MicroPython’s builds for one board do. “{wipe}” wipes {its} too; the first time, choose that.',
          { flash: FLASH, its, wipe: WIPE },
        ),
      },
      ...[FLASH, WIPE, save, never].filter((label) => label !== undefined),
    );
    if (!answer) throw new BoardError('cancelled', 'not confirmed');
    if (answer === never) await services.unasked.add('flash', macsOf(real));
    if (answer !== save || !only) return answer === WIPE;
    await saveFiles(services, only);
  }
}

/**
 * Asks by name before a board is wiped, and says what is lost.
 * @throws BoardError cancelled; what saving the files throws
 */
export async function demandErase(services: Services, board: Board, call: Call): Promise<void> {
  if (call.options.confirm || (await goesUnasked(services, board, 'erase'))) return;
  const yes = t('Erase {board}', { board: board.name });
  const never = neverAgain(t('Erase'), [board]);
  const save = mayHaveFiles(board) ? SAVE : undefined;
  for (;;) {
    const answer = await vscode.window.showWarningMessage(
      t('Erase {board}?', { board: fullName(board) }),
      {
        modal: true,
        detail: t('{whatIsThere} This cannot be undone.', {
          whatIsThere: whatIsThere(services, board),
        }),
      },
      ...[yes, save, never].filter((label) => label !== undefined),
    );
    if (!answer) throw new BoardError('cancelled', 'not confirmed');
    if (answer === never) await services.unasked.add('erase', macsOf([board]));
    if (answer !== save) return;
    await saveFiles(services, board);
  }
}

/** "MicroPython 1.27.0 and every file on it (34 KB) are wiped." */
export function whatIsThere(services: Services, board: Board): string {
  if (board.facts.micropython === '') return t('Whatever its flash holds is wiped.');
  const space = services.folders.of(board).space;
  const used =
    space && space.total > space.free ? ` (${formatBytes(space.total - space.free)})` : '';
  return t('{software} and every file on it{used} are wiped.', {
    software: softwareText(board.facts) ?? 'MicroPython',
    used,
  });
}

/**
 * True when somebody said that this board need not be asked about. What stands on the port is
 * asked for its MAC first: another board there is asked about.
 */
async function goesUnasked(services: Services, board: Board, what: AskedFor): Promise<boolean> {
  const { mac } = board.facts;
  if (!services.unasked.has(what, mac)) return false;
  if (!board.virtual) {
    await withJob(
      services.activity,
      { title: t('Look at {board}', { board: board.name }), board },
      (job) => lookAt(board, job),
    );
  }
  return board.facts.mac === mac;
}

/** The button's label; none for a board whose MAC nobody has read, as nothing would name it. */
function neverAgain(verb: string, boards: readonly Board[]): string | undefined {
  return boards.every(({ facts }) => facts.mac)
    ? t('{verb}, and Don’t Ask Again', { verb })
    : undefined;
}

/** Saves the files, with a dialog for where, and comes back to the question. */
async function saveFiles(services: Services, board: Board): Promise<void> {
  await backupBoard(services, { board, options: {} });
}

/** Also for a board whose MicroPython nobody has looked for yet. */
const mayHaveFiles = ({ facts }: Board): boolean => facts.micropython !== '';
const macsOf = (boards: readonly Board[]): (string | undefined)[] =>
  boards.map(({ facts }) => facts.mac);
