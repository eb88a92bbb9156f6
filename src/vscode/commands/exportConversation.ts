/** Export the Conversation…: all that is kept, as a recording or for a spreadsheet. */
import { exportConversation as write } from '../../conversation/recordingFile';
import type { Command } from '../command';
import { tell } from '../notify';
import { withJob } from '../progress';
import { savePath } from '../recordings';

export const exportConversation: Command = async (services, { options }) => {
  const file = options.file ?? (await savePath('Export', 'conversation.csv', true));
  const title = 'Export the Conversation';
  const messages = await withJob(services.activity, { title }, (job) =>
    write(file, services.feed.model, job),
  );
  tell(`${messages.toLocaleString('en')} messages are in ${file}.`);
  return { file, messages };
};
