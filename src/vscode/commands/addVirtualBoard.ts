/** Add a Virtual Board: one more, with a name of its own. */
import { VirtualBoards } from '../../board/virtualBoards';
import { textFor, type Command } from '../command';
import { whileWorking } from '../progress';

export const addVirtualBoard: Command = async (services, { options }) => {
  const taken = services.settings.virtualBoards;
  let number = 1;
  while (taken.includes(`machine${number}`)) number++;
  const name = await textFor(options.name, {
    title: 'Name of the virtual board',
    value: `machine${number}`,
    validateInput: (text) =>
      VirtualBoards.nameProblem(text) ??
      (taken.includes(text) ? 'There is a virtual board of that name.' : undefined),
  });
  const [board] = await whileWorking(`Starting ${name}`, () => services.sources.addVirtual([name]));
  return board?.id;
};
