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
import { t } from '../../core/words';

const speeds = [1, 2, 5, 10, 20, 50, 100];

export const replayRecording: Command = async (services, { options, uri }) => {
  const { broker } = services;
  const file = uri?.fsPath ?? options.file ?? (await openPath(t('Replay a Recorded Conversation')));
  const speed = options.speed ?? (await pickSpeed());
  await broker.ensure();
  const title = t('Replay {file} ×{speed}', { file: path.basename(file), speed });
  const report = await withJob(services.activity, { title }, async (job) => {
    const { lines } = await readRecording(file, RECORDING_LIMITS, job);
    const publish = broker.publish.bind(broker);
    return replay({ lines, speed, publish, clock: systemClock }, job);
  });
  const cut =
    report.cut > 0
      ? t(' {cut} were left out: only their beginning was recorded.', { cut: report.cut })
      : '';
  tell(
    t('{said} messages were said again at {address}.{cut}', {
      said: report.said.toLocaleString('en'),
      address: broker.address,
      cut,
    }),
    {
      [t('Open Conversation')]: 'parley.showConversation',
    },
  );
  return report;
};

async function pickSpeed(): Promise<number> {
  const items = speeds.map((speed) => ({
    label: `×${speed}`,
    ...(speed === 1 ? { description: t('as it was') } : {}),
    speed,
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: t('How fast?') });
  if (!picked) throw new BoardError('cancelled', 'no speed chosen');
  return picked.speed;
}
