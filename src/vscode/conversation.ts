/**
 * Registers the Conversation view on this window's feed.
 * Below: conversationView (the view), conversationFeed (what it shows). Above: extension.ts.
 */
import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../core/event';
import { ConversationView } from './conversationView';
import type { Services } from './services';

export function registerConversationView(services: Services): Disposable {
  const { context, feed, broker } = services;
  const store = new DisposableStore();
  const view = store.add(
    new ConversationView(context.extensionUri, feed, {
      publish: (topic, payload, options) => broker.publish(topic, payload, options),
      run: (command) => void vscode.commands.executeCommand(command),
    }),
  );
  store.add(vscode.window.registerWebviewViewProvider(ConversationView.viewId, view));
  return store;
}
