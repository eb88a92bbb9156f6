/**
 * Another window, or the command line, asks for a board whose port this window has: a person decides.
 * Below: board/leases. Above: extension.ts registers it.
 */
import * as vscode from 'vscode';
import type { Disposable } from '../core/event';
import { operationText } from '../core/operationWords';
import { t } from '../core/words';
import type { Services } from './services';

export function answerQuestions({ leases, registry, recent }: Services): Disposable {
  return leases.onAsked(({ address, who }) => {
    const board = registry.boards.find(({ where }) => where?.address === address);
    if (!board) return;
    recent.info(`${board.name}: ${who} asks for it`);
    if (board.status === 'busy') {
      const what = board.busyWith === undefined ? '' : operationText(board.busyWith);
      void vscode.window.showInformationMessage(
        t('{who} asks for {board}, which is busy with {what} here. It can have it afterwards.', {
          who,
          board: board.name,
          what,
        }),
      );
      return;
    }
    const question = t('{who} asks for {board}, whose port is open in this window.', {
      who,
      board: board.name,
    });
    const letGo = t('Let Go');
    void vscode.window.showInformationMessage(question, letGo).then(async (answer) => {
      if (answer !== letGo || board.status === 'busy') return;
      board.note(t('the port was let go of: {who} asked for it', { who }));
      await board.close();
    });
  });
}
