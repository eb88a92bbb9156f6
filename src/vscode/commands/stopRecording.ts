/** Stop Recording: what came until now is in the file. */
import type { Command } from '../command';
import { tell } from '../notify';
import { t } from '../../core/words';

export const stopRecording: Command = async ({ recordings }) => {
  const done = await recordings.stop();
  if (!done) return undefined;
  const { file, messages } = done;
  tell(
    t('{messages} messages are recorded in {file}.', {
      messages: messages.toLocaleString('en'),
      file,
    }),
    {
      [t('Open It…')]: 'parley.openRecording',
    },
  );
  return done;
};
