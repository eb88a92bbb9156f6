/**
 * A recorded conversation in an editor: the same view, on what the file holds.
 * Below: conversationView.ts. Above: Open Recorded Conversation.
 */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { createConversation } from '../conversation/model';
import type { Recording } from '../conversation/recordingFile';
import type { Speakers } from '../conversation/speakers';
import { createSpeakers } from '../conversation/speakers';
import { systemClock } from '../core/clock';
import { Emitter } from '../core/event';
import { conversationActions } from './conversation';
import { attachView } from './conversationView';
import { RECORDING_LIMITS } from './recordings';
import type { Services } from './services';
import { t } from '../core/words';

export function showRecording(services: Services, file: string, recording: Recording): void {
  const { context } = services;
  const name = path.basename(file);
  const speakers = namedAs(recording.names);
  const model = createConversation({ speakers, clock: systemClock, limits: RECORDING_LIMITS });
  model.restore(recording.lines);
  const panel = vscode.window.createWebviewPanel(
    'parley.recording',
    name,
    vscode.ViewColumn.Active,
    { enableScripts: true },
  );
  panel.iconPath = vscode.Uri.joinPath(context.extensionUri, 'media', 'parley.svg');
  const source = {
    model,
    broker: { state: 'off', text: t('Recorded in {name}', { name }) } as const,
    onBroker: new Emitter<void>().event,
    address: services.feed.address,
    replies: services.feed.replies,
    subscriptions: undefined,
  };
  const feed = attachView(
    panel.webview,
    context.extensionUri,
    source,
    conversationActions(services),
  );
  panel.onDidChangeViewState(() => {
    if (!panel.visible) feed.pause();
  });
  panel.onDidDispose(() => {
    feed.dispose();
    model.dispose();
  });
}

/** Names as the recording has them; the boards of this window are others. */
function namedAs(names: ReadonlyMap<string, string>): Speakers {
  const plain = createSpeakers();
  return {
    ...plain,
    speakerOf(clientId, hints) {
      const known = clientId === undefined ? undefined : names.get(clientId);
      const speaker = plain.speakerOf(clientId, hints);
      if (known === undefined || speaker.how === 'self') return speaker;
      // One name is one voice, whatever client ids it came with.
      return { name: known, boardId: `recorded:${known}`, how: 'client id' };
    },
  };
}
