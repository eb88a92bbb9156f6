/**
 * Keeps one view in step with the numbers of a board: all of them when it is ready, then batches.
 * Knows nothing of VS Code: messages go out through `post`.
 * Below: plotModel.ts. Above: vscode/plotPanel.ts.
 */
import type { Clock } from '../core/clock';
import { DisposableStore, type Disposable } from '../core/event';
import { MOST_ROWS, type PlotModel } from './plotModel';
import type { FromPlot, ToPlot } from './protocol';

/** At most twelve batches a second, in milliseconds. */
const BATCH_EVERY = 80;
const MOST_CHOSEN = 64;

export interface PlotFeedOptions {
  readonly model: PlotModel;
  readonly clock: Clock;
  readonly post: (message: ToPlot) => void;
  /** The person asks for a file with these series. */
  readonly save: (names: readonly string[]) => void;
}

export interface PlotFeed extends Disposable {
  /** Anything the view posted; what fits no type is dropped. */
  receive(message: unknown): void;
  /** One line about the board above the charts; said again to a view that starts anew. */
  note(text: string): void;
  /** The view's document is gone (hidden): nothing is posted until it says `ready` again. */
  pause(): void;
}

export function createPlotFeed({ model, clock, post, save }: PlotFeedOptions): PlotFeed {
  const store = new DisposableStore();
  let live = false;
  let next = 0;
  let noted = '';
  let batch: Disposable | undefined;

  function sendAll(): void {
    batch?.dispose();
    batch = undefined;
    next = model.total;
    post({ type: 'all', names: model.names, most: MOST_ROWS, ...model.rows() });
  }

  function sendBatch(): void {
    batch = undefined;
    if (!live) return;
    const rows = model.rows(next);
    next = model.total;
    if (rows.at.length > 0) post({ type: 'more', names: model.names, ...rows });
  }

  store.add(
    model.onChange((what) => {
      if (!live) return;
      if (what === 'cleared') sendAll();
      else batch ??= clock.after(BATCH_EVERY, sendBatch);
    }),
  );

  return {
    receive(value) {
      const message = parseFromPlot(value);
      if (message?.type === 'ready') {
        live = true;
        sendAll();
        post({ type: 'note', text: noted });
      } else if (message?.type === 'clear') model.clear();
      else if (message?.type === 'export') save(message.names);
    },
    note(text) {
      if (text === noted) return;
      noted = text;
      if (live) post({ type: 'note', text });
    },
    pause() {
      live = false;
    },
    dispose() {
      live = false;
      batch?.dispose();
      store.dispose();
    },
  };
}

/** `value` as a message of the view, or undefined when it is none: a webview is not trusted. */
function parseFromPlot(value: unknown): FromPlot | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, names } = value as Record<string, unknown>;
  if (type === 'ready' || type === 'clear') return { type };
  if (type !== 'export' || !Array.isArray(names) || names.length > MOST_CHOSEN) return undefined;
  return { type, names: names.filter((name): name is string => typeof name === 'string') };
}
