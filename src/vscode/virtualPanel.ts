/**
 * The world around a virtual board in a panel: its pins and lights as they are, sensors and buttons to
 * set, trouble to make. Below: board/virtualBoards.ts; webviewFrame.ts is its document, media/virtual
 * draws it. Above: Show Virtual Board.
 */
import * as vscode from 'vscode';
import type { Board } from '../board/board';
import type { VirtualBoards } from '../board/virtualBoards';
import { emptyWorld, parseFromPanel, type FromPanel, type PanelState } from '../board/virtualWorld';
import { DisposableStore, type Disposable } from '../core/event';
import { BoardSources } from './boardSources';
import { stateText } from './boardText';
import type { Settings } from './settings';
import { fillFrame } from './webviewFrame';
import { t } from '../core/words';

export class VirtualPanels implements Disposable {
  private readonly open = new Map<string, vscode.WebviewPanel>();

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly boards: VirtualBoards,
    private readonly settings: Settings,
  ) {}

  /** Opens the panel of a virtual board, or brings the open one forward. */
  show(board: Board): void {
    const panel = this.open.get(board.id) ?? this.make(board);
    panel.reveal(undefined, true);
  }

  dispose(): void {
    for (const panel of [...this.open.values()]) panel.dispose();
  }

  private make(board: Board): vscode.WebviewPanel {
    const panel = vscode.window.createWebviewPanel(
      'parley.virtualBoard',
      board.name,
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true },
    );
    panel.iconPath = vscode.Uri.joinPath(this.extensionUri, 'media', 'parley.svg');
    const name = BoardSources.virtualName(board);
    const store = new DisposableStore();
    let world = emptyWorld;
    const post = (): void => {
      panel.title = board.name;
      const alive = board.where !== undefined;
      // What a process that is gone told last is true no more.
      if (!alive) world = emptyWorld;
      const air = this.boards.air(name) ?? { ssid: this.settings.virtualSsid };
      const state: PanelState = {
        type: 'state',
        name: board.name,
        chip: board.facts.chip ?? 'ESP32',
        mac: board.facts.mac ?? '',
        status: stateText(board),
        alive,
        air: { ssid: air.ssid, secured: air.password !== undefined },
        world,
        readings: this.boards.readings(name),
      };
      void panel.webview.postMessage(state).then(undefined, () => undefined);
    };
    store.add(
      this.boards.watch(name, (now) => {
        world = now;
        post();
      }),
    );
    store.add(board.onDidChange(post));
    panel.webview.onDidReceiveMessage((message: unknown) => {
      const asked = parseFromPanel(message);
      if (!asked) return;
      this.act(board, asked);
      post();
    });
    panel.onDidDispose(() => {
      this.open.delete(board.id);
      store.dispose();
    });
    fillFrame(panel.webview, this.extensionUri, {
      title: t('Virtual board'),
      script: 'virtual.js',
      styles: ['conversation.css', 'virtual.css'],
    });
    this.open.set(board.id, panel);
    return panel;
  }

  private act(board: Board, asked: FromPanel): void {
    const name = BoardSources.virtualName(board);
    const run = (command: string): void =>
      void vscode.commands.executeCommand(command, { board: board.id });
    switch (asked.type) {
      case 'air':
        return run('parley.setVirtualWifi');
      case 'start':
        return run('parley.restartVirtualBoard');
      case 'ready':
        return;
      case 'set':
        return this.boards.setReading(name, asked.name, asked.value);
      case 'trouble':
        return this.boards.makeTrouble(name, asked.trouble);
      case 'peace':
        return this.boards.endTrouble(name);
    }
  }
}
