/** Move boot.py or main.py Aside: the board starts without it, and it is kept under another name. */
import * as vscode from 'vscode';
import { BoardError } from '../../core/errors';
import { boardFor, type Command } from '../command';
import { tell } from '../notify';
import { t } from '../../core/words';

/** What MicroPython runs at each start. */
const starters = ['/boot.py', '/main.py'];

export const moveAside: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Move the program of which board aside?'));
  const files = services.folders.of(board);
  const there = (await files.list('/')).map(({ path }) => path);
  const found = starters.filter((path) => there.includes(path));
  const from = call.paths?.[0] ?? (found.length > 1 ? await pick(board.name, found) : found[0]);
  if (from === undefined || !found.includes(from)) {
    const path = from ?? t('boot.py or main.py');
    throw new BoardError('file-missing', 'nothing to move aside', { details: { path } });
  }
  const to = freeName(from, there);
  await files.rename(from, to);
  tell(
    t(
      '{board}: {from} is now {to}. It no longer runs at the start; rename it in the Boards view to bring it back.',
      { board: board.name, from: from.slice(1), to: to.slice(1) },
    ),
    { [t('Reset')]: 'parley.resetBoard' },
    board,
  );
  return { board: board.id, from, to };
};

/** "/main.py" as "/main.aside.py", or with a number where that is taken. */
function freeName(from: string, taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const name = from.replace(/\.py$/, `.aside${n === 1 ? '' : n}.py`);
    if (!taken.includes(name)) return name;
  }
}

async function pick(board: string, paths: readonly string[]): Promise<string> {
  const says = { '/boot.py': t('runs first, at each start'), '/main.py': t('runs after boot.py') };
  const items = paths.map((path) => ({
    label: path.slice(1),
    description: says[path as keyof typeof says],
    path,
  }));
  const placeHolder = t('Which file of {board} is to be moved aside? It is kept.', { board });
  const picked = await vscode.window.showQuickPick(items, { placeHolder });
  if (!picked) throw new BoardError('cancelled', 'no file chosen');
  return picked.path;
}
