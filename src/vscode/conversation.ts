/**
 * Registers the Conversation view on this window's feed, and gives it clipboard, editor and broker.
 * Below: conversationView (the view), conversationFeed (what it shows). Above: extension.ts.
 */
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../core/event';
import { ConversationView, type ConversationActions } from './conversationView';
import { tell, tellError } from './notify';
import { createTemplates } from './templates';
import type { Services } from './services';
import { t } from '../core/words';

const UNSUPPORTED_TOLD = 'parley.historyUnsupportedTold';

export function registerConversationView(services: Services): Disposable {
  const { context, feed } = services;
  const store = new DisposableStore();
  const view = store.add(
    new ConversationView(context.extensionUri, feed, conversationActions(services)),
  );
  store.add(vscode.window.registerWebviewViewProvider(ConversationView.viewId, view));
  store.add(
    services.recordings.onFailure((error) => tellError(services, error, undefined, undefined)),
  );
  store.add(
    services.history.onFailure((error) => {
      // A computer stays what it is: that is told once, not in each window.
      if (error.code === 'history-unsupported') {
        if (context.globalState.get(UNSUPPORTED_TOLD)) return services.recent.warn(error.message);
        void context.globalState.update(UNSUPPORTED_TOLD, true);
      }
      tellError(services, error, undefined, undefined);
    }),
  );
  return store;
}

export function conversationActions(services: Services): ConversationActions {
  const { broker } = services;
  return {
    publish: (topic, payload, options) => broker.publish(topic, payload, options),
    templates: createTemplates(services.settings),
    run: (command) => void vscode.commands.executeCommand(command),
    copy: (text, what) =>
      void vscode.env.clipboard
        .writeText(text)
        .then(() =>
          vscode.window.setStatusBarMessage(t('{what} is on the clipboard', { what }), 3000),
        ),
    open: (content, language) => void openText(content, language),
    tell: (sentence) => tell(sentence),
    failed: (error) => tellError(services, error, undefined, undefined),
  };
}

async function openText(content: string, language: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ content, language });
  await vscode.window.showTextDocument(document, { preview: true });
}
