/**
 * What a screen reader is told of the conversation: seldom, and not line by line.
 * Below: dom.ts. Above: talk.ts.
 */
import type { Entry } from '../../src/conversation/protocol';
import { el, setText } from './dom';
import { t } from '../../src/core/words';

/** It is told at most this often, milliseconds. */
const EVERY = 5000;

export class Announcer {
  readonly element = el('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  private count = 0;
  private last: Entry | undefined;
  private waiting = false;

  constructor(private readonly name: (key: string) => string) {}

  heard(entries: readonly Entry[]): void {
    const said = entries.filter((entry) => entry.kind === 'message');
    this.count += said.length;
    this.last = said.at(-1) ?? this.last;
    if (this.waiting || this.count === 0) return;
    this.waiting = true;
    setTimeout(() => {
      const { count, last } = this;
      this.waiting = false;
      this.count = 0;
      this.last = undefined;
      if (last?.kind !== 'message') return;
      const what = t('{name} on {topic}: {last}', {
        name: this.name(last.speaker),
        topic: last.topic,
        last: last.text.slice(0, 100),
      });
      setText(
        this.element,
        count === 1 ? what : t('{count} messages. Last: {what}', { count, what }),
      );
    }, EVERY);
  }
}
