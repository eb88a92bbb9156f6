/**
 * What stands behind the prompt and was not sent yet, read from what the board echoed.
 * Below: nothing. Above: PromptWatch; Board types it again after an operation.
 * Facts: MicroPython's shared/readline/readline.c moves with BS and `ESC [ n D`, clears with `ESC [ K`.
 */

export interface TypedLine {
  readonly text: string;
  /** How many characters the cursor stands before the end. */
  readonly back: number;
}

/**
 * @param tail the end of what was printed
 * @returns undefined where the last line is no prompt, or was edited in a way that is not understood
 */
export function typedLine(tail: string): TypedLine | undefined {
  const start = Math.max(tail.lastIndexOf('\n'), tail.lastIndexOf('\r')) + 1;
  const line = tail.slice(start);
  if (!line.startsWith('>>> ')) return undefined;
  const echoed = line.slice(4);
  const chars: string[] = [];
  let cursor = 0;
  for (let i = 0; i < echoed.length;) {
    const rest = echoed.slice(i);
    const move = cursorMove(rest);
    if (move) {
      const { length, kind, by } = move;
      if (kind === 'K') chars.length = cursor;
      else cursor += kind === 'C' ? by : -by;
      if (cursor < 0 || cursor > chars.length) return undefined;
      i += length;
      continue;
    }
    const char = [...rest][0] ?? '';
    if (char < ' ') return undefined;
    chars[cursor++] = char;
    i += char.length;
  }
  return { text: chars.join(''), back: chars.length - cursor };
}

/** BS, `ESC [ n D`, `ESC [ n C` or `ESC [ K` at the beginning of `text`. */
function cursorMove(text: string): { length: number; kind: string; by: number } | undefined {
  if (text.startsWith('\b')) return { length: 1, kind: 'D', by: 1 };
  if (!text.startsWith('\x1b[')) return undefined;
  const [all, count, kind] = /^(\d*)([DCK])/.exec(text.slice(2)) ?? [];
  if (all === undefined || kind === undefined) return undefined;
  return { length: all.length + 2, kind, by: Number(count || 1) };
}

/** What to type at an empty prompt so that the line stands there as before. */
export function retype({ text, back }: TypedLine): string {
  return text + '\x1b[D'.repeat(back);
}
