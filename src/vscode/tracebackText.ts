/**
 * What in a line of a board's output can be followed: the place in a file, and the error.
 * Below: core/pythonAdvice. Above: terminalLinks.ts. No `vscode`: plain Node tests it.
 */
import { adviceForLine, type PythonAdvice } from '../core/pythonAdvice';

interface Found {
  /** Where it begins, in characters. */
  readonly at: number;
  readonly length: number;
}

export interface FrameLink extends Found {
  readonly kind: 'frame';
  /** As the board says it: "main.py", "lib/x.py". */
  readonly file: string;
  /** 1 or more. */
  readonly line: number;
}

export interface ErrorLink extends Found {
  readonly kind: 'error';
  readonly advice: PythonAdvice;
}

/** `File "x.py", line 3` wherever it stands; code typed at the prompt (`<stdin>`) has no file. */
const frame = /File "([^"<>]+)", line (\d+)/g;

export function findLinks(line: string): (FrameLink | ErrorLink)[] {
  const frames = [...line.matchAll(frame)].map((match): FrameLink => {
    const [text, file = '', number = '1'] = match;
    const at = match.index;
    return { kind: 'frame', at, length: text.length, file, line: Math.max(1, Number(number)) };
  });
  if (frames.length > 0) return frames;
  const text = line.trim();
  const advice = adviceForLine(text);
  return advice ? [{ kind: 'error', at: line.indexOf(text), length: text.length, advice }] : [];
}
