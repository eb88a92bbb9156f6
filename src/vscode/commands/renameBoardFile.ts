/** Rename or Move: the whole path is shown, and may be changed anywhere. */
import { BoardError } from '../../core/errors';
import { boardFor, textFor, type Command } from '../command';
import { nameProblem } from '../newPath';
import { t } from '../../core/words';

export const renameBoardFile: Command = async (services, call) => {
  const [from] = call.paths ?? [];
  if (from === undefined) throw new BoardError('cancelled', 'no file named');
  const board = await boardFor(services, call, t('Rename on which board?'));
  const start = from.lastIndexOf('/') + 1;
  const dot = from.lastIndexOf('.');
  const to = await textFor(call.options.name, {
    title: t('Rename on {board}', { board: board.name }),
    prompt: t('Another folder in the path moves it there'),
    value: from,
    valueSelection: [start, dot > start ? dot : from.length],
    validateInput: nameProblem,
  });
  await services.folders.of(board).rename(from, to);
  return to;
};
