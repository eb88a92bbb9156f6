/** New Folder on the Board. */
import { boardFor, type Command } from '../command';
import { newPathFor } from '../newPath';

export const newBoardFolder: Command = async (services, call) => {
  const board = await boardFor(services, call, 'New folder on which board?');
  const files = services.folders.of(board);
  const path = await newPathFor(files, call, 'New folder', 'lib');
  await files.makeFolder(path);
  return path;
};
