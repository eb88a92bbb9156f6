/**
 * Keeps one view in step with the conversation: a `state` when it is ready, then batches of what
 * passes its filter. Knows nothing of VS Code: messages go out through `post`.
 * Below: model.ts, search.ts, fromView.ts, entryActions.ts. Above: vscode/conversationView.ts.
 */
import type { Clock } from '../core/clock';
import { DisposableStore, type Disposable, type Event } from '../core/event';
import { explain } from '../core/explain';
import { encode } from './encoding';
import { entryOf } from './entries';
import { clearRetained, runEntryAction, type EntryActions } from './entryActions';
import { parseFromView } from './fromView';
import type { ConversationModel } from './model';
import type {
  BrokerView,
  Draft,
  Entry,
  Filter,
  FromView,
  Template,
  ToView,
  ViewCommand,
} from './protocol';
import { createRepeats } from './repeats';
import { createSieve, type Sieve } from './search';
import { createViewTables } from './viewTables';
import { t } from '../core/words';

/** What a view shows. */
export interface ConversationSource {
  readonly model: ConversationModel;
  readonly broker: BrokerView;
  /** Fires when `broker` is another. */
  readonly onBroker: Event<unknown>;
  /** "host:port" of the broker; '' where there is none. */
  readonly address: string;
  /** Topics that answer others, by the topic that asks. */
  readonly replies?: Readonly<Record<string, string>>;
  /** Filters by client id; undefined where the broker does not tell. */
  readonly subscriptions: ReadonlyMap<string, readonly string[]> | undefined;
}

/** What a view can ask for. */
export interface ViewActions extends EntryActions {
  /** Drafts that the workspace keeps; missing where there is nowhere to keep them. */
  readonly templates?: TemplateStore;
  run(command: ViewCommand): void;
}

/** Where templates are kept. */
export interface TemplateStore {
  readonly list: readonly Template[];
  readonly onChange: Event<unknown>;
  /** Asks for a name. */
  save(draft: Draft): void;
  delete(name: string): void;
}

export interface ViewFeedOptions {
  readonly source: ConversationSource;
  readonly actions: ViewActions;
  readonly clock: Clock;
  readonly post: (message: ToView) => void;
}

export interface ViewFeed extends Disposable {
  /** Anything the view posted; what fits no type is dropped. */
  receive(message: unknown): void;
  /** The view's document is gone (hidden): nothing is posted until it says `ready` again. */
  pause(): void;
  /** What the view last said it holds and draws. */
  readonly rendered: { readonly lines: number; readonly drawn: number };
}

/** At most twenty batches a second, and a look at the rate once a second (milliseconds). */
const BATCH_EVERY = 50;
const STATUS_EVERY = 1000;
/** The newest lines a view is given at first, those of one batch, and those asked for at the top. */
export const FIRST_LINES = 1000;
const BATCH_LINES = 1000;
/**
 * More lines than this in one batch are a flood. Nobody reads each line of it: fewer batches, and
 * of those that are too large the newest lines alone, so that the view draws 30 times a second.
 */
const FLOOD = 100;
const FLOOD_EVERY = 250;
const FLOOD_LINES = 80;
const OLDER_LINES = 500;

