/** Export the Conversation…: all that is kept, as a recording or for a spreadsheet. */
import { exportConversation as write } from '../../conversation/recordingFile';
import type { Command } from '../command';
import { tell } from '../notify';
import { withJob } from '../progress';
import { savePath } from '../recordings';
import { t } from '../../core/words';

export const exportConversation: Command = async (services, { options }) => {
  const file = options.file ?? (await savePath(t('Export'), 'conversation.csv', true));
  const title = t('Export the Conversation');
  const messages = await withJob(services.activity, { title }, (job) =>
    write(file, services.feed.model, job),
  );
  tell(t('{messages} messages are in {file}.', { messages: messages.toLocaleString('en'), file }));
  return { file, messages };
};
