/**
 * Bytes of a board as text for a terminal, and typed text as bytes for a board.
 * Below: nothing. Above: replTerminal.ts. No `vscode`: plain Node tests it.
 */

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

/**
 * What to send for `text` typed or pasted. Several lines pasted at the prompt go through paste
 * mode (Ctrl-E, MicroPython's docs "The REPL"), where auto-indent does not mangle them.
 */
export function inputToSend(text: string, atPrompt: boolean): string {
  const lines = text.replace(/\r\n|\n/g, '\r');
  const several = lines.slice(0, -1).includes('\r');
  return several && atPrompt ? `\x05${lines}\x04` : lines;
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