export function createViewFeed({ source, actions, clock, post }: ViewFeedOptions): ViewFeed {
  const { model } = source;
  const { history } = model;
  const store = new DisposableStore();
  const tables = createViewTables({
    model,
    clock,
    post,
    subscriptions: () => source.subscriptions,
  });
  const repeats = store.add(createRepeats(clock));
  const { templates } = actions;
  let live = false;
  let sieve: Sieve = createSieve({ text: '', regex: false, topic: '' }, model);
  /** The first line that the view was not told of yet. */
  let next = 1;
  let held = false;
  let waiting = 0;
  let every = BATCH_EVERY;
  const changed = new Set<number>();
  let batch: Disposable | undefined;
  let status: Disposable | undefined;
  let lastStatus = '';
  let rendered = { lines: 0, drawn: 0 };

  const entries = (ids: readonly number[]): Entry[] =>
    ids.flatMap((id) => {
      const line = history.get(id);
      return line ? [entryOf(line)] : [];
    });
  const news = () => {
    const { speakers, topics, counters } = model;
    return { speakers, topics, counters };
  };

  function sendState(lines = FIRST_LINES): void {
    changed.clear();
    batch?.dispose();
    batch = undefined;
    waiting = 0;
    next = history.nextId;
    const { ids, count, more } = sieve.find(history, next, lines, sieve.filters);
    const found = sieve.filters ? count : next - history.firstId;
    const { problem } = sieve;
    const rest = problem === undefined ? {} : { problem };
    const { broker, replies } = source;
    const threads = replies ? { replies } : {};
    const told = { more, found, ...rest, broker, ...threads };
    post({ type: 'state', entries: entries(ids), ...told, ...news() });
  }

  function sendBatch(): void {
    batch = undefined;
    if (!live) return;
    const ids = sieve.since(history, next);
    if (held) {
      // What stands there still changes: a bookmark is set while reading.
      sendChanged(next);
      waiting += ids.length;
      next = history.nextId;
      return sendStatus();
    }
    every = ids.length > FLOOD ? FLOOD_EVERY : BATCH_EVERY;
    // More than anybody can read: the newest stand for all, the rest is asked for at the top.
    if (ids.length > BATCH_LINES) return sendState(FLOOD_LINES);
    next = history.nextId;
    sendChanged(ids[0] ?? next);
    post({ type: 'append', entries: entries(ids), firstId: history.firstId, ...news() });
  }

  /** Lines before `end` that are others now. */
  function sendChanged(end: number): void {
    const again = [...changed].filter((id) => id < end);
    changed.clear();
    if (again.length > 0) post({ type: 'changed', entries: entries(again) });
  }

  function sendStatus(): void {
    const { counters } = model;
    const message: ToView = { type: 'status', counters, broker: source.broker, waiting };
    const said = JSON.stringify(message);
    if (said !== lastStatus) post(message);
    lastStatus = said;
  }

  function tick(): void {
    sendStatus();
    status = clock.after(STATUS_EVERY, tick);
  }

  store.add(
    model.onChange((change) => {
      if (!live) return;
      if (change.type === 'cleared') {
        tables.cleared();
        return sendState();
      }
      if (change.type === 'changed' || change.type === 'bookmarked') changed.add(change.id);
      batch ??= clock.after(every, sendBatch);
    }),
  );
  store.add(source.onBroker(() => void (live && sendStatus())));
  store.add(repeats.onChange(() => sendRepeats()));
  if (templates) store.add(templates.onChange(() => sendTemplates()));

  function sendRepeats(): void {
    if (live) post({ type: 'repeats', repeats: repeats.list });
  }

  function sendTemplates(): void {
    if (live && templates) post({ type: 'templates', templates: templates.list });
  }

  function pause(): void {
    live = held = false;
    tables.dispose();
    batch?.dispose();
    status?.dispose();
    batch = status = undefined;
    rendered = { lines: 0, drawn: 0 };
  }

  function useFilter(filter: Filter): void {
    sieve = createSieve(filter, model);
    held = false;
    sendState();
  }

  function hold(on: boolean): void {
    if (on === held) return;
    held = on;
    if (on) return;
    // What waited is more than one batch can be: the newest, and the rest is asked for at the top.
    if (waiting > 0) return sendState();
    sendBatch();
  }

  async function publish(asked: Extract<FromView, { type: 'publish' }>): Promise<void> {
    const { number, topic, payload, encoding, qos, retain, properties, every } = asked;
    const bytes = encode(payload, encoding);
    let error = typeof bytes === 'string' ? bytes : undefined;
    const options = { qos, retain, ...(properties ? { properties } : {}) };
    try {
      if (typeof bytes !== 'string') {
        await actions.publish(topic, bytes, options);
        const again = (): Promise<void> => actions.publish(topic, bytes, options);
        if (every !== undefined) error = repeats.start(topic, every, again);
      }
    } catch (failure) {
      error = explain(failure).sentence;
    }
    if (live) post({ type: 'published', number, ...(error === undefined ? {} : { error }) });
  }

  function take(message: FromView): void {
    switch (message.type) {
      case 'ready':
        pause();
        live = true;
        useFilter(message.filter);
        sendTemplates();
        if (repeats.list.length > 0) sendRepeats();
        status = clock.after(STATUS_EVERY, tick);
        return;
      case 'filter':
        return useFilter(message.filter);
      case 'hold':
        return hold(message.on);
      case 'older': {
        const { ids, more } = sieve.find(history, message.before, OLDER_LINES);
        return post({ type: 'older', entries: entries(ids), more });
      }
      case 'publish':
        return void publish(message);
      case 'stopRepeat':
        return repeats.stop(message.id);
      case 'saveTemplate': {
        const { type: _, ...draft } = message;
        return templates?.save(draft);
      }
      case 'deleteTemplate':
        return templates?.delete(message.name);
      case 'bookmark':
        return model.bookmark(message.id, message.on);
      case 'watchTopics':
        return tables.watchTopics(message.on);
      case 'chart':
        return tables.chart(message.series);
      case 'picture':
        return tables.picture(message.id);
      case 'why':
        return tables.why(message.id);
      case 'clearRetained':
        return clearRetained(actions, message.topic);
      case 'copy':
        return actions.copy(message.text, t('The line'));
      case 'do':
        return runEntryAction(actions, message.action, model.get(message.id), source.address);
      case 'run':
        return actions.run(message.command);
      case 'clear':
        return model.clear();
      case 'rendered':
        rendered = { lines: message.lines, drawn: message.drawn };
    }
  }

  return {
    get rendered() {
      return rendered;
    },
    pause,
    receive(raw) {
      const message = parseFromView(raw);
      // Before it is ready it has nothing to ask for.
      if (message && (live || message.type === 'ready' || message.type === 'rendered')) {
        take(message);
      }
    },
    dispose() {
      pause();
      store.dispose();
    },
  };
}
