/** New Folder on the Board. */
import { boardFor, type Command } from '../command';
import { newPathFor } from '../newPath';
import { t } from '../../core/words';

export const newBoardFolder: Command = async (services, call) => {
  const board = await boardFor(services, call, t('New folder on which board?'));
  const files = services.folders.of(board);
  const path = await newPathFor(files, call, t('New folder'), 'lib');
  await files.makeFolder(path);
  return path;
};
