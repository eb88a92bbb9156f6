/** Open Recorded Conversation…: in an editor of its own, with filter, topics and charts. */
import * as path from 'node:path';
import { readRecording } from '../../conversation/recordingFile';
import type { Command } from '../command';
import { tell } from '../notify';
import { withJob } from '../progress';
import { openPath, RECORDING_LIMITS } from '../recordings';
import { showRecording } from '../recordingPanel';
import { t } from '../../core/words';

export const openRecording: Command = async (services, { options, uri }) => {
  const file = uri?.fsPath ?? options.file ?? (await openPath(t('Open Recorded Conversation')));
  const title = t('Open {file}', { file: path.basename(file) });
  const recording = await withJob(services.activity, { title }, (job) =>
    readRecording(file, RECORDING_LIMITS, job),
  );
  showRecording(services, file, recording);
  if (recording.bad > 0) {
    const lines =
      recording.bad === 1
        ? t('1 line')
        : t('{bad} lines', { bad: recording.bad.toLocaleString('en') });
    tell(
      t('{file}: {lines} could not be read and are left out.', {
        file: path.basename(file),
        lines,
      }),
    );
  }
  return { lines: recording.lines.length, bad: recording.bad };
};
