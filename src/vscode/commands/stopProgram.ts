/** Stop: ends what Run started; where nothing did, sends Ctrl-C to whatever the board runs. */
import { systemClock } from '../../core/clock';
import { boardFor, isPlugged, type Command } from '../command';
import { runCommand } from '../notify';
import * as vscode from 'vscode';

/** A board that has not stopped by then does not listen to Ctrl-C. Milliseconds. */
const PATIENCE_MS = 5000;

export const stopProgram: Command = async (services, call) => {
  const { programs, terminals } = services;
  const running = services.registry.boards.filter((b) => programs.fileOn(b.id) !== undefined);
  const board = await boardFor(
    services,
    call,
    'Stop the program on which board?',
    running.length > 0 ? (b) => running.includes(b) || b === call.board : isPlugged,
  );
  const slow = systemClock.after(PATIENCE_MS, () => void offerReset(board.name, board.id));
  try {
    if (await programs.stop(board)) return { board: board.id };
  } finally {
    slow.dispose();
  }
  await terminals.show(board, { preserveFocus: true });
  const console = await board.openConsole();
  try {
    await console.write(Uint8Array.of(3, 3));
  } finally {
    console.dispose();
  }
  return { board: board.id };
};

async function offerReset(name: string, id: string): Promise<void> {
  const sentence = `${name} does not answer Ctrl-C. A reset ends the program; the files on the board stay.`;
  const answer = await vscode.window.showWarningMessage(sentence, 'Reset');
  if (answer) await runCommand('parley.resetBoard', { board: id });
}
