/**
 * What a person is told: one sentence and the buttons that help.
 * Below: core/explain. Above: commands.ts catches with it.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { BoardError, isBoardError } from '../core/errors';
import { explain, withCode, type ExplainAction } from '../core/explain';
import type { CommandId } from './commandTable';
import { language } from './language';
import type { Services } from './services';
import { t } from '../core/words';

/** How long another window has to let go of a port it is asked for, ms. */
const ASKED_MS = 20_000;

/** Runs a command by its id, with the id checked. */
export function runCommand(id: CommandId, ...args: unknown[]): Thenable<unknown> {
  return vscode.commands.executeCommand(id, ...args);
}

/** The board an error is about: the one it names, or the one the command was for. */
export function boardOf(services: Services, error: unknown, board?: Board): Board | undefined {
  if (!(error instanceof BoardError)) return board;
  const { board: name, boardId } = error.details;
  const named = services.registry.boards.find((b) => b.name === name || b.id === boardId);
  return named ?? board;
}

/** The sentence for `error`. */
export function sentenceFor(services: Services, error: unknown, board?: Board): string {
  const name = isBoardError(error) ? error.details['board'] : undefined;
  return explain(error, String(name ?? boardOf(services, error, board)?.name ?? t('The board')))
    .sentence;
}

/** Shows the sentence with its buttons. Returns at once; a pressed button acts later. */
export function tellError(
  services: Services,
  error: unknown,
  board: Board | undefined,
  again: (() => Thenable<unknown>) | undefined,
): void {
  // A flash that does not start any more, or is empty, is worth more than a word in passing.
  const harmless =
    !isBoardError(error) || !['partly', 'erased'].includes(`${error.details['flash']}`);
  if (isBoardError(error, 'cancelled') && harmless) {
    vscode.window.setStatusBarMessage(t('$(circle-slash) Parley: cancelled'), 4000);
    return;
  }
  const about = boardOf(services, error, board);
  services.recent.error(describe(error, about));
  const name = isBoardError(error) ? error.details['board'] : undefined;
  const { sentence, actions } = explain(error, String(name ?? about?.name ?? t('The board')));
  const possible = actions.filter((action) => action !== 'retry' || again !== undefined);
  const buttons = possible.map((action) => labels[action]);
  void vscode.window.showErrorMessage(withCode(sentence, error), ...buttons).then(async (label) => {
    const action = possible.find((candidate) => labels[candidate] === label);
    if (!action) return;
    try {
      await act(action, services, error, about, again);
    } catch (next) {
      tellError(services, next, about, again);
    }
  });
}

/**
 * Tells the end of something, with buttons for what comes next, for `board` where there is one.
 * Returns at once.
 */
export function tell(
  sentence: string,
  next: Readonly<Record<string, CommandId>> = {},
  board?: Board,
): void {
  void vscode.window.showInformationMessage(sentence, ...Object.keys(next)).then((label) => {
    const id = label === undefined ? undefined : next[label];
    return id && runCommand(id, ...(board ? [{ board: board.id }] : []));
  });
}

/** The question before something that cannot be undone; throws 'cancelled' for anything but yes. */
export async function confirm(sentence: string, detail: string, yes: string): Promise<void> {
  const answer = await vscode.window.showWarningMessage(sentence, { modal: true, detail }, yes);
  if (answer !== yes) throw new BoardError('cancelled', 'not confirmed');
}

/** A page of media/help, beside what is open. */
export function showHelp(services: Services, page: string): Thenable<unknown> {
  const own = language === 'en' ? page : page.replace(/\.md$/, `.${language}.md`);
  const uri = vscode.Uri.joinPath(services.context.extensionUri, 'media', 'help', own);
  return vscode.commands.executeCommand('markdown.showPreview', uri);
}

