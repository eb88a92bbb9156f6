/**
 * Says a recorded conversation again, message by message, as fast as is asked for.
 * Below: core/clock. Above: vscode/recordings.ts gives the broker.
 */
import type { Clock } from '../core/clock';
import { throwIfCancelled, type Job } from '../core/job';
import type { NewLine } from './history';
import { t } from '../core/words';

export interface ReplayOptions {
  readonly lines: readonly NewLine[];
  /** 1 is as it was; 100 a hundred times as fast. */
  readonly speed: number;
  /** @throws BoardError; the replay ends with it */
  publish(
    topic: string,
    payload: Uint8Array,
    options: { readonly qos: 0 | 1 | 2; readonly retain: boolean },
  ): Promise<void>;
  readonly clock: Clock;
}

export interface ReplayReport {
  readonly said: number;
  /** Messages of which only the beginning was recorded: they are not said. */
  readonly cut: number;
}

/** What waits is looked at again so often, so that a cancel is not late (milliseconds). */
const LOOK = 200;

/** @throws BoardError 'cancelled', and as `publish` */
export async function replay(options: ReplayOptions, job: Job): Promise<ReplayReport> {
  const { speed, publish, clock } = options;
  const messages = options.lines.filter((line) => line.what === 'message');
  const cut = messages.filter((line) => (line.bytes ?? 0) > (line.payload?.length ?? 0)).length;
  const first = messages[0]?.at ?? 0;
  const began = clock.now();
  let said = 0;
  for (const line of messages) {
    const due = began + Math.max(0, line.at - first) / speed;
    while (clock.now() < due) {
      throwIfCancelled(job);
      await clock.sleep(Math.min(LOOK, due - clock.now()));
    }
    throwIfCancelled(job);
    const { topic = '', payload = new Uint8Array(), qos = 0, retain = false, bytes } = line;
    if (bytes !== undefined && bytes > payload.length) continue;
    await publish(topic, payload, { qos, retain });
    said++;
    if (said % 20 === 0 || messages.length < 200) {
      job.progress.report({
        message: t('{said} of {messages} messages said again', { said, messages: messages.length }),
      });
    }
  }
  return { said, cut };
}
