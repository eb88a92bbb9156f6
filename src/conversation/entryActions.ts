/**
 * What can be done with one message of the conversation: copy it, say it again, see all of it.
 * Below: encoding.ts, payload.ts. Above: viewFeed.ts; the edge gives the clipboard and the editor.
 */
import { mosquittoPub } from './encoding';
import type { Kept } from './history';
import { asSaid, visibleLine, wholeText } from './payload';
import type { DraftProperties, EntryAction } from './protocol';
import { t } from '../core/words';

export interface EntryActions {
  /** @throws BoardError; its sentence is shown beside the message that was not sent */
  publish(
    topic: string,
    payload: Uint8Array,
    options: {
      readonly qos: 0 | 1 | 2;
      readonly retain: boolean;
      readonly properties?: DraftProperties;
    },
  ): Promise<void>;
  /** Puts text on the clipboard and says so. */
  copy(text: string, what: string): void;
  /** Shows text in an editor. @param language an id of VS Code's, such as `json` */
  open(text: string, language: string): void;
  /** A failure of something the view does not wait for. */
  failed(error: unknown): void;
  /** Says in one sentence what was done. */
  tell(sentence: string): void;
}

/** @param line undefined when the message went in the meantime */
export function runEntryAction(
  actions: EntryActions,
  action: EntryAction,
  line: Kept | undefined,
  address: string,
): void {
  if (line?.what !== 'message') {
    return actions.tell(t('That message is gone: older ones make room for new ones.'));
  }
  const { topic, qos, retain } = line;
  const payload = Uint8Array.from(line.payload);
  const cut = line.bytes > payload.length;
  const shown = visibleLine(topic);
  switch (action) {
    case 'copyText':
      return actions.copy(asSaid(payload), t('The message'));
    case 'copyTopic':
      return actions.copy(topic, t('The topic'));
    case 'copyCommand': {
      const windows = process.platform === 'win32';
      const message = { topic, payload, qos, retain };
      return actions.copy(mosquittoPub(message, address, windows), t('The command'));
    }
    case 'open': {
      const { text, language } = wholeText(payload);
      return actions.open(text, language);
    }
    case 'sendAgain':
      if (cut) {
        return actions.tell(
          t('Of that message on {shown} only the beginning was kept, so it was not sent again.', {
            shown,
          }),
        );
      }
      return said(actions, actions.publish(topic, payload, { qos, retain }));
    case 'clearRetained':
      return clearRetained(actions, topic);
  }
}

/** An empty retained message removes the one the broker keeps (MQTT 3.1.1, 3.3.1.3). */
export function clearRetained(actions: EntryActions, topic: string): void {
  const cleared = actions.publish(topic, new Uint8Array(), { qos: 0, retain: true });
  said(
    actions,
    cleared,
    t('The broker keeps no message for {topic} any more.', { topic: visibleLine(topic) }),
  );
}

function said(actions: EntryActions, work: Promise<void>, sentence?: string): void {
  work.then(
    () => sentence !== undefined && actions.tell(sentence),
    (error: unknown) => actions.failed(error),
  );
}
