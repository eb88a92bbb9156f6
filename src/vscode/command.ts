/**
 * What a command is: services and a call in, something useful out; it throws BoardError.
 * Below: services. Above: each file of commands/, and the table that registers them.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import { BoardError } from '../core/errors';
import { boardDescription, rowName } from './boardText';
import type { CommandOptions } from './options';
import type { Services } from './services';
import { t } from '../core/words';

export interface Call {
  /** The board of the tree row, or the one `options.board` names. */
  readonly board?: Board;
  /** The boards whose rows are selected together, where there are several. */
  readonly boards?: readonly Board[];
  /** The file of the editor or explorer the command was called from. */
  readonly uri?: vscode.Uri;
  /** The files selected together in the explorer, where there are several. */
  readonly uris?: readonly vscode.Uri[];
  /** Paths on the board: the tree rows that are selected, or `options.path`. */
  readonly paths?: readonly string[];
  readonly options: CommandOptions;
  /** The board that was chosen on the way, so that an error can name it. */
  picked?: Board;
  /** What was answered on the way, as options: "Try Again" asks none of it again. */
  again?: CommandOptions;
}

/** @returns what a keybinding's author or a test can use; undefined when nothing was done */
export type Command = (services: Services, call: Call) => Promise<unknown>;

/** True for a board that can be worked with now. */
export function isReady(board: Board): boolean {
  return board.status === 'idle' || board.status === 'open';
}

export function isPlugged(board: Board): boolean {
  return board.status !== 'unplugged';
}

/**
 * The board the command is for: the one given, the only one that suits, or the one picked.
 * @throws BoardError board-busy or port-not-found for a given board that does not suit; 'cancelled'
 */
export async function boardFor(
  services: Services,
  call: Call,
  question: string,
  suits: (board: Board) => boolean = isReady,
): Promise<Board> {
  const board = call.board ?? (await pick(services, call, question, suits));
  call.picked = board;
  if (suits(board)) return board;
  if (board.status === 'busy') {
    const operation = board.busyWith ?? 'something';
    throw new BoardError('board-busy', `${board.name} is busy`, { details: { operation } });
  }
  throw new BoardError('port-not-found', `${board.name} is not plugged in`);
}

/**
 * The boards the command is for: the one given, those whose rows are selected together, or what is
 * picked, where each of them all is offered too.
 * @throws BoardError as {@link boardFor}
 */
export async function boardsFor(
  services: Services,
  call: Call,
  question: string,
): Promise<readonly Board[]> {
  const selected = call.boards?.filter(isReady) ?? [];
  if (selected.length > 1) return selected;
  const all = services.registry.boards.filter(isReady);
  if (call.board || call.options.board !== undefined || all.length < 3) {
    return [await boardFor(services, call, question)];
  }
  const rows = all.map((board) => ({ ...rowOf(board), boards: [board] }));
  const each = t('$(checklist) Each of these {count} boards', { count: all.length });
  const picked = await ask([...rows, { label: each, boards: all }], {
    placeHolder: question,
    matchOnDescription: true,
  });
  if (!picked) throw new BoardError('cancelled', 'no board chosen');
  if (picked.boards.length === 1) call.picked = picked.boards[0]!;
  return picked.boards;
}

/** Nobody has read a question and dismissed it in so short a time, ms. */
const UNREAD_MS = 600;

/**
 * A question in a list. Asked once more where it closed before it could be read: after a button of the
 * walkthrough was pressed by key, VS Code gives the keyboard back to the step, which closes a list.
 */
async function ask<T extends vscode.QuickPickItem>(
  items: readonly T[],
  options: vscode.QuickPickOptions,
): Promise<T | undefined> {
  const began = performance.now();
  const picked = await vscode.window.showQuickPick(items, options);
  if (picked || performance.now() - began > UNREAD_MS) return picked;
  return vscode.window.showQuickPick(items, options);
}

const rowOf = (board: Board): { label: string; description: string } => ({
  label: rowName(board),
  description: boardDescription(board),
});

async function pick(
  services: Services,
  call: Call,
  question: string,
  suits: (board: Board) => boolean,
): Promise<Board> {
  const named = call.options.board;
  if (named !== undefined) {
    throw new BoardError('port-not-found', `no board is called ${named}`, {
      details: { path: named, board: named },
    });
  }
  const candidates = services.registry.boards.filter(suits);
  if (candidates.length === 1) return candidates[0]!;
  if (candidates.length === 0) {
    await offerBoards(services);
    throw new BoardError('cancelled', 'no board to choose from');
  }
  const items = candidates.map((candidate) => ({ ...rowOf(candidate), board: candidate }));
  const picked = await ask(items, {
    placeHolder: question,
    matchOnDescription: true,
  });
  if (!picked) throw new BoardError('cancelled', 'no board chosen');
  return picked.board;
}

/** No board suits: says so, with the two ways to get one. */
async function offerBoards(services: Services): Promise<void> {
  const some = services.registry.boards.length > 0;
  const sentence = some
    ? t('No board is free for that now: each is busy or not plugged in.')
    : t('There is no board yet. Plug one in, or add two virtual boards.');
  const buttons: Record<string, string> = {
    [t('Add Two Virtual Boards')]: 'parley.addVirtualBoards',
    [t('Plug in a Board')]: 'parley.plugInHelp',
  };
  const label = await vscode.window.showInformationMessage(
    sentence,
    ...(some ? [] : Object.keys(buttons)),
  );
  const id = label === undefined ? undefined : buttons[label];
  if (id) await vscode.commands.executeCommand(id);
}

/** A text from the options, or typed now. @throws BoardError 'cancelled' */
export async function textFor(
  given: string | undefined,
  ask: vscode.InputBoxOptions,
): Promise<string> {
  if (given !== undefined) {
    const problem = await ask.validateInput?.(given);
    if (problem) throw new Error(typeof problem === 'string' ? problem : problem.message);
    return given;
  }
  const typed = await vscode.window.showInputBox({ ignoreFocusOut: true, ...ask });
  if (typed === undefined) throw new BoardError('cancelled', 'nothing typed');
  return typed;
}
