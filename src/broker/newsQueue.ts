/**
 * What a window is still to be told, bounded: when it cannot take what comes, single messages become
 * a count, never anything else. Pure.
 * Below: wire.ts' types. Above: serverMain.ts.
 */
import type { BrokerNews } from './wire';

/** Items and payload bytes that wait at most. */
const MOST_ITEMS = 20_000;
const MOST_BYTES = 32 * 1024 * 1024;

export class NewsQueue {
  private waiting: BrokerNews[] = [];
  private bytes = 0;
  private folded = 0;

  constructor(
    private readonly mostItems = MOST_ITEMS,
    private readonly mostBytes = MOST_BYTES,
  ) {}

  get empty(): boolean {
    return this.waiting.length === 0 && this.folded === 0;
  }

  push(news: BrokerNews): void {
    if (news[0] === 'message') {
      const size = news[1].payload.length;
      if (this.waiting.length >= this.mostItems || this.bytes + size > this.mostBytes) {
        this.folded++;
        return;
      }
      this.bytes += size;
    } else if (
      news[0] !== 'client' &&
      news[0] !== 'roster' &&
      this.waiting.length >= this.mostItems
    ) {
      return;
    }
    this.waiting.push(news);
  }

  /** All that waits, in order; a count of the folded messages at the end. */
  take(): BrokerNews[] {
    const all = this.waiting;
    if (this.folded > 0) all.push(['folded', this.folded]);
    this.waiting = [];
    this.bytes = 0;
    this.folded = 0;
    return all;
  }
}
