/** Go to the Error: the line at which the last program on a board failed. */
import { boardFor, type Command } from '../command';
import { tell } from '../notify';
import { openPlace } from '../places';
import { t } from '../../core/words';

export const goToError: Command = async (services, call) => {
  const { programs } = services;
  const failed = (id: string): boolean => programs.endingOn(id)?.place !== undefined;
  const board = await boardFor(
    services,
    call,
    t('The error of which board?'),
    call.board ? () => true : (b) => failed(b.id),
  );
  const [file] = call.paths ?? [];
  const place =
    file === undefined
      ? programs.endingOn(board.id)?.place
      : { file, line: call.options.line ?? 1 };
  if (!place) {
    tell(
      t('{board}: the last program that Run started there ended without an error.', {
        board: board.name,
      }),
    );
    return undefined;
  }
  const uri = await openPlace(services, board, place);
  return { board: board.id, uri: uri.toString(), line: place.line };
};
