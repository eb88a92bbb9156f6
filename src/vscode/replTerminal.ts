/**
 * A terminal on a board's console: what it prints, and what is typed.
 * Below: Board, terminalText. Above: Open REPL and Run. One terminal a board.
 * The port may come and go; what was printed stays, and a faint line says what happened.
 */
import * as vscode from 'vscode';
import type { Board, Console } from '../board/board';
import { systemClock } from '../core/clock';
import { DisposableStore, type Disposable } from '../core/event';
import { boardDescription } from './boardText';
import {
  bannerVersion,
  endsWithPrompt,
  faintLine,
  inputToSend,
  pieces,
  TerminalDecoder,
} from './terminalText';

/** Between the pieces of something pasted: time for a board at 115200 to take 64 bytes. */
const PIECE_MS = 10;

export class ReplTerminals implements Disposable {
  private readonly open = new Map<string, { terminal: vscode.Terminal; repl: ReplTerminal }>();

  /**
   * Opens the board's terminal, or brings the open one forward; resolves when it is connected.
   * @throws BoardError port-not-found, port-busy, port-permission, port-failed
   */
  async show(board: Board, options: { preserveFocus?: boolean } = {}): Promise<vscode.Terminal> {
    const before = this.open.get(board.id);
    if (before) {
      before.terminal.show(options.preserveFocus);
      return before.terminal;
    }
    const repl = await ReplTerminal.connect(board);
    const terminal = vscode.window.createTerminal({
      name: board.name,
      pty: repl,
      iconPath: new vscode.ThemeIcon('circuit-board'),
      isTransient: true,
    });
    this.open.set(board.id, { terminal, repl });
    repl.onDidEnd(() => this.open.delete(board.id));
    terminal.show(options.preserveFocus);
    return terminal;
  }

  /** The board whose console a terminal shows. */
  boardOf(terminal: vscode.Terminal): Board | undefined {
    for (const { terminal: own, repl } of this.open.values())
      if (own === terminal) return repl.board;
    return undefined;
  }

  dispose(): void {
    for (const { terminal } of this.open.values()) terminal.dispose();
    this.open.clear();
  }
}

export class ReplTerminal implements vscode.Pseudoterminal {
  private readonly written = new vscode.EventEmitter<string>();
  private readonly renamed = new vscode.EventEmitter<string>();
  private readonly ended = new vscode.EventEmitter<void>();
  readonly onDidWrite = this.written.event;
  readonly onDidChangeName = this.renamed.event;
  readonly onDidEnd = this.ended.event;

  private readonly decoder = new TerminalDecoder();
  private readonly disposables = new DisposableStore();
  private shown = false;
  private early = '';
  /** The end of what was printed, enough to know a prompt. */
  private tail = '';
  private hintedFor: string | undefined;
  private sending: Promise<void> = Promise.resolve();

  private constructor(
    readonly board: Board,
    private readonly console: Console,
  ) {
    this.disposables.add(console);
    this.disposables.add(board.onConsole((bytes) => this.print(this.decoder.decode(bytes))));
    this.disposables.add(board.onConsoleNote((note) => this.print(faintLine(note))));
    this.disposables.add(board.onDidChange(() => this.renamed.fire(board.name)));
  }

  /** @throws BoardError when the port cannot be opened */
  static async connect(board: Board): Promise<ReplTerminal> {
    return new ReplTerminal(board, await board.openConsole());
  }

  open(): void {
    this.shown = true;
    const where = `${this.board.name} · ${boardDescription(this.board)}`;
    const keys = 'Ctrl-C stops a program, Ctrl-D restarts MicroPython';
    this.written.fire(`\x1b[2m${where}\r\n${keys}\x1b[0m\r\n${this.early}`);
    this.early = '';
    // A carriage return makes a waiting prompt show itself.
    this.send('\r');
  }

  close(): void {
    this.disposables.dispose();
    this.ended.fire();
  }

  handleInput(text: string): void {
    const operation = this.board.busyWith;
    if (!operation) {
      this.hintedFor = undefined;
      this.send(inputToSend(text, endsWithPrompt(this.tail)));
    } else if (operation === 'Run' && text === '\x03') {
      void vscode.commands.executeCommand('parley.stopProgram', { board: this.board.id });
    } else if (this.hintedFor !== operation) {
      this.hintedFor = operation;
      this.print(faintLine(busyHint(operation)));
    }
  }

  private send(text: string): void {
    const parts = pieces(new TextEncoder().encode(text));
    // One after the other: what is typed next waits for what was pasted before.
    this.sending = this.sending.then(async () => {
      for (const [index, part] of parts.entries()) {
        if (index > 0) await systemClock.sleep(PIECE_MS);
        await this.console.write(part).catch(() => undefined);
      }
    });
  }

  private print(text: string): void {
    if (!text) return;
    const version = bannerVersion(this.tail + text);
    if (version) this.board.learn({ micropython: version });
    this.tail = (this.tail + text).slice(-64);
    if (this.shown) this.written.fire(text);
    else this.early = (this.early + text).slice(-100_000);
  }
}

function busyHint(operation: string): string {
  return operation === 'Run'
    ? 'a program runs here; Ctrl-C stops it'
    : `${operation} has the board; what is typed now is not sent`;
}
