/**
 * All that a window keeps of a conversation, without the window. Below: conversation.
 * Above: simulatedDays.ts, fullRate.ts.
 */
import { createHistoryStore } from '../../src/conversation/historyStore';
import { createConversation } from '../../src/conversation/model';
import { createSpeakers } from '../../src/conversation/speakers';
import { createViewFeed } from '../../src/conversation/viewFeed';
import type { Clock } from '../../src/core/clock';
import { Emitter } from '../../src/core/event';

export const HOST = '127.0.0.1';
export const HOUR = 3_600_000;
const LIMITS = { lines: 20_000, bytes: 16 * 1024 * 1024 };

/** All that a window keeps of a conversation, on `clock`. */
export async function makeWindow(clock: Clock, folder: string) {
  const model = createConversation({ speakers: createSpeakers(), clock, limits: LIMITS });
  const limits = (): typeof LIMITS & { on: boolean } => ({ ...LIMITS, on: true });
  const history = createHistoryStore({ folder, model, clock, limits });
  await history.load();
  let posted = 0;
  const nothing = (): void => undefined;
  const feed = createViewFeed({
    source: {
      model,
      broker: { state: 'on', text: 'Broker' } as never,
      onBroker: new Emitter<unknown>().event,
      address: '',
      subscriptions: new Map(),
    },
    clock,
    post: () => void posted++,
    actions: {
      publish: () => Promise.resolve(),
      run: nothing,
      copy: nothing,
      open: nothing,
      tell: nothing,
      failed: nothing,
    },
  });
  feed.receive({ type: 'ready', filter: { text: '', regex: false, topic: '' } });
  const close = async (): Promise<void> => {
    feed.dispose();
    await history.close();
    model.dispose();
  };
  return { model, close, posted: () => posted };
}
