/**
 * What a soak counts: every message once and in order, memory and handles as they go on.
 * Below: nothing. Above: main.ts.
 */

/** Counts of one speaker: its messages say 0, 1, 2, … */
export class Tally {
  seen = 0;
  twice = 0;
  missing = 0;
  outOfOrder = 0;
  private next = 0;

  take(payload: string): void {
    const n = Number(payload);
    this.seen++;
    if (n === this.next) this.next = n + 1;
    else if (n > this.next) {
      this.missing += n - this.next;
      this.next = n + 1;
    } else if (n === this.next - 1) this.twice++;
    else this.outOfOrder++;
  }

  /** Different ones. */
  get once(): number {
    return this.seen - this.twice - this.outOfOrder;
  }

  get text(): string {
    return `${this.seen.toLocaleString('en')} seen, ${this.twice} twice, ${this.missing} missing, ${this.outOfOrder} out of order`;
  }
}

export interface Sample {
  /** Hours since the beginning. */
  readonly hours: number;
  readonly heap: number;
  readonly rss: number;
  /** Sockets, servers, pipes, files watched. */
  readonly handles: number;
}

export function sample(hours: number): Sample {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const handles = process
    .getActiveResourcesInfo()
    .filter((kind) => /Wrap$/.test(kind) && kind !== 'TTYWrap').length;
  return { hours, heap: heapUsed, rss, handles };
}

/** Bytes an hour by least squares over the second half: the first fills what is meant to be full. */
export function slope(samples: readonly Sample[], key: 'heap' | 'rss'): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (of: (one: Sample) => number): number =>
    half.reduce((sum, one) => sum + of(one), 0) / half.length;
  const [x, y] = [mean((one) => one.hours), mean((one) => one[key])];
  const above = half.reduce((sum, one) => sum + (one.hours - x) * (one[key] - y), 0);
  const below = half.reduce((sum, one) => sum + (one.hours - x) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

export function report(samples: readonly Sample[], say: (line: string) => void): void {
  const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(2);
  const [first, last] = [samples[Math.floor(samples.length / 2)], samples.at(-1)];
  if (!first || !last) return;
  say(
    `heap ${mib(first.heap)} -> ${mib(last.heap)} MiB, slope ${mib(slope(samples, 'heap'))} MiB/h`,
  );
  say(`rss  ${mib(first.rss)} -> ${mib(last.rss)} MiB, slope ${mib(slope(samples, 'rss'))} MiB/h`);
  say(`handles ${first.handles} -> ${last.handles}`);
}

/** What is kept of a conversation may be full and no more: how far the heap may lie from flat, bytes. */
const FLAT = 4 * 1024 * 1024;

/** Whether heap and handles stay what they are; not judged on fewer than 20 samples. */
export function flat(samples: readonly Sample[], say: (line: string) => void): boolean {
  if (samples.length < 20) return true;
  const half = samples.slice(Math.floor(samples.length / 2));
  const [first, last] = [half[0]!, half.at(-1)!];
  // What the slope makes of the time looked at, so that a day of seconds is not judged by the hour.
  const grown = slope(samples, 'heap') * (last.hours - first.hours);
  if (grown > FLAT) say(`NOT flat: the heap grows by ${Math.round(grown / 1024)} KiB`);
  const more = last.handles - first.handles;
  if (more > 0) say(`NOT flat: ${more} handles more`);
  return grown <= FLAT && more <= 0;
}
