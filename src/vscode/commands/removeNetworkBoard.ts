/** Remove the Board on Another Computer: forgets the address; the board itself is left alone. */
import { boardKind } from '../boardText';
import { boardFor, type Command } from '../command';
import { t } from '../../core/words';

export const removeNetworkBoard: Command = async (services, call) => {
  const board = await boardFor(
    services,
    call,
    t('Remove which board?'),
    (b) => boardKind(b) === 'network' && b.status !== 'busy',
  );
  await services.sources.removeNetwork(board);
  return board.id;
};