const labels: Readonly<Record<ExplainAction, string>> = {
  retry: t('Try Again'),
  flash: t('Flash MicroPython'),
  pickImage: t('Pick Another File'),
  askForPort: t('Ask for It'),
  useOtherPort: t('Use Another Port'),
  useThatBroker: t('Use That Broker'),
  startBroker: t('Start Broker'),
  restartBroker: t('Restart the Broker'),
  chooseBroker: t('Choose Another Broker'),
  setBrokerPassword: t('Set the Password'),
  openBroker: t('Choose Who May Reach It'),
  putFolder: t('Put a Folder'),
  resetBoard: t('Reset'),
  stopAndRetry: t('Stop the Program'),
  openTerminal: t('Open REPL'),
  findOut: t('Find Out Why'),
  openSettings: t('Open Settings'),
  copyCommand: t('Copy the Command'),
  openPage: t('Open the Driver’s Page'),
  showButtons: t('Show Me'),
  showLog: t('Show Log'),
};

async function act(
  action: ExplainAction,
  services: Services,
  error: unknown,
  board: Board | undefined,
  again: (() => Thenable<unknown>) | undefined,
): Promise<void> {
  const onBoard = board ? [{ board: board.id }] : [];
  const details = isBoardError(error) ? error.details : {};
  switch (action) {
    case 'retry':
      return void (await again?.());
    case 'flash':
    case 'pickImage':
      return void (await runCommand('parley.flashBoard', ...onBoard));
    case 'resetBoard':
      return void (await runCommand('parley.resetBoard', ...onBoard));
    case 'stopAndRetry':
      await runCommand('parley.stopProgram', ...onBoard);
      return void (await again?.());
    case 'findOut':
      return void (await runCommand('parley.doctor'));
    case 'openTerminal':
      return void (await runCommand('parley.openRepl', ...onBoard));
    case 'startBroker':
      return void (await runCommand('parley.startBroker'));
    case 'restartBroker':
      return void (await runCommand('parley.restartBroker'));
    case 'setBrokerPassword':
      return void (await runCommand('parley.setBrokerPassword'));
    case 'openBroker':
      return void (await runCommand('parley.openBroker'));
    case 'putFolder':
      return void (await runCommand('parley.putFolder', ...onBoard));
    case 'chooseBroker':
      return void (await runCommand('parley.chooseBroker'));
    case 'openSettings':
      return void (await runCommand('parley.openSettings'));
    case 'showLog':
      return services.log.show();
    case 'copyCommand':
      await vscode.env.clipboard.writeText(String(details['command'] ?? ''));
      return void vscode.window.setStatusBarMessage(
        t('$(copy) Copied: run it in a terminal'),
        8000,
      );
    case 'openPage':
      return void (await vscode.env.openExternal(vscode.Uri.parse(String(details['url']), true)));
    case 'showButtons':
      return void (await showHelp(services, 'bootloader.md'));
    case 'askForPort': {
      const address = String(details['path'] ?? '');
      const holder = services.leases.ask(address);
      if (holder) {
        vscode.window.setStatusBarMessage(
          t('$(sync~spin) {who} is asked', { who: holder.who }),
          ASKED_MS,
        );
        if (!(await services.leases.freed(address, ASKED_MS))) throw error;
      }
      return void (await again?.());
    }
    case 'useOtherPort':
      await services.broker.useOtherPort();
      tell(
        t('The broker now listens at {address}. Boards learn it when their folder is put again.', {
          address: services.broker.address,
        }),
      );
      return void (await again?.());
    case 'useThatBroker':
      await services.broker.useExisting(
        String(details['host'] ?? '127.0.0.1'),
        Number(details['port'] ?? 1883),
      );
      return void (await again?.());
  }
}

/** For the log: the code, the message and what caused it, never a secret (errors hold none). */
function describe(error: unknown, board?: Board): string {
  if (!(error instanceof Error)) return String(error);
  const code = error instanceof BoardError ? `[${error.code}] ` : '';
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  const stack = error instanceof BoardError ? '' : `\n${error.stack ?? ''}`;
  // Its places are links in the log, which need to know the board.
  const traceback = isBoardError(error, 'python-error') ? `\n${error.details['traceback']}` : '';
  const about = traceback && board ? `${board.name}: ` : '';
  return `${code}${about}${error.message}${cause}${stack}${traceback}`;
}
