/**
 * What a view asks for besides lines: topics, charts, pictures, and why nobody listened.
 * Below: topicTable.ts, series.ts, picture.ts, unheard.ts. Above: viewFeed.ts.
 */
import type { Clock } from '../core/clock';
import type { Disposable } from '../core/event';
import type { ConversationModel } from './model';
import { MOST_PIXELS, pictureOf } from './picture';
import type { SeriesKey, ToView } from './protocol';
import { pointsOf } from './series';
import { whyUnheard } from './unheard';
import { t } from '../core/words';

export interface TablesOptions {
  readonly model: ConversationModel;
  /** Filters by client id; undefined where the broker does not tell. */
  subscriptions(): ReadonlyMap<string, readonly string[]> | undefined;
  readonly clock: Clock;
  readonly post: (message: ToView) => void;
}

export interface ViewTables extends Disposable {
  watchTopics(on: boolean): void;
  chart(series: readonly SeriesKey[]): void;
  picture(id: number): void;
  why(id: number): void;
  /** Everything begins anew: the conversation was cleared. */
  cleared(): void;
}

/** Four times a second is as quick as numbers can be read (milliseconds). */
const EVERY = 250;
const MOST_ROWS = 4000;
const MOST_POINTS = 4000;

export function createViewTables(options: TablesOptions): ViewTables {
  const { model, clock, post } = options;
  const { history, table } = model;
  let watching = false;
  let series: readonly SeriesKey[] = [];
  /** The first line the charts have not seen. */
  let next = 1;
  let timer: Disposable | undefined;

  function tellTopics(all: boolean): void {
    const rows = all ? table.all() : table.changes(MOST_ROWS);
    const { size, forgotten } = table;
    if (all || rows.length > 0) post({ type: 'topics', rows, all, size, forgotten });
  }

  function tellPoints(all: boolean): void {
    const from = all ? history.firstId : next;
    next = history.nextId;
    if (from === next && !all) return;
    pointsOf(history, series, from, MOST_POINTS).forEach(({ at, value }, i) => {
      const key = series[i];
      if (key && (all || at.length > 0)) post({ type: 'points', series: key, at, value, all });
    });
  }

  function tick(): void {
    if (watching) tellTopics(false);
    if (series.length > 0) tellPoints(false);
    run();
  }

  function run(): void {
    timer?.dispose();
    timer = watching || series.length > 0 ? clock.after(EVERY, tick) : undefined;
  }

  return {
    watchTopics(on) {
      watching = on;
      if (on) tellTopics(true);
      run();
    },
    chart(wanted) {
      series = wanted;
      if (series.length > 0) tellPoints(true);
      run();
    },
    picture(id) {
      const line = model.get(id);
      const bytes = line?.what === 'message' ? line.payload : undefined;
      const picture = bytes && pictureOf(bytes);
      if (!line || !bytes || !picture) return;
      const { type: mime, width, height } = picture;
      if (line.bytes > bytes.length) {
        return post({ type: 'picture', id, problem: t('only its beginning was kept') });
      }
      if (width * height > MOST_PIXELS) {
        return post({ type: 'picture', id, problem: t('too large to be drawn here') });
      }
      post({ type: 'picture', id, mime, base64: Buffer.from(bytes).toString('base64') });
    },
    why(id) {
      const line = model.get(id);
      if (line?.what !== 'message') return;
      const nameOf = (clientId: string): string => model.speaker(clientId).name;
      const why = whyUnheard(line.topic, line.speaker, options.subscriptions(), nameOf);
      post({ type: 'why', id, ...why });
    },
    cleared() {
      if (watching) tellTopics(true);
      if (series.length > 0) tellPoints(true);
    },
    dispose() {
      watching = false;
      series = [];
      timer?.dispose();
      timer = undefined;
    },
  };
}
