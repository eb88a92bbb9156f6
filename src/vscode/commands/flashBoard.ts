/** Flash: an image onto a board; checked before anything is erased, verified after. */
import type { Board } from '../../board/board';
import { BoardError } from '../../core/errors';
import { erasedBy, flashBoard as flash } from '../../operations/flash';
import { chipOf } from '../../operations/look';
import { boardFor, type Call, type Command } from '../command';
import { flashBoards } from './flashBoards';
import { pickFirmware } from '../firmwarePicker';
import { optionsOf, sourceName, type FirmwareSource } from '../firmwareRows';
import { shallErase } from '../flashQuestion';
import { flashedText } from '../flashSummary';
import { loadFirmware, placed, rememberSource } from '../images';
import { tell } from '../notify';
import { withJob } from '../progress';
import type { Services } from '../services';
import { t } from '../../core/words';

export const flashBoard: Command = async (services, call) => {
  if (call.boards) return flashBoards(services, call);
  const board = await boardFor(services, call, t('Flash which board?'));
  const progress = { title: t('Flash {board}', { board: board.name }), board };
  const source = await sourceFor(services, board, call);
  const name = sourceName(source);
  const eraseFirst = await shallErase(services, [board], name, call);
  call.again = { ...optionsOf(source), eraseFirst };
  const report = await withJob(services.activity, progress, async (job) =>
    flash(board, { ...(await loadFirmware(services, source, job)), eraseFirst }, job),
  ).catch((error: unknown) => {
    // What was written after the erase is not to be wiped by the next attempt.
    if (erasedBy(error)) call.again = { ...call.again, eraseFirst: false };
    throw error;
  });
  await rememberSource(services, board, source);
  tell(flashedText(board.name, name, report), { [t('Open REPL')]: 'parley.openRepl' }, board);
  return { board: board.id, ...report };
};

/** The firmware that was named, or the one picked now. */
async function sourceFor(services: Services, board: Board, call: Call): Promise<FirmwareSource> {
  const { file, url, offset } = call.options;
  const from = url ?? file;
  if (from !== undefined) return { from, ...(offset === undefined ? {} : { offset }) };
  const looking = { title: t('Look at {board}', { board: board.name }), board };
  const chip =
    board.facts.chip ?? (await withJob(services.activity, looking, (job) => chipOf(board, job)));
  if (!call.uri) return pickFirmware(services, board, chip);
  const source = await placed({ from: call.uri.fsPath }, chip);
  if (!source) throw new BoardError('cancelled', 'no offset given');
  return source;
}
