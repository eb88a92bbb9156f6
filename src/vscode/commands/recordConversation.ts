/** Record Conversation…: from now on into a file, until it is stopped. */
import type { Command } from '../command';
import { tell } from '../notify';
import { savePath } from '../recordings';

export const recordConversation: Command = async (services, { options }) => {
  const file = options.file ?? (await savePath('Record Conversation', 'conversation.jsonl', false));
  await services.recordings.start(file);
  tell(`The conversation is being recorded in ${file}.`, {
    'Stop Recording': 'parley.stopRecording',
  });
  return { file };
};
