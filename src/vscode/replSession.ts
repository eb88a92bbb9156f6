/**
 * One terminal's conversation with a board: what the board prints as text, what is typed and pasted as
 * bytes, and what is said when neither can be. No `vscode`: plain Node tests it on virtual boards.
 * Below: Board's console, terminalText. Above: replTerminal.ts draws it.
 */
import type { Board, Console } from '../board/board';
import { systemClock, type Clock } from '../core/clock';
import { DisposableStore, type Disposable } from '../core/event';
import { boardDescription } from './boardText';
import {
  ASK_FOR_PASTES,
  bannerVersion,
  endsWithPrompt,
  faintLine,
  InputReader,
  inputToSend,
  pieces,
  TerminalDecoder,
} from './terminalText';
import { t } from '../core/words';

export interface ReplScreen {
  write(text: string): void;
  /** Ctrl-C while Run has a program on the board. */
  stop(): void;
}

/** Between the pieces of something pasted: time for a board at 115200 to take 64 bytes. */
const PIECE_MS = 10;
/** Kept until the terminal is drawn. Characters. */
const MOST_EARLY = 100_000;

export class ReplSession implements Disposable {
  private readonly decoder = new TerminalDecoder();
  private readonly input = new InputReader();
  private readonly disposables = new DisposableStore();
  private shown = false;
  private early = '';
  /** The end of what was printed, enough to know a prompt. */
  private tail = '';
  private hintedFor: string | undefined;
  private sending: Promise<void> = Promise.resolve();

  constructor(
    readonly board: Board,
    private readonly console: Console,
    private readonly screen: ReplScreen,
    private readonly clock: Clock = systemClock,
    /** Nothing is sent: it is a window on what others do with the board. */
    private readonly watches = false,
  ) {
    this.disposables.add(console);
    this.disposables.add(board.onConsole((bytes) => this.print(this.decoder.decode(bytes))));
    this.disposables.add(board.onConsoleNote((note) => this.print(faintLine(note))));
  }

  /** The terminal can be drawn on: says what it is, and what came before. */
  start(): void {
    this.shown = true;
    const where = `${this.board.name} · ${boardDescription(this.board)}`;
    const keys = this.watches
      ? t('watched: what is typed here is not sent')
      : t('Ctrl-C stops a program, Ctrl-D restarts MicroPython');
    this.screen.write(`${ASK_FOR_PASTES}\x1b[2m${where}\r\n${keys}\x1b[0m\r\n${this.early}`);
    this.early = '';
    // A carriage return makes a waiting prompt show itself.
    if (!this.watches) this.send('\r');
  }

  /** What the terminal got from its keyboard or clipboard. */
  handle(text: string): void {
    if (this.watches) this.hint();
    else for (const { text: part, pasted } of this.input.read(text)) this.take(part, pasted);
  }

  /** Resolves when all that was typed is with the board. */
  async sent(): Promise<void> {
    await this.sending;
  }

  dispose(): void {
    this.disposables.dispose();
  }

  /** Once, until it prints again. */
  private hint(): void {
    if (this.hintedFor === 'watch') return;
    this.hintedFor = 'watch';
    this.print(faintLine(t('this terminal only watches; open the REPL to type')));
  }

  private take(text: string, pasted: boolean): void {
    const operation = this.board.busyWith;
    if (operation === 'Run' && text === '\x03') {
      this.screen.stop();
    } else if (!operation || operation === 'Run') {
      this.hintedFor = undefined;
      this.send(inputToSend(text, !operation && endsWithPrompt(this.tail), pasted));
    } else if (this.hintedFor !== operation) {
      this.hintedFor = operation;
      this.print(
        faintLine(t('{operation} has the board; what is typed now is not sent', { operation })),
      );
    }
  }

  private send(text: string): void {
    const parts = pieces(new TextEncoder().encode(text));
    // One after the other: what is typed next waits for what was pasted before.
    this.sending = this.sending.then(async () => {
      for (const [index, part] of parts.entries()) {
        if (index > 0) await this.clock.sleep(PIECE_MS);
        await this.console.write(part).catch(() => undefined);
      }
    });
  }

  private print(text: string): void {
    if (!text) return;
    const version = bannerVersion(this.tail + text);
    if (version) this.board.learn({ micropython: version });
    this.tail = (this.tail + text).slice(-64);
    if (this.shown) this.screen.write(text);
    else this.early = (this.early + text).slice(-MOST_EARLY);
  }
}
