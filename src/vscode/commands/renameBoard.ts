/** Rename Board: everywhere Parley shows it; its folder goes with it. */
import { boardFor, textFor, type Command } from '../command';
import { t } from '../../core/words';

export const renameBoard: Command = async (services, call) => {
  const { registry, settings } = services;
  const board = await boardFor(services, call, t('Rename which board?'), () => true);
  const before = board.name;
  const name = await textFor(call.options.name, {
    title: t('New name of {before}', { before }),
    value: before,
    validateInput: (text) => {
      if (!text.trim()) return t('A name is not empty.');
      const taken = registry.boards.some((other) => other !== board && other.name === text.trim());
      return taken ? t('Another board has that name.') : undefined;
    },
  });
  board.rename(name.trim());
  const { [before]: folder, ...others } = settings.folders;
  if (folder && board.name !== before)
    await settings.setFolders({ ...others, [board.name]: folder });
  return { board: board.id, name: board.name };
};
