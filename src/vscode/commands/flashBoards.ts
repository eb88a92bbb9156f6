/**
 * Flash Several Boards: one firmware onto each of the boards chosen, a few at a time.
 * Below: operations/flashMany. Above: the palette, and the rows that are selected together.
 */
import * as vscode from 'vscode';
import type { Board } from '../../board/board';
import { systemClock } from '../../core/clock';
import { BoardError } from '../../core/errors';
import { StepLog } from '../../core/stepLog';
import { erasedBy } from '../../operations/flash';
import { chipOf } from '../../operations/look';
import {
  failedOf,
  flashMany,
  type FlashManyOptions,
  type FlashOutcome,
} from '../../operations/flashMany';
import { boardDescription, rowName } from '../boardText';
import { isReady, type Call, type Command } from '../command';
import { pickFirmware } from '../firmwarePicker';
import { optionsOf, sourceName, type FirmwareSource } from '../firmwareRows';
import { shallErase } from '../flashQuestion';
import { flashSummary } from '../flashSummary';
import { loadFirmware, rememberSource } from '../images';
import { runCommand } from '../notify';
import { describer, withJob } from '../progress';
import type { Services } from '../services';
import { t } from '../../core/words';

export const flashBoards: Command = async (services, call) => {
  const boards = await boardsFor(services, call);
  const title =
    boards.length === 1
      ? t('Flash {name}', { name: boards[0]!.name })
      : t('Flash {boards} boards', { boards: boards.length });
  const source = await sourceFor(services, boards, call, title);
  const name = sourceName(source);
  const eraseFirst = await shallErase(services, boards, name, call);
  const started = Date.now();
  const outcomes = await withJob(services.activity, { title }, async (job) => {
    const firmware = await loadFirmware(services, source, job);
    const onBoard = showRows(services);
    return flashMany(boards, { ...firmware, eraseFirst, onBoard }, job);
  });
  for (const { board, report } of outcomes) {
    if (report) await rememberSource(services, board, source);
  }
  tellOutcomes(services, outcomes, {
    summary: flashSummary(outcomes, name, Date.now() - started),
    retry: { source, eraseFirst },
  });
  return outcomes.map(({ board, error }) => ({ board: board.id, flashed: error === undefined }));
};

/** @throws BoardError cancelled, port-not-found */
async function boardsFor(services: Services, call: Call): Promise<readonly Board[]> {
  const named = call.options.boards;
  if (named) {
    return named.map((id) => {
      const board = services.registry.boards.find((b) => b.id === id || b.name === id);
      if (board) return board;
      const details = { path: id, board: id };
      throw new BoardError('port-not-found', `no board is called ${id}`, { details });
    });
  }
  const chosen = call.boards ?? (call.board ? [call.board] : []);
  const items = services.registry.boards.filter(isReady).map((board) => ({
    label: rowName(board),
    description: boardDescription(board),
    picked: chosen.includes(board),
    board,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: t('Flash Several Boards'),
    placeHolder: t('Which boards? One firmware goes onto each of them'),
    canPickMany: true,
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  if (!picked || picked.length === 0) throw new BoardError('cancelled', 'no boards chosen');
  return picked.map(({ board }) => board);
}

/** The firmware that was named, or one for the chip that most of the boards have. */
async function sourceFor(
  services: Services,
  boards: readonly Board[],
  call: Call,
  title: string,
): Promise<FirmwareSource> {
  const { file, url, offset } = call.options;
  const from = url ?? file ?? call.uri?.fsPath;
  if (from !== undefined) return { from, ...(offset === undefined ? {} : { offset }) };
  const known = boards.filter(({ virtual, facts }) => virtual || facts.chip);
  const count = (board: Board): number =>
    known.filter(({ facts }) => facts.chip === board.facts.chip).length;
  const usual = [...known].sort((a, b) => count(b) - count(a))[0] ?? boards[0]!;
  const chip = await withJob(
    services.activity,
    { title: t('Look at {usual}', { usual: usual.name }) },
    (job) => chipOf(usual, job),
  );
  return pickFirmware(services, usual, chip, title);
}

/** Each board's row of the tree shows its own step, and its steps have their lines in the log. */
function showRows({ activity, recent }: Services): NonNullable<FlashManyOptions['onBoard']> {
  const rows = new Map<Board, { describe: ReturnType<typeof describer>; steps: StepLog }>();
  return (board, update, error) => {
    const row = rows.get(board) ?? {
      describe: describer(),
      steps: new StepLog(recent, t('Flash {board}', { board: board.name }), systemClock),
    };
    rows.set(board, row);
    if (!update) {
      row.steps.end(error);
      activity.set(board.id, undefined);
      return;
    }
    row.steps.report(update);
    const { message, amount } = row.describe(update);
    activity.set(board.id, amount || message);
  };
}

/** Returns at once; Retry Failed flashes those again that are not flashed, with the same answers. */
function tellOutcomes(
  services: Services,
  outcomes: readonly FlashOutcome[],
  end: { summary: string; retry: { source: FirmwareSource; eraseFirst: boolean } },
): void {
  const failed = failedOf(outcomes);
  if (failed.length === 0) {
    void vscode.window.showInformationMessage(end.summary);
    return;
  }
  const { source, eraseFirst } = end.retry;
  const again = {
    boards: failed.map(({ board }) => board.id),
    ...optionsOf(source),
    // Where the erase was done, what was written after it is not to be wiped.
    eraseFirst: eraseFirst && !failed.every(({ error }) => erasedBy(error)),
  };
  const [retry, showLog] = [t('Retry Failed'), t('Show Log')];
  void vscode.window.showErrorMessage(end.summary, retry, showLog).then((answer) => {
    if (answer === retry) return runCommand('parley.flashBoards', again);
    if (answer === showLog) services.log.show();
    return undefined;
  });
}
