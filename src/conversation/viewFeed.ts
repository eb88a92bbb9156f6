/**
 * Keeps one view in step with the conversation: a `state` when it is ready, then batches; and holds
 * what comes back to its type. Knows nothing of VS Code: messages go out through `post`.
 * Below: model.ts, protocol.ts. Above: vscode/conversationView.ts owns the webview.
 */
import type { Clock } from '../core/clock';
import { DisposableStore, type Disposable, type Event } from '../core/event';
import { explain } from '../core/explain';
import type { ConversationModel } from './model';
import type { BrokerView, Entry, FromView, ToView, ViewCommand } from './protocol';

/** What a view shows. */
export interface ConversationSource {
  readonly model: ConversationModel;
  readonly broker: BrokerView;
  /** Fires when `broker` is another. */
  readonly onBroker: Event<unknown>;
}

/** What a view can ask for. */
export interface ViewActions {
  /** @throws BoardError; its sentence is shown beside the message that was not sent */
  publish(
    topic: string,
    payload: string,
    options: { readonly qos: 0 | 1 | 2; readonly retain: boolean },
  ): Promise<void>;
  run(command: ViewCommand): void;
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
/** MQTT 3.1.1 section 1.5.3: a topic is at most 65,535 bytes. */
const LONGEST_TOPIC = 65_535;
const LONGEST_PAYLOAD = 256 * 1024;

export function createViewFeed({ source, actions, clock, post }: ViewFeedOptions): ViewFeed {
  const { model } = source;
  const store = new DisposableStore();
  let live = false;
  let pending: Entry[] = [];
  let firstId = 0;
  let batch: Disposable | undefined;
  let status: Disposable | undefined;
  let lastStatus = '';
  let rendered = { lines: 0, drawn: 0 };

  function sendState(): void {
    pending = [];
    batch?.dispose();
    batch = undefined;
    post({ type: 'state', ...model.snapshot(), broker: source.broker });
  }

  function sendBatch(): void {
    batch = undefined;
    if (!live) return;
    const { speakers, topics, counters } = model;
    // What came and was dropped again between two batches need not travel.
    const entries = pending.filter((entry) => entry.id >= firstId);
    pending = [];
    post({ type: 'append', entries, firstId, speakers, topics, counters });
  }

  function sendStatus(): void {
    const message: ToView = { type: 'status', counters: model.counters, broker: source.broker };
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
      if (change.type === 'cleared') return sendState();
      if (change.type === 'added') {
        pending.push(change.entry);
        firstId = change.firstId;
        // A flood between two batches: no more than the view would keep.
        if (pending.length > 10_000) pending = pending.filter((entry) => entry.id >= firstId);
      }
      batch ??= clock.after(BATCH_EVERY, sendBatch);
    }),
  );
  store.add(source.onBroker(() => void (live && sendStatus())));

  function pause(): void {
    live = false;
    pending = [];
    batch?.dispose();
    status?.dispose();
    batch = status = undefined;
    rendered = { lines: 0, drawn: 0 };
  }

  async function publish(asked: Extract<FromView, { type: 'publish' }>): Promise<void> {
    const { number, topic, payload, qos, retain } = asked;
    let error: string | undefined;
    try {
      await actions.publish(topic, payload, { qos, retain });
    } catch (failure) {
      error = explain(failure).sentence;
    }
    if (live) post({ type: 'published', number, ...(error === undefined ? {} : { error }) });
  }

  return {
    get rendered() {
      return rendered;
    },
    pause,
    receive(raw) {
      const message = parseFromView(raw);
      switch (message?.type) {
        case 'ready':
          pause();
          live = true;
          sendState();
          status = clock.after(STATUS_EVERY, tick);
          break;
        case 'publish':
          void publish(message);
          break;
        case 'run':
          actions.run(message.command);
          break;
        case 'clear':
          model.clear();
          break;
        case 'rendered':
          rendered = { lines: message.lines, drawn: message.drawn };
          break;
      }
    },
    dispose() {
      pause();
      store.dispose();
    },
  };
}

const commands: readonly ViewCommand[] = ['startConversation', 'startBroker', 'stopBroker'];

/** `value` as a message of the view, or undefined when it is none: a webview is not trusted. */
export function parseFromView(value: unknown): FromView | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const message = value as Record<string, unknown>;
  switch (message['type']) {
    case 'ready':
      return { type: 'ready' };
    case 'clear':
      return { type: 'clear' };
    case 'run': {
      const command = commands.find((known) => known === message['command']);
      return command && { type: 'run', command };
    }
    case 'rendered': {
      const { lines, drawn } = message;
      return isCount(lines) && isCount(drawn) ? { type: 'rendered', lines, drawn } : undefined;
    }
    case 'publish': {
      const { number, topic, payload, qos, retain } = message;
      if (!isCount(number) || typeof retain !== 'boolean') return undefined;
      if (qos !== 0 && qos !== 1 && qos !== 2) return undefined;
      if (typeof topic !== 'string' || topic === '' || topic.length > LONGEST_TOPIC) {
        return undefined;
      }
      if (typeof payload !== 'string' || payload.length > LONGEST_PAYLOAD) return undefined;
      return { type: 'publish', number, topic, payload, qos, retain };
    }
    default:
      return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
