/**
 * Bytes of a board as text for a terminal, and typed text as bytes for a board.
 * Below: cells. Above: replSession.ts. No `vscode`: plain Node tests it.
 */

import { unindent } from './cells';

/** Turns a stream of bytes into terminal text; what is split between packets stays whole. */
export class TerminalDecoder {
  private readonly decoder = new TextDecoder('utf-8');
  private lastWasReturn = false;

  /** UTF-8 that is not finished waits for its rest; a lone LF also returns the carriage. */
  decode(bytes: Uint8Array): string {
    const text = this.decoder.decode(bytes, { stream: true });
    let out = '';
    for (const char of text) {
      if (char === '\n' && !this.lastWasReturn) out += '\r';
      this.lastWasReturn = char === '\r';
      out += char;
    }
    return out;
  }
}

/** MicroPython's version in the banner it prints at its prompt: "MicroPython v1.27.0 on 2025-12-…". */
export function bannerVersion(text: string): string | undefined {
  return /MicroPython v(\d+\.\d+(?:\.\d+)?\S*) on /.exec(text)?.[1];
}

/** The board's prompt as MicroPython prints it at the start of a line. */
const PROMPT = /(^|[\r\n])>>> $/;

/** True when the last thing printed is the prompt: only there do control characters mean a mode. */
export function endsWithPrompt(tail: string): boolean {
  return PROMPT.test(tail);
}

/** Asks the terminal to say where something pasted begins and ends (xterm, mode 2004). */
export const ASK_FOR_PASTES = '\x1b[?2004h';
const PASTE_BEGINS = '\x1b[200~';
const PASTE_ENDS = '\x1b[201~';

export interface Input {
  readonly text: string;
  readonly pasted: boolean;
}

/** Tells what is pasted from what is typed, also where a paste comes in several pieces. */
export class InputReader {
  private held: string | undefined;

  read(text: string): Input[] {
    const found: Input[] = [];
    let rest = text;
    for (;;) {
      if (this.held === undefined) {
        const at = rest.indexOf(PASTE_BEGINS);
        const typed = at < 0 ? rest : rest.slice(0, at);
        if (typed) found.push({ text: typed, pasted: false });
        if (at < 0) return found;
        this.held = '';
        rest = rest.slice(at + PASTE_BEGINS.length);
      }
      // The end mark itself may be cut in two.
      const all = this.held + rest;
      const at = all.indexOf(PASTE_ENDS);
      this.held = all;
      if (at < 0) return found;
      found.push({ text: all.slice(0, at), pasted: true });
      this.held = undefined;
      rest = all.slice(at + PASTE_ENDS.length);
      if (!rest) return found;
    }
  }
}

/**
 * What to send for `text`. Several lines at the prompt, or one with a tab or letters beyond ASCII
 * (which the prompt's own line editor drops, shared/readline), go through paste mode
 * (Ctrl-E, MicroPython's docs "The REPL"), where neither auto-indent nor completion mangles them, and
 * without the indent that all of them share. What is pasted elsewhere is a program's input.
 */
export function inputToSend(text: string, atPrompt: boolean, pasted = false): string {
  const lines = text.replace(/\r\n|\n/g, '\r');
  const several = lines.slice(0, -1).includes('\r');
  if (!atPrompt || !(several || (pasted && /[^ -~\r]/.test(lines)))) return lines;
  const plain = unindent(lines.split('\r')).join('\r');
  // A control character in what is pasted would be a command to the prompt.
  return `\x05${[...plain].filter((c) => c >= ' ' || c === '\r' || c === '\t').join('')}\x04`;
}

/** The ESP32's UART ring holds 260 bytes and the friendly prompt has no flow control. */
const PIECE_BYTES = 64;

/** `bytes` in pieces a board can take one after the other. */
export function pieces(bytes: Uint8Array): Uint8Array[] {
  const result: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    result.push(bytes.subarray(at, at + PIECE_BYTES));
  }
  return result;
}

/** Text in the terminal's faint style, on a line of its own. */
export function faintLine(text: string): string {
  return `\r\n\x1b[2m— ${text}\x1b[0m\r\n`;
}
