/** Stop Recording: what came until now is in the file. */
import type { Command } from '../command';
import { tell } from '../notify';

export const stopRecording: Command = async ({ recordings }) => {
  const done = await recordings.stop();
  if (!done) return undefined;
  const { file, messages } = done;
  tell(`${messages.toLocaleString('en')} messages are recorded in ${file}.`, {
    'Open It…': 'parley.openRecording',
  });
  return done;
};
