/** Open Recorded Conversation…: in an editor of its own, with filter, topics and charts. */
import * as path from 'node:path';
import { readRecording } from '../../conversation/recordingFile';
import type { Command } from '../command';
import { tell } from '../notify';
import { withJob } from '../progress';
import { openPath, RECORDING_LIMITS } from '../recordings';
import { showRecording } from '../recordingPanel';

export const openRecording: Command = async (services, { options, uri }) => {
  const file = uri?.fsPath ?? options.file ?? (await openPath('Open Recorded Conversation'));
  const title = `Open ${path.basename(file)}`;
  const recording = await withJob(services.activity, { title }, (job) =>
    readRecording(file, RECORDING_LIMITS, job),
  );
  showRecording(services, file, recording);
  if (recording.bad > 0) {
    const lines = recording.bad === 1 ? '1 line' : `${recording.bad.toLocaleString('en')} lines`;
    tell(`${path.basename(file)}: ${lines} could not be read and are left out.`);
  }
  return { lines: recording.lines.length, bad: recording.bad };
};
