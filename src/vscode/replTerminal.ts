/**
 * A terminal on a board's console: one a board.
 * Below: replSession.ts, which knows the board. Above: Open REPL, Run and Stop.
 * The port may come and go; what was printed stays, and a faint line says what happened.
 */
import * as vscode from 'vscode';
import type { Board, Console } from '../board/board';
import { systemClock } from '../core/clock';
import { DisposableStore, type Disposable } from '../core/event';
import { ReplSession } from './replSession';

export class ReplTerminals implements Disposable {
  private readonly open = new Map<string, { terminal: vscode.Terminal; repl: ReplTerminal }>();
  private readonly watches = new Map<string, { terminal: vscode.Terminal; board: Board }>();
  private readonly opening = new Map<string, Promise<vscode.Terminal>>();

  /**
   * Opens the board's terminal, or brings the open one forward; resolves when it is connected.
   * @throws BoardError port-not-found, port-busy, port-permission, port-failed
   */
  async show(board: Board, options: { preserveFocus?: boolean } = {}): Promise<vscode.Terminal> {
    const terminal = this.open.get(board.id)?.terminal ?? (await this.openOnce(board));
    terminal.show(options.preserveFocus);
    return terminal;
  }

  /**
   * A terminal that shows what the board prints, and sends nothing.
   * @throws BoardError port-not-found, port-busy, port-permission, port-failed
   */
  async watch(board: Board): Promise<vscode.Terminal> {
    const known = this.watches.get(board.id);
    const terminal = known?.terminal ?? this.makeWatch(board, await board.openConsole());
    terminal.show(true);
    return terminal;
  }

  /** The board whose console a terminal shows. */
  boardOf(terminal: vscode.Terminal): Board | undefined {
    for (const { terminal: own, repl } of this.open.values()) {
      if (own === terminal) return repl.board;
    }
    for (const { terminal: own, board } of this.watches.values()) {
      if (own === terminal) return board;
    }
    return undefined;
  }

  dispose(): void {
    for (const { terminal } of this.open.values()) terminal.dispose();
    for (const { terminal } of this.watches.values()) terminal.dispose();
    this.open.clear();
    this.watches.clear();
  }

  /** Two clicks while the port is being opened are one terminal. */
  private openOnce(board: Board): Promise<vscode.Terminal> {
    const before = this.opening.get(board.id);
    if (before) return before;
    const opening = this.make(board).finally(() => this.opening.delete(board.id));
    this.opening.set(board.id, opening);
    return opening;
  }

  private makeWatch(board: Board, console: Console): vscode.Terminal {
    const repl = new ReplTerminal(board, console, true);
    const terminal = vscode.window.createTerminal({
      name: `${board.name} (watch)`,
      pty: repl,
      iconPath: new vscode.ThemeIcon('eye'),
      isTransient: true,
    });
    this.watches.set(board.id, { terminal, board });
    repl.onDidEnd(() => {
      if (this.watches.get(board.id)?.terminal === terminal) this.watches.delete(board.id);
    });
    return terminal;
  }

  private async make(board: Board): Promise<vscode.Terminal> {
    const repl = new ReplTerminal(board, await board.openConsole());
    const terminal = vscode.window.createTerminal({
      name: board.name,
      pty: repl,
      iconPath: new vscode.ThemeIcon('circuit-board'),
      isTransient: true,
    });
    this.open.set(board.id, { terminal, repl });
    repl.onDidEnd(() => {
      if (this.open.get(board.id)?.repl === repl) this.open.delete(board.id);
    });
    return terminal;
  }
}

class ReplTerminal implements vscode.Pseudoterminal {
  private readonly store = new DisposableStore();
  private readonly written = this.store.add(new vscode.EventEmitter<string>());
  private readonly renamed = this.store.add(new vscode.EventEmitter<string>());
  private readonly ended = new vscode.EventEmitter<void>();
  readonly onDidWrite = this.written.event;
  readonly onDidChangeName = this.renamed.event;
  readonly onDidEnd = this.ended.event;
  private readonly session: ReplSession;

  constructor(
    readonly board: Board,
    console: Console,
    watches = false,
  ) {
    const stop = (): void =>
      void vscode.commands.executeCommand('parley.stopProgram', { board: board.id });
    const write = (text: string): void => this.written.fire(text);
    this.session = this.store.add(
      new ReplSession(board, console, { write, stop }, systemClock, watches),
    );
    const name = (): string => (watches ? `${board.name} (watch)` : board.name);
    this.store.add(board.onDidChange(() => this.renamed.fire(name())));
  }

  open(): void {
    this.session.start();
  }

  close(): void {
    this.store.dispose();
    this.ended.fire();
    this.ended.dispose();
  }

  handleInput(text: string): void {
    this.session.handle(text);
  }
}
