/** Remove Virtual Board: ends it and throws its flash away, after asking by name. */
import { boardFor, type Command } from '../command';
import { confirm } from '../notify';

export const removeVirtualBoard: Command = async (services, call) => {
  const board = await boardFor(
    services,
    call,
    'Remove which virtual board?',
    (b) => b.virtual && b.status !== 'busy',
  );
  if (!call.options.confirm) {
    const detail = 'Its flash and the files on it are thrown away.';
    await confirm(`Remove the virtual board ${board.name}?`, detail, `Remove ${board.name}`);
  }
  await services.sources.removeVirtual(board);
  return board.id;
};
