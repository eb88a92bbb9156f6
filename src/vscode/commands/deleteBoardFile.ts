/** Delete: files and folders of a board, asked with their names; there is no bin on a board. */
import { BoardError } from '../../core/errors';
import { listText } from '../boardText';
import { boardFor, type Command } from '../command';
import { confirm } from '../notify';
import { t } from '../../core/words';

/** More names than this are counted, not listed. */
const LISTED = 12;

export const deleteBoardFile: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Delete on which board?'));
  const paths = call.paths ?? [];
  if (paths.length === 0) throw new BoardError('cancelled', 'no file named');
  const files = services.folders.of(board);
  const inside = (await Promise.all(paths.map((path) => files.filesUnder(path)))).flat();
  if (!call.options.confirm) {
    const names = inside.map(({ path }) => path);
    const more =
      names.length > LISTED ? t('\nand {count} more', { count: names.length - LISTED }) : '';
    await confirm(
      t('Delete {paths} from {board}?', { paths: listText(paths), board: board.name }),
      t('{names}{more}\n\nA board has no bin: it cannot be undone.', {
        names: names.slice(0, LISTED).join('\n') || t('The folder is empty.'),
        more,
      }),
      t('Delete'),
    );
  }
  // A folder goes with what is in it: its own rows need no second time.
  const outer = paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
  for (const path of outer) await files.remove(path);
  return outer;
};
