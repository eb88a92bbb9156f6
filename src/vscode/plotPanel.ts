/**
 * The plot of a board beside its terminal: one panel a board, fed by what the board prints.
 * Below: plot/plotFeed.ts keeps it in step; webviewFrame.ts is its document. Above: Plot What It Prints.
 */
import * as vscode from 'vscode';
import type { Board, Console } from '../board/board';
import { systemClock } from '../core/clock';
import { DisposableStore, Emitter, type Disposable } from '../core/event';
import { createPlotFeed } from '../plot/plotFeed';
import { PlotModel } from '../plot/plotModel';
import { runCommand } from './notify';
import { fillFrame } from './webviewFrame';
import { t } from '../core/words';

interface Plot {
  readonly panel: vscode.WebviewPanel;
  readonly model: PlotModel;
  /** The series a person left on when they asked for a file. */
  chosen?: readonly string[];
}

export class Plots implements Disposable {
  private readonly open = new Map<string, Plot>();
  private readonly changed = new Emitter<void>();
  /** Fires when a plot was opened or closed. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly extensionUri: vscode.Uri) {}

  /**
   * Opens the board's plot, or brings the open one forward. It has a console of its own: closing the
   * terminal does not end it.
   * @throws BoardError port-not-found, port-busy, port-permission, port-failed
   */
  async show(board: Board): Promise<void> {
    const plot = this.open.get(board.id) ?? this.make(board, await board.openConsole());
    plot.panel.reveal(undefined, true);
  }

  get count(): number {
    return this.open.size;
  }

  /** What is drawn of the board; undefined where no plot of it is open. */
  of(boardId: string): Pick<Plot, 'model' | 'chosen'> | undefined {
    return this.open.get(boardId);
  }

  dispose(): void {
    for (const { panel } of [...this.open.values()]) panel.dispose();
    this.changed.dispose();
  }

  private make(board: Board, console: Console): Plot {
    const panel = vscode.window.createWebviewPanel(
      'parley.plot',
      t('Plot: {board}', { board: board.name }),
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true },
    );
    const icon = (theme: string): vscode.Uri =>
      vscode.Uri.joinPath(this.extensionUri, 'media', `plot-${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    const store = new DisposableStore();
    store.add(console);
    const model = store.add(new PlotModel());
    const plot: Plot = { panel, model };
    const feed = store.add(
      createPlotFeed({
        model,
        clock: systemClock,
        post: (message) => void panel.webview.postMessage(message).then(undefined, () => undefined),
        save: (names) => {
          plot.chosen = names;
          void runCommand('parley.exportPlot', { board: board.id });
        },
      }),
    );
    store.add(board.onConsole((bytes) => model.print(bytes)));
    const learn = (): void => {
      panel.title = t('Plot: {board}', { board: board.name });
      const gone = board.status === 'unplugged';
      feed.note(
        gone
          ? t('{board} is not there. The plot goes on when it is back.', { board: board.name })
          : '',
      );
    };
    store.add(board.onDidChange(learn));
    learn();
    // Ends with the webview itself.
    panel.webview.onDidReceiveMessage((message: unknown) => feed.receive(message));
    panel.onDidChangeViewState(() => {
      if (!panel.visible) feed.pause();
    });
    panel.onDidDispose(() => {
      this.open.delete(board.id);
      this.changed.fire();
      store.dispose();
    });
    fillFrame(panel.webview, this.extensionUri, {
      title: t('Plot'),
      script: 'plot.js',
      styles: ['uPlot.min.css', 'conversation.css', 'plot.css'],
    });
    this.open.set(board.id, plot);
    this.changed.fire();
    return plot;
  }
}
