/**
 * Bytes done, speed and time left, as a person reads them.
 * Below: clock. Above: the progress notification and the terminal say the same words.
 */
import type { Clock } from './clock';
import { t } from './words';

/** How much of the past counts for the speed, in milliseconds: long enough to be calm. */
const WINDOW_MS = 4000;

export class RateMeter {
  private samples: { at: number; bytes: number }[] = [];

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /**
   * Tells how far a step is: "34 of 64 KB · 41 KB/s · 2 s left".
   * A step that starts again from fewer bytes starts the measure again.
   */
  describe(doneBytes: number, totalBytes?: number): string {
    const at = this.clock.now();
    const last = this.samples.at(-1);
    if (last && doneBytes < last.bytes) this.samples = [];
    this.samples.push({ at, bytes: doneBytes });
    while (this.samples.length > 2 && at - this.samples[0]!.at > WINDOW_MS) this.samples.shift();
    const amount =
      totalBytes === undefined ? formatBytes(doneBytes) : formatPart(doneBytes, totalBytes);
    const speed = this.bytesPerSecond();
    if (!speed) return amount;
    const parts = [amount, `${formatBytes(speed)}/s`];
    if (totalBytes !== undefined && doneBytes < totalBytes) {
      parts.push(t('{time} left', { time: formatSeconds((totalBytes - doneBytes) / speed) }));
    }
    return parts.join(' · ');
  }

  private bytesPerSecond(): number {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (!first || !last || last.at - first.at < 200) return 0;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }
}

/** "812 B", "34 KB", "1.7 MB" (1 KB is 1024 bytes). */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  if (bytes < 1024 * 1024) return `${trim(bytes / 1024)} KB`;
  return `${trim(bytes / 1024 / 1024)} MB`;
}

/** "34 of 64 KB": the unit once where both have the same. */
function formatPart(done: number, total: number): string {
  const whole = formatBytes(total);
  const part = formatBytes(done);
  const unit = whole.split(' ')[1];
  return part.endsWith(` ${unit}`)
    ? t('{part} of {whole}', { part: part.split(' ')[0], whole })
    : t('{part} of {whole}', { part, whole });
}

/** "2 s", "1 min 5 s". */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  return whole < 60
    ? `${whole} s`
    : t('{minutes} min {seconds} s', { minutes: Math.floor(whole / 60), seconds: whole % 60 });
}

function trim(value: number): string {
  return value < 10 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value));
}
