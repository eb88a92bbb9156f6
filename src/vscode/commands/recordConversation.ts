/** Record Conversation…: from now on into a file, until it is stopped. */
import type { Command } from '../command';
import { tell } from '../notify';
import { savePath } from '../recordings';
import { t } from '../../core/words';

export const recordConversation: Command = async (services, { options }) => {
  const file =
    options.file ?? (await savePath(t('Record Conversation'), 'conversation.jsonl', false));
  await services.recordings.start(file);
  tell(t('The conversation is being recorded in {file}.', { file }), {
    [t('Stop Recording')]: 'parley.stopRecording',
  });
  return { file };
};
