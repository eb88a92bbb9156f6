/**
 * Stop: ends what Run started; where nothing did, whatever the board runs. What is tried is told step
 * by step; after EN the file that would take the prompt again can be moved aside.
 */
import { stopBoard } from '../../operations/stop';
import { boardFor, isPlugged, type Command } from '../command';
import { tell } from '../notify';
import { withJob } from '../progress';
import { t } from '../../core/words';

export const stopProgram: Command = async (services, call) => {
  const { programs, terminals, registry, activity } = services;
  const running = registry.boards.filter((b) => programs.fileOn(b.id) !== undefined);
  const board = await boardFor(
    services,
    call,
    t('Stop the program on which board?'),
    running.length > 0 ? (b) => running.includes(b) || b === call.board : isPlugged,
  );
  // The steps are told in the board's terminal, which Run has opened.
  if (await programs.stop(board)) return { board: board.id };
  await terminals.show(board, { preserveFocus: true });
  const title = t('Stop {board}', { board: board.name });
  const report = await withJob(activity, { title, board }, (job) => stopBoard(board, job));
  const [first] = report.startsAgain;
  if (first !== undefined) {
    tell(
      t(
        '{board} is stopped, but only EN with Ctrl-C while it booted did it. {first} would take the prompt again at the next start: correct it, or move it aside (it is kept under another name).',
        { board: board.name, first },
      ),
      { [t('Move it Aside')]: 'parley.moveAside', [t('Show the Files')]: 'parley.refreshFiles' },
      board,
    );
  }
  return { board: board.id, ...report };
};
