/**
 * A MicroPython traceback as data.
 * Below: nothing. Above: rawRepl.ts and filesystem.ts read the error, the editor jumps to a frame.
 */
import { BoardError } from '../core/errors';

export interface TracebackFrame {
  /** As the board says it: a path on the board, or `<stdin>` for code sent over the prompt. */
  readonly file: string;
  /** 1 or more. */
  readonly line: number;
  /** Missing for a SyntaxError. */
  readonly function?: string;
}

export interface Traceback {
  /** Outermost call first, as printed. */
  readonly frames: readonly TracebackFrame[];
  /** Name of the exception class ("OSError"); '' when the text holds none. */
  readonly type: string;
  /** What follows the class name; may have several lines. */
  readonly message: string;
  /** For an OSError its number, else undefined. Firmware before 1.14 prints the number alone. */
  readonly errno?: number;
}

const frameLine = /^ {2}File "(.*)", line (\d+)(?:, in (.+))?$/;

/** Parses what a board printed on its error channel. Never throws; the last traceback counts. */
export function parseTraceback(text: string): Traceback {
  const lines = text.split(/\r?\n/);
  const start = lines.lastIndexOf('Traceback (most recent call last):');
  const frames: TracebackFrame[] = [];
  let index = start + 1;
  for (; index < lines.length; index++) {
    const match = frameLine.exec(lines[index] ?? '');
    if (!match) break;
    const [, file = '', line = '0', name] = match;
    frames.push({ file, line: Number(line), ...(name === undefined ? {} : { function: name }) });
  }
  const said = lines.slice(index).join('\n').trim();
  const [, type = '', message = ''] = /^([A-Za-z_][\w.]*)(?::\s?([\s\S]*))?$/.exec(said) ?? [
    '',
    '',
    said,
  ];
  const number = type === 'OSError' ? /^(?:\[Errno (\d+)\]|\(?(\d+)\b)/.exec(message) : null;
  const errno = number ? Number(number[1] ?? number[2]) : undefined;
  return { frames, type, message, ...(errno === undefined ? {} : { errno }) };
}

/** `text` with the file of prompt code (`<stdin>`) called `fileName`. */
export function nameStdin(text: string, fileName: string): string {
  return text.replaceAll('File "<stdin>"', () => `File "${fileName}"`);
}

/** The last line that says something: "NameError: name 'x' isn't defined". */
export function lastLine(text: string): string {
  return text.trim().split(/\r?\n/).at(-1) ?? '';
}

/** True for what MicroPython says of an exception: a traceback, or the name of one alone. */
export function isException(text: string): boolean {
  return text.includes('Traceback (') || /^[A-Za-z_]\w*(?::|$)/.test(lastLine(text));
}

/** What the board said did not arrive as it was said. */
export function damagedAnswer(said: string, cause?: unknown): BoardError {
  const details = { seen: said.slice(0, 100), reason: 'damaged' };
  return new BoardError('port-failed', 'an answer arrived damaged', { cause, details });
}
