/** Duplicate Virtual Board: one more with the same firmware and files. */
import type { Board } from '../../board/board';
import { boardFor, isReady, type Command } from '../command';
import { whileWorking } from '../progress';
import { nameVirtualBoard } from './addVirtualBoard';
import { t } from '../../core/words';

export const duplicateVirtualBoard: Command = async (services, call) => {
  const suits = (board: Board): boolean => board.virtual && isReady(board);
  const board = await boardFor(services, call, t('Duplicate which virtual board?'), suits);
  const name = await nameVirtualBoard(services, call.options.name);
  const copy = await whileWorking(t('Copying {board}', { board: board.name }), () =>
    services.sources.duplicateVirtual(board, name),
  );
  return copy.id;
};
