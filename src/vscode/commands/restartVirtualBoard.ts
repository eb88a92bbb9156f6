/** Restart Virtual Board: as unplugging it and plugging it in again; its flash stays. */
import { boardFor, type Command } from '../command';
import { t } from '../../core/words';

export const restartVirtualBoard: Command = async (services, call) => {
  const board = await boardFor(
    services,
    call,
    t('Restart which virtual board?'),
    (b) => b.virtual && b.status !== 'busy',
  );
  await services.sources.restartVirtual(board);
  return board.id;
};
