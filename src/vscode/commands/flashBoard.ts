/** Flash: an image onto a board; checked before anything is erased, verified after. */
import * as vscode from 'vscode';
import type { Board } from '../../board/board';
import { BoardError } from '../../core/errors';
import { formatBytes } from '../../core/rate';
import { flashBoard as flash } from '../../operations/flash';
import { fullName } from '../boardText';
import { boardFor, type Call, type Command } from '../command';
import { pickImage, readImage } from '../images';
import { tell } from '../notify';
import { withJob } from '../progress';

export const flashBoard: Command = async (services, call) => {
  const board = await boardFor(services, call, 'Flash which board?');
  const file = call.options.file ?? call.uri?.fsPath;
  const firmware = file ? await readImage(file) : await pickImage(services, board);
  const eraseFirst = await shallErase(board, firmware.name, call);
  const report = await withJob(services.activity, { title: `Flash ${board.name}`, board }, (job) =>
    flash(board, { ...firmware, eraseFirst }, job),
  );
  const seconds = (report.milliseconds / 1000).toFixed(1);
  tell(
    `${board.name}: ${firmware.name} (${formatBytes(report.writtenBytes)}) is written and verified, in ${seconds} s.`,
    { 'Open REPL': 'parley.openRepl' },
    board,
  );
  return { board: board.id, ...report };
};

/** A real board may hold something dear: say what happens to it. A virtual one is not asked about. */
async function shallErase(board: Board, image: string, { options }: Call): Promise<boolean> {
  if (options.eraseFirst !== undefined) return options.eraseFirst;
  if (board.virtual || options.confirm) return false;
  const [keep, wipe] = ['Flash', 'Erase and Flash'];
  const answer = await vscode.window.showWarningMessage(
    `Flash ${image} onto ${fullName(board)}?`,
    {
      modal: true,
      detail:
        'What runs on it now is overwritten. “Erase and Flash” also wipes its files; the first time, choose that.',
    },
    keep,
    wipe,
  );
  if (!answer) throw new BoardError('cancelled', 'not confirmed');
  return answer === wipe;
}
