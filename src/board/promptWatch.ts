/**
 * Whether a board waits at its prompt or runs a program, from what passes over its console.
 * Below: time, micropython. Above: Board feeds it; the tree shows it and the files ask it.
 */
import type { Clock } from '../core/clock';
import type { Disposable } from '../core/event';
import { NO_PROGRAM } from '../micropython/seekPrompt';
import { typedLine, type TypedLine } from './typedLine';

/** A command that answers sooner than this is not "a program that runs". Milliseconds. */
const PATIENCE_MS = 600;
/** The friendly prompt with or without something typed behind it, as the last line. */
const promptLine = /(?:^|[\r\n])(?:>>> |\.\.\. )[^\r\n]*$/;
const emptyPrompt = /(?:^|[\r\n])>>> $/;

/** What the ROM prints last in download mode. */
const inLoader = /waiting for download\r?\n$/;

/** undefined: nobody knows (nothing was heard of it since it was plugged in or reset). */
export type Activity = 'prompt' | 'running' | 'loader' | undefined;

export class PromptWatch implements Disposable {
  private tail = '';
  private state: Activity;
  private waiting: Disposable | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly changed: () => void,
  ) {}

  get activity(): Activity {
    return this.state;
  }

  /** True when the last line is a prompt, be it with a half-typed line behind it. */
  get promptShows(): boolean {
    return promptLine.test(this.tail);
  }

  /** True when the last line is the prompt and nothing else: it needs not be printed again. */
  get emptyPromptShows(): boolean {
    return emptyPrompt.test(this.tail);
  }

  /** What stands behind the prompt and was not sent yet; undefined where nobody can tell. */
  get typedLine(): TypedLine | undefined {
    return typedLine(Buffer.from(this.tail, 'latin1').toString('utf8'));
  }

  /** What the board printed on its console. */
  printed(bytes: Uint8Array): void {
    // Whatever a chip prints next, it is in its loader no more.
    if (this.state === 'loader') this.set(undefined);
    this.tail = (this.tail + Buffer.from(bytes).toString('latin1')).slice(-1000);
    if (inLoader.test(this.tail)) this.set('loader');
    else if (emptyPrompt.test(this.tail)) this.set('prompt');
    else if (this.state === undefined && !this.waiting) this.runsUnlessPrompt();
  }

  /** What was typed: after Enter or Ctrl-D a program may run. */
  typed(bytes: Uint8Array): void {
    if (bytes.some((byte) => byte === 0x0d || byte === 0x0a || byte === 0x04)) {
      this.runsUnlessPrompt();
    }
  }

  /** An operation found out, or made it so; undefined forgets. */
  set(state: Activity): void {
    this.waiting?.dispose();
    this.waiting = undefined;
    if (state !== 'prompt') this.tail = '';
    if (state === this.state) return;
    this.state = state;
    this.changed();
  }

  dispose(): void {
    this.waiting?.dispose();
  }

  private runsUnlessPrompt(): void {
    this.waiting?.dispose();
    this.waiting = this.clock.after(PATIENCE_MS, () => {
      this.waiting = undefined;
      // A chip that finds no program in its flash runs none.
      if (!this.promptShows && !this.tail.includes(NO_PROGRAM)) this.set('running');
    });
  }
}
