/**
 * The Conversation view: a webview that shows what conversation/model.ts holds.
 * Below: conversation/viewFeed.ts keeps it in step; webviewFrame.ts is its document.
 * Above: conversation.ts registers it under `parley.conversation`, recordingPanel.ts opens others.
 */
import type * as vscode from 'vscode';
import {
  createViewFeed,
  type ConversationSource,
  type ViewActions,
  type ViewFeed,
} from '../conversation/viewFeed';
import type { ViewCommand } from '../conversation/protocol';
import { systemClock } from '../core/clock';
import { DisposableStore } from '../core/event';
import { fillFrame } from './webviewFrame';
import { t } from '../core/words';

export type { ConversationSource } from '../conversation/viewFeed';

export interface ConversationActions extends Omit<ViewActions, 'run'> {
  /** Runs a VS Code command; only those of {@link conversationCommands} are asked for. */
  run(command: string): void;
}

/** Which command of the manifest stands behind each button of the view. */
export const conversationCommands: Readonly<Record<ViewCommand, string>> = {
  startConversation: 'parley.startConversation',
  startBroker: 'parley.startBroker',
  doctor: 'parley.doctor',
  stopBroker: 'parley.stopBroker',
};

export class ConversationView implements vscode.WebviewViewProvider, vscode.Disposable {
  static readonly viewId = 'parley.conversation';
  private feed: ViewFeed | undefined;
  private readonly disposables = new DisposableStore();

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly source: ConversationSource,
    private readonly actions: ConversationActions,
  ) {}

  resolveWebviewView(view: vscode.WebviewView): void {
    this.feed?.dispose();
    const feed = attachView(view.webview, this.extensionUri, this.source, this.actions);
    this.feed = this.disposables.add(feed);
    const own = new DisposableStore();
    own.add(
      view.onDidChangeVisibility(() => {
        // A hidden view loses its document; shown again it starts anew and says `ready`.
        if (!view.visible) feed.pause();
      }),
    );
    own.add(
      view.onDidDispose(() => {
        feed.dispose();
        if (this.feed === feed) this.feed = undefined;
        own.dispose();
      }),
    );
  }

  dispose(): void {
    this.disposables.dispose();
  }
}

/** Makes `webview` a view of `source`; the caller disposes of the feed. */
export function attachView(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  source: ConversationSource,
  actions: ConversationActions,
): ViewFeed {
  const feed = createViewFeed({
    source,
    actions: { ...actions, run: (command) => actions.run(conversationCommands[command]) },
    clock: systemClock,
    // Rejects only when the view is being disposed of; the next `ready` brings it all.
    post: (message) => void webview.postMessage(message).then(undefined, () => undefined),
  });
  // Ends with the webview itself.
  webview.onDidReceiveMessage((message: unknown) => feed.receive(message));
  fillFrame(webview, extensionUri, {
    title: t('Conversation'),
    script: 'conversation.js',
    styles: ['uPlot.min.css', 'conversation.css'],
  });
  return feed;
}
