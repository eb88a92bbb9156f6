/**
 * Messages that are said again every few seconds until somebody stops them, or one fails.
 * Below: core/clock. Above: viewFeed.ts; they go on while their view is hidden, not when it is gone.
 */
import type { Clock } from '../core/clock';
import { Emitter, type Disposable, type Event } from '../core/event';
import { explain } from '../core/explain';
import { visibleLine } from './payload';
import type { RepeatView } from './protocol';
import { t } from '../core/words';

/** So many at a time. */
export const MOST_REPEATS = 10;
/** Seconds. */
export const SHORTEST_REPEAT = 0.1;
export const LONGEST_REPEAT = 86_400;

export interface Repeats extends Disposable {
  readonly list: readonly RepeatView[];
  readonly onChange: Event<void>;
  /**
   * Says it every `seconds` from now on; the first time is the caller's.
   * @returns a sentence where there are too many already
   */
  start(topic: string, seconds: number, say: () => Promise<void>): string | undefined;
  /** Ends one, or takes one away that ended by itself. */
  stop(id: number): void;
}

interface Repeat {
  view: RepeatView;
  timer: Disposable | undefined;
}

export function createRepeats(clock: Clock): Repeats {
  const all = new Map<number, Repeat>();
  const changes = new Emitter<void>();
  let last = 0;

  function plan(repeat: Repeat, due: number, say: () => Promise<void>): void {
    const every = repeat.view.every * 1000;
    repeat.timer = clock.after(Math.max(0, due - clock.now()), () => {
      repeat.timer = undefined;
      say().then(
        () => {
          if (!all.has(repeat.view.id)) return;
          repeat.view = { ...repeat.view, said: repeat.view.said + 1 };
          // What was due while this one took so long is left out, not caught up with.
          plan(repeat, Math.max(due + every, clock.now()), say);
          changes.fire();
        },
        (error: unknown) => {
          repeat.view = { ...repeat.view, problem: explain(error).sentence };
          changes.fire();
        },
      );
    });
  }

  return {
    onChange: changes.event,
    get list() {
      return [...all.values()].map((repeat) => repeat.view);
    },
    start(topic, every, say) {
      if (all.size >= MOST_REPEATS) {
        return t('{most} messages are said again and again already. Stop one of them first.', {
          most: MOST_REPEATS,
        });
      }
      const id = ++last;
      const view = { id, topic: visibleLine(topic), every, said: 1 };
      const repeat: Repeat = { view, timer: undefined };
      all.set(id, repeat);
      plan(repeat, clock.now() + every * 1000, say);
      changes.fire();
      return undefined;
    },
    stop(id) {
      all.get(id)?.timer?.dispose();
      if (all.delete(id)) changes.fire();
    },
    dispose() {
      for (const { timer } of all.values()) timer?.dispose();
      all.clear();
      changes.dispose();
    },
  };
}
