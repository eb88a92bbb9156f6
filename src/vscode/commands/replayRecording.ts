/** Replay a Recorded Conversation…: says it again to the broker that runs, ×1 to ×100. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { readRecording } from '../../conversation/recordingFile';
import { replay } from '../../conversation/replay';
import { BoardError } from '../../core/errors';
import { systemClock } from '../../core/clock';
import type { Command } from '../command';
import { tell } from '../notify';
import { withJob } from '../progress';
import { openPath, RECORDING_LIMITS } from '../recordings';

const speeds = [1, 2, 5, 10, 20, 50, 100];

export const replayRecording: Command = async (services, { options, uri }) => {
  const { broker } = services;
  const file = uri?.fsPath ?? options.file ?? (await openPath('Replay a Recorded Conversation'));
  const speed = options.speed ?? (await pickSpeed());
  await broker.ensure();
  const title = `Replay ${path.basename(file)} ×${speed}`;
  const report = await withJob(services.activity, { title }, async (job) => {
    const { lines } = await readRecording(file, RECORDING_LIMITS, job);
    const publish = broker.publish.bind(broker);
    return replay({ lines, speed, publish, clock: systemClock }, job);
  });
  const cut =
    report.cut > 0 ? ` ${report.cut} were left out: only their beginning was recorded.` : '';
  tell(`${report.said.toLocaleString('en')} messages were said again at ${broker.address}.${cut}`, {
    'Open Conversation': 'parley.showConversation',
  });
  return report;
};

async function pickSpeed(): Promise<number> {
  const items = speeds.map((speed) => ({
    label: `×${speed}`,
    ...(speed === 1 ? { description: 'as it was' } : {}),
    speed,
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: 'How fast?' });
  if (!picked) throw new BoardError('cancelled', 'no speed chosen');
  return picked.speed;
}
