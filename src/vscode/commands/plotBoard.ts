/** Plot What It Prints: the board's numbers as lines, beside its terminal. */
import * as vscode from 'vscode';
import { boardFor, isPlugged, type Command } from '../command';
import { t } from '../../core/words';

export const plotBoard: Command = async (services, call) => {
  const { terminals, plots } = services;
  // From the terminal's own button: the board of the terminal in front.
  const terminal = vscode.window.activeTerminal;
  const inFront = call.options.board === undefined && terminal && terminals.boardOf(terminal);
  const asked = call.board || !inFront ? call : { ...call, board: inFront };
  const board = await boardFor(services, asked, t('Plot the numbers of which board?'), isPlugged);
  call.picked = board;
  await terminals.show(board, { preserveFocus: true });
  await plots.show(board);
  return board.id;
};
