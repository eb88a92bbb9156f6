/** Read the Files Again: what a program or another tool has changed on the board shows. */
import { boardFor, isPlugged, type Command } from '../command';
import { t } from '../../core/words';

export const refreshFiles: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Read the files of which board?'), isPlugged);
  const files = services.folders.of(board);
  files.invalidate();
  await files.load();
  return (await files.filesUnder('/')).map(({ path }) => path);
};
