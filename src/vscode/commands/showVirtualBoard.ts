/** Show Virtual Board: its pins, lights and sensors, and trouble to make. */
import { boardFor, type Command } from '../command';
import { t } from '../../core/words';

export const showVirtualBoard: Command = async (services, call) => {
  const board = await boardFor(services, call, t('Show which virtual board?'), (b) => b.virtual);
  services.virtualPanels.show(board);
  return board.id;
};
